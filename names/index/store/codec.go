package store

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
	"blockstack/names/state"
)

// writer appends values in the form that reader takes apart.
//
//	number = unsigned LEB128 (encoding/binary's uvarint), at most 10 bytes
//	bytes  = number (length) *byte
//	flags  = byte, bit 0 first
//	hash   = its bytes, fixed length
//	place  = number (height) number (index) hash (32)
type writer struct{ b []byte }

func (w *writer) number(v uint64)     { w.b = binary.AppendUvarint(w.b, v) }
func (w *writer) height(v int32)      { w.number(uint64(uint32(v))) }
func (w *writer) bytes(v []byte)      { w.number(uint64(len(v))); w.b = append(w.b, v...) }
func (w *writer) text(v string)       { w.number(uint64(len(v))); w.b = append(w.b, v...) }
func (w *writer) fixed(v []byte)      { w.b = append(w.b, v...) }
func (w *writer) byte(v byte)         { w.b = append(w.b, v) }
func (w *writer) big(v *big.Int)      { w.bytes(v.Bytes()) } // never negative
func (w *writer) signed(v int64)      { w.b = binary.AppendVarint(w.b, v) }
func (w *writer) float(v float64)     { w.b = binary.BigEndian.AppendUint64(w.b, math.Float64bits(v)) }
func (w *writer) place(v state.Place) { w.height(v.Height); w.height(v.Index); w.fixed(v.Txid[:]) }
func (w *writer) flags(f ...bool) {
	var v byte
	for i, on := range f {
		if on {
			v |= 1 << i
		}
	}
	w.byte(v)
}

// script writes an output script; p2pkh and p2sh, which nearly all are, take 21 bytes.
//
//	script = 0 bytes / 1 hash (p2pkh) / 2 hash (p2sh)
func (w *writer) script(v []byte) {
	switch t, hash := names.ScriptHash160(v); t {
	case names.PubKeyHash:
		w.byte(1)
		w.fixed(hash)
	case names.ScriptHash:
		w.byte(2)
		w.fixed(hash)
	default:
		w.byte(0)
		w.bytes(v)
	}
}

// reader takes stored bytes apart. After the first thing that does not fit, every further value is
// zero and err is set. Slices that it gives are copies, since the store's memory is only borrowed.
type reader struct {
	b   []byte
	err error
}

func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s", ErrCorrupt, what)
	}
	r.b = nil
}

func (r *reader) take(n int) []byte {
	if n > len(r.b) {
		r.fail("value is cut short")
		return nil
	}
	v := r.b[:n]
	r.b = r.b[n:]
	return v
}

func (r *reader) number() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail("number is cut short")
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) signed() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.fail("number is cut short")
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) height() int32 {
	v := r.number()
	if v > math.MaxUint32 {
		r.fail("height is out of range")
		return 0
	}
	return int32(uint32(v))
}

// count reads how many elements of at least size bytes follow.
func (r *reader) count(size int) int {
	v := r.number()
	if v > uint64(len(r.b)/size) {
		r.fail("field or list is cut short")
		return 0
	}
	return int(v)
}

func (r *reader) bytes() []byte {
	v := r.take(r.count(1))
	if len(v) == 0 {
		return nil
	}
	return append([]byte(nil), v...)
}

func (r *reader) text() string { return string(r.take(r.count(1))) }

func (r *reader) fixed(dst []byte) { copy(dst, r.take(len(dst))) }

func (r *reader) byte() byte {
	if v := r.take(1); v != nil {
		return v[0]
	}
	return 0
}

func (r *reader) flags(f ...*bool) {
	v := r.byte()
	for i, p := range f {
		*p = v&(1<<i) != 0
	}
	if v>>len(f) != 0 {
		r.fail("unknown flag")
	}
}

func (r *reader) big() *big.Int { return new(big.Int).SetBytes(r.bytes()) }

func (r *reader) float() float64 {
	v := r.take(8)
	if v == nil {
		return 0
	}
	return math.Float64frombits(binary.BigEndian.Uint64(v))
}

func (r *reader) place() state.Place {
	p := state.Place{Height: r.height(), Index: r.height()}
	r.fixed(p.Txid[:])
	return p
}

func (r *reader) script() []byte {
	var hash [20]byte
	switch kind := r.byte(); kind {
	case 0:
		return r.bytes()
	case 1:
		r.fixed(hash[:])
		return names.PubKeyHashScript(hash)
	case 2:
		r.fixed(hash[:])
		return names.ScriptHashScript(hash)
	}
	r.fail("unknown script form")
	return nil
}

// end checks that nothing is left.
func (r *reader) end() error {
	if r.err == nil && len(r.b) > 0 {
		r.fail("bytes left over")
	}
	return r.err
}

// hash32 reads a 32-byte hash.
func (r *reader) hash32() (h chainhash.Hash) {
	r.fixed(h[:])
	return h
}
