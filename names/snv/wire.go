package snv

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
)

// reader takes a proof apart. After the first error everything it gives is zero; err says what was
// wrong, and wraps ErrMalformed. It never gives more than is there, so nothing that it gives has to
// be bounded again.
type reader struct {
	b    []byte // what is left
	size int    // of the whole, for messages
	err  error
}

func newReader(b []byte) *reader { return &reader{b: b, size: len(b)} }

// fail notes what is wrong, unless something was before.
func (r *reader) fail(format string, a ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: at byte %d: %s", ErrMalformed, r.size-len(r.b), fmt.Sprintf(format, a...))
		r.b = nil
	}
}

// take gives the next n bytes, of the memory that was given.
func (r *reader) take(n uint64) []byte {
	if r.err != nil {
		return nil
	}
	if n > uint64(len(r.b)) {
		r.fail("it ends within a value")
		return nil
	}
	out := r.b[:n:n]
	r.b = r.b[n:]
	return out
}

func (r *reader) octet() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

// number reads an int; only the shortest form is one.
func (r *reader) number() uint64 {
	if r.err != nil {
		return 0
	}
	v, n := binary.Uvarint(r.b)
	if n <= 0 || n > 1 && r.b[n-1] == 0 {
		r.fail("not a number in its shortest form")
		return 0
	}
	r.b = r.b[n:]
	return v
}

// bytes reads a length and as many bytes.
func (r *reader) bytes() []byte { return r.take(r.number()) }

// maxValue is the most bytes of a value of an operation: more than a script has, where the longest
// of them come from.
const maxValue = 10_000

// value reads bytes that are a value of an operation.
func (r *reader) value() []byte {
	n := r.number()
	if n > maxValue {
		r.fail("a value of %d bytes", n)
		return nil
	}
	return r.take(n)
}

// count reads a number of elements of at least size bytes each; more than are there cannot be.
func (r *reader) count(size int) int {
	n := r.number()
	if n > uint64(len(r.b)/size) {
		r.fail("it ends within a list")
		return 0
	}
	return int(n)
}

// height reads a block height.
func (r *reader) height() int32 {
	v := r.number()
	if v > math.MaxInt32-1 {
		r.fail("%d is no block height", v)
		return 0
	}
	return int32(v)
}

func (r *reader) hash() (h chainhash.Hash) {
	copy(h[:], r.take(chainhash.HashSize))
	return h
}

func (r *reader) consensus() (h names.ConsensusHash) {
	copy(h[:], r.take(uint64(len(h))))
	return h
}

// The writing half, in the same order.

func appendNumber[T int | int32 | uint64](b []byte, v T) []byte {
	return binary.AppendUvarint(b, uint64(v))
}

func appendBytes(b, v []byte) []byte { return append(appendNumber(b, len(v)), v...) }
