package resolver

import (
	"errors"
	"fmt"
	"strings"

	"blockstack/names"
)

var (
	// ErrNoZoneFile means that the record has a zone-file hash but no source has bytes that hash to
	// it. The error is a *NoZoneFileError, which lists what was tried.
	ErrNoZoneFile = errors.New("zone file not found")
	// ErrUnreachable means that something on the network or the disk did not answer, so nothing is
	// known.
	ErrUnreachable = errors.New("unreachable")
	// ErrMissing means that a source or a server answered, and does not have what was asked for.
	ErrMissing = errors.New("not there")
	// ErrRefused is wrapped by every error about a URL or an answer that the rules do not let
	// through; the error is a *RefusedError.
	ErrRefused = errors.New("refused")
	// ErrTooLarge means that an answer is larger than allowed.
	ErrTooLarge = errors.New("answer is too large")
	// ErrMismatch means that a source gave bytes for a hash that do not hash to it.
	ErrMismatch = errors.New("bytes do not match the hash")
	// ErrProxy means that the proxy itself does not answer, so that nothing behind it was reached.
	// It comes together with ErrUnreachable.
	ErrProxy = errors.New("proxy does not answer")
	// ErrOffline means that the network would have been needed and was not allowed. It comes
	// together with ErrUnreachable.
	ErrOffline = errors.New("offline")
)

// RefusedError says which URL was refused and why. It wraps ErrRefused.
type RefusedError struct{ URL, Reason string }

// Error quotes the URL, because it may hold anything.
func (e *RefusedError) Error() string { return fmt.Sprintf("%s: %s", quote(e.URL), e.Reason) }

// Unwrap gives ErrRefused.
func (e *RefusedError) Unwrap() error { return ErrRefused }

// StatusError is an HTTP answer that is neither the content nor "not there". It wraps
// ErrUnreachable: such a server says nothing.
type StatusError struct {
	URL  string
	Code int
}

// Error gives the code.
func (e *StatusError) Error() string { return fmt.Sprintf("%s: http status %d", quote(e.URL), e.Code) }

// Unwrap gives ErrUnreachable.
func (e *StatusError) Unwrap() error { return ErrUnreachable }

// Attempt is one source that was asked for a zone file and did not give it.
type Attempt struct {
	Source string
	Err    error // wraps ErrMissing when the source answered that it does not have it
}

// NoZoneFileError lists the sources that were asked. It wraps ErrNoZoneFile, and ErrUnreachable too
// when at least one source did not answer or gave wrong bytes: then the zone file may exist all the
// same.
type NoZoneFileError struct {
	Hash  names.ZoneFileHash
	Tried []Attempt
}

// Error lists what was tried.
func (e *NoZoneFileError) Error() string {
	if len(e.Tried) == 0 {
		return fmt.Sprintf("zone file %s: no source to read it from", e.Hash)
	}
	tried := make([]string, len(e.Tried))
	for i, a := range e.Tried {
		tried[i] = fmt.Sprintf("%s: %v", a.Source, a.Err)
	}
	return fmt.Sprintf("zone file %s: not found; tried %s", e.Hash, strings.Join(tried, "; "))
}

// Unwrap gives ErrNoZoneFile, and ErrUnreachable when a source failed.
func (e *NoZoneFileError) Unwrap() []error {
	errs := []error{ErrNoZoneFile}
	for _, a := range e.Tried {
		if !errors.Is(a.Err, ErrMissing) {
			return append(errs, ErrUnreachable)
		}
	}
	return errs
}

// quote shows hostile text safely and not endlessly.
func quote(s string) string {
	const limit = 200
	if len(s) > limit {
		return fmt.Sprintf("%+q…", s[:limit])
	}
	return fmt.Sprintf("%+q", s)
}
