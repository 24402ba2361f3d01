package snv

import (
	"errors"
	"testing"

	"blockstack/names"
	"blockstack/names/nameop"
)

// TestNothingIsReadInVain cuts proofs where the operations begin: what a proof is about is compared
// with what is trusted before that.
func TestNothingIsReadInVain(t *testing.T) {
	w := openWorld(t, lifecycle)
	name, _ := subject(t, w)
	n, err := names.Parse(name)
	if err != nil {
		t.Fatal(err)
	}
	height := w.tip.Height
	// head writes a proof up to its headers; with less, the last operation's transaction is left
	// out.
	head := func(less int) []byte {
		m := &prover{ctx: t.Context(), x: w, c: w, p: w.Params(), name: n, o: Options{Height: height}, codec: newCodec(w.Params())}
		if err := m.find(); err != nil {
			t.Fatal(err)
		}
		m.list = m.list[:len(m.list)-less]
		rules := Rules(m.p)
		m.b = appendBytes(append(m.b, rules[:]...), []byte(name))
		m.b = appendNumber(appendNumber(m.b, height), m.last.Height)
		for _, step := range []func() error{m.writeIncluded, m.writeHeaders} {
			if err := step(); err != nil {
				t.Fatal(err)
			}
		}
		return m.b
	}
	var other *OtherHeightError
	if _, err := Verify(t.Context(), w.Params(), head(0), w.anchor(t, height-1)); !errors.As(err, &other) || other.Proof != height || other.Trusted != height-1 {
		t.Errorf("another height: %v", err)
	}
	var block *UntrustedBlockError
	if _, err := Verify(t.Context(), w.Params(), head(0), w.block(height-1)); !errors.As(err, &block) || block.Have != w.hashes[height-w.first] {
		t.Errorf("another block: %v", err)
	}
	for label, trust := range map[string]Trust{"consensus": w.anchor(t, height), "block": w.block(height)} {
		if _, err := Verify(t.Context(), w.Params(), head(1), trust); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: last transaction is of an earlier operation: %v", label, err)
		}
		if _, err := Verify(t.Context(), w.Params(), head(0), trust); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: it ends before the operations: %v", label, err)
		}
	}
}

// TestBoundsOfBlocks is about blocks that are larger than Bitcoin's, and values that nothing in
// them is as long as.
func TestBoundsOfBlocks(t *testing.T) {
	c := newCodec(names.Mainnet())
	// transfer writes a token transfer at a position, with a unit of some length.
	transfer := func(b []byte, at, unit int) []byte {
		b = append(b, byte(nameop.OpTokenTransfer), scriptNone, scriptNone)
		b = appendBytes(b, make([]byte, unit))
		b = appendNumber(appendNumber(b, 0), 0) // fee, height
		b = append(b, make([]byte, 32)...)
		b = appendNumber(b, at)
		b = append(b, make([]byte, 16)...)
		return appendBytes(b, nil)
	}
	read := func(b []byte) error {
		v := &verifier{ctx: t.Context(), p: names.Mainnet(), codec: c, r: newReader(b)}
		_, _, err := v.readBlock(1)
		return errors.Join(err, v.r.err)
	}
	for count, want := range map[int]error{maxBlockOps: nil, maxBlockOps + 1: ErrMalformed} {
		b := appendNumber(nil, count)
		for at := range count {
			b = transfer(b, at, 6)
		}
		if err := read(b); !errors.Is(err, want) || want == nil && err != nil {
			t.Errorf("%d operations: %v", count, err)
		}
	}
	for unit, want := range map[int]error{maxValue: nil, maxValue + 1: ErrMalformed} {
		if err := read(transfer(appendNumber(nil, 1), 0, unit)); !errors.Is(err, want) || want == nil && err != nil {
			t.Errorf("a value of %d bytes: %v", unit, err)
		}
	}
}
