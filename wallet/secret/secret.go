// Package secret holds bytes that must not leave the process by accident: passwords, seeds, private
// keys.
//
// A Bytes prints as a placeholder under every verb of package fmt, refuses
// every marshaller, cannot be compared with ==, and is zeroed by Wipe. There is
// no way to or from a Go string: strings cannot be wiped, so text enters as
// []byte (New, Copy, ReadLine) and is looked at only inside Use.
package secret

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
)

// Placeholder is what a Bytes prints as, whatever it holds.
const Placeholder = "[secret]"

// ErrMarshal is returned by every attempt to marshal a Bytes.
var ErrMarshal = errors.New("a secret cannot be marshalled")

// Bytes is a buffer of secret bytes. The zero value is empty. Its copies share one buffer: wiping
// one wipes all. It is safe for concurrent use.
type Bytes struct {
	_ [0]func() // not comparable
	// The data stands behind two pointers, so that package fmt, which cannot call methods on
	// unexported fields of other structs, prints an address there and never follows it to the
	// bytes.
	p **buffer
}

type buffer struct {
	mu sync.RWMutex
	b  []byte
}

// New returns a Bytes that takes over b. The caller must not use b afterwards: Wipe zeroes it.
func New(b []byte) *Bytes {
	buf := &buffer{b: b}
	return &Bytes{p: &buf}
}

// Copy returns a Bytes with a copy of b. The caller keeps b and has to wipe it.
func Copy(b []byte) *Bytes {
	return New(append(make([]byte, 0, len(b)), b...))
}

func (s *Bytes) buffer() *buffer {
	if s == nil || s.p == nil {
		return nil
	}
	return *s.p
}

// Use calls f with the secret bytes. They are valid only during the call, must not be kept or
// changed, and are nil when the secret is empty or wiped. Calling Wipe on the same secret inside f
// blocks for ever.
func (s *Bytes) Use(f func(b []byte)) {
	buf := s.buffer()
	if buf == nil {
		f(nil)
		return
	}
	buf.mu.RLock()
	defer buf.mu.RUnlock()
	f(buf.b)
}

// Clone returns an independent copy of the secret.
func (s *Bytes) Clone() *Bytes {
	var c *Bytes
	s.Use(func(b []byte) { c = Copy(b) })
	return c
}

// Len is the number of secret bytes, 0 after Wipe.
func (s *Bytes) Len() int {
	n := 0
	s.Use(func(b []byte) { n = len(b) })
	return n
}

// Equal reports whether both hold the same bytes, in time that depends only on the length.
func (s *Bytes) Equal(o *Bytes) bool {
	if s.buffer() == o.buffer() {
		return true
	}
	equal := false
	s.Use(func(a []byte) {
		o.Use(func(b []byte) { equal = subtle.ConstantTimeCompare(a, b) == 1 })
	})
	return equal
}

// Wipe zeroes the bytes and forgets them. A second call does nothing.
func (s *Bytes) Wipe() {
	buf := s.buffer()
	if buf == nil {
		return
	}
	buf.mu.Lock()
	defer buf.mu.Unlock()
	Zero(buf.b)
	buf.b = nil
}

// Zero overwrites b with zeroes.
func Zero(b []byte) {
	clear(b)
}

// Format implements fmt.Formatter: every verb and flag prints Placeholder.
func (Bytes) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Placeholder) }

// String returns Placeholder.
func (Bytes) String() string { return Placeholder }

// GoString returns Placeholder.
func (Bytes) GoString() string { return Placeholder }

// LogValue implements slog.LogValuer with Placeholder.
func (Bytes) LogValue() slog.Value { return slog.StringValue(Placeholder) }

// MarshalJSON fails with ErrMarshal.
func (Bytes) MarshalJSON() ([]byte, error) { return nil, ErrMarshal }

// MarshalText fails with ErrMarshal.
func (Bytes) MarshalText() ([]byte, error) { return nil, ErrMarshal }

// MarshalBinary fails with ErrMarshal.
func (Bytes) MarshalBinary() ([]byte, error) { return nil, ErrMarshal }

// GobEncode fails with ErrMarshal.
func (Bytes) GobEncode() ([]byte, error) { return nil, ErrMarshal }

// MarshalYAML fails with ErrMarshal.
func (Bytes) MarshalYAML() (any, error) { return nil, ErrMarshal }
