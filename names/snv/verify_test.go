package snv

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
	"blockstack/names/index"
	"blockstack/names/nameop"
	"blockstack/names/state"
)

// lifecycle is a chain with every kind of operation: imports, a name through all of its operations,
// other names beside it.
const lifecycle = "chain/d01-lifecycle.json"

// subject is a name of it with several operations, and the height of the last one.
func subject(t testing.TB, w *world) (name string, ops []index.HistoryEntry) {
	t.Helper()
	err := w.Export(t.Context(), func(rec names.Record) error {
		history, err := w.History(t.Context(), rec.Name)
		if len(history) > len(ops) {
			name, ops = rec.Name.String(), history
		}
		return err
	})
	if err != nil || len(ops) < 4 {
		t.Fatalf("%d operations: %v", len(ops), err)
	}
	return name, ops
}

// TestEveryByteCounts changes each byte of a proof. With the block trusted too, no change goes
// unnoticed. With a trusted consensus hash alone nothing but work protects the headers, of which a
// test chain has none to speak of: only there may a change be taken, and never changes the record.
func TestEveryByteCounts(t *testing.T) {
	w := openWorld(t, lifecycle)
	name, ops := subject(t, w)
	height := ops[len(ops)-2].At.Height
	made := w.prove(t, name, height)
	consensus, block := w.anchor(t, height), w.block(height)
	both := Trust{Anchors: consensus.Anchors, Blocks: block.Blocks}
	short := func(height int32) []byte {
		header := w.raw[w.hashes[height-w.first]]
		return slices.Concat(header[:4], header[36:80])
	}
	first := bytes.Index(made.Raw, short(made.Statement.Operations[0].Height)) - chainhash.HashSize
	end := bytes.Index(made.Raw, short(height)) + shortHeader
	if first < 0 || end < shortHeader {
		t.Fatal("the headers are not in the proof")
	}
	raw := slices.Clone(made.Raw)
	for i := range raw {
		for _, flip := range []byte{1 << (i % 8), 0xff} { // the test of bundles goes through all bits
			raw[i] ^= flip
			if s, err := Verify(t.Context(), w.Params(), raw, consensus); err == nil {
				if i < first || i >= end || !sameRecord(s.Record, made.Statement.Record) {
					t.Fatalf("byte %d, flipped by %02x: verifies as %+v", i, flip, s)
				}
				if _, err := Verify(t.Context(), w.Params(), raw, both); err == nil { // refused above is refused here
					t.Fatalf("byte %d, flipped by %02x: verifies with the block trusted", i, flip)
				}
			}
			raw[i] ^= flip
		}
	}
	for n := range raw {
		if _, err := Verify(t.Context(), w.Params(), raw[:n], consensus); !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrRefused) {
			t.Errorf("cut after %d bytes: %v", n, err)
		}
	}
	if _, err := Verify(t.Context(), w.Params(), append(raw, 0), both); !errors.Is(err, ErrMalformed) {
		t.Errorf("with a byte more: %v", err)
	}
}

// TestTrust is about what a proof shows with each kind of trust.
func TestTrust(t *testing.T) {
	w := openWorld(t, lifecycle)
	name, _ := subject(t, w)
	height := w.tip.Height
	made := w.prove(t, name, height)
	other := w.anchor(t, height-1)
	for _, c := range []struct {
		label                string
		trust                Trust
		ownership, inclusion bool
		err                  any // pointer to the type of the error, or a sentinel
	}{
		{"nothing", Trust{}, false, false, ErrNoTrust},
		{"consensus", w.anchor(t, height), true, false, nil},
		{"block", w.block(height), false, true, nil},
		{"both", Trust{w.anchor(t, height).Anchors, w.block(height).Blocks}, true, true, nil},
		{"several", Trust{append(other.Anchors, w.anchor(t, height).Anchors...), nil}, true, false, nil},
		{"another height", other, false, false, new(*OtherHeightError)},
		{"another hash", Trust{Anchors: []Anchor{{height, names.ConsensusHash{1}}}}, false, false, new(*UntrustedError)},
		{"hash of the height before", Trust{Anchors: []Anchor{{height, other.Anchors[0].Consensus}}}, false, false, new(*UntrustedError)},
		{"another block", w.block(height - 1), false, false, new(*UntrustedBlockError)},
		{"right hash, wrong block", Trust{w.anchor(t, height).Anchors, w.block(height - 1).Blocks}, false, false, new(*UntrustedBlockError)},
		{"right block, wrong hash", Trust{[]Anchor{{height, names.ConsensusHash{}}}, w.block(height).Blocks}, false, false, new(*UntrustedError)},
	} {
		t.Run(c.label, func(t *testing.T) {
			s, err := Verify(t.Context(), w.Params(), made.Raw, c.trust)
			if sentinel, ok := c.err.(error); ok && errors.Is(err, sentinel) || c.err != nil && !ok && errors.As(err, c.err) {
				return
			}
			if err != nil || c.err != nil {
				t.Fatalf("have %v, want %v", err, reflect.TypeOf(c.err))
			}
			if s.Ownership != c.ownership || s.Inclusion != c.inclusion {
				t.Errorf("ownership %v, inclusion %v", s.Ownership, s.Inclusion)
			}
			for i, op := range s.Operations {
				if op.Accepted != (c.ownership && i == len(s.Operations)-1) {
					t.Errorf("operation %d: accepted %v", i, op.Accepted)
				}
			}
		})
	}
}

// TestOtherRules changes the registry under a proof.
func TestOtherRules(t *testing.T) {
	w := openWorld(t, lifecycle)
	name, _ := subject(t, w)
	made := w.prove(t, name, w.tip.Height)
	for label, change := range map[string]func(p *names.Params){
		"first block": func(p *names.Params) { p.FirstBlock-- },
		"addresses":   func(p *names.Params) { p.PubKeyHashVersion++ },
		"magic":       func(p *names.Params) { p.Magic[0]++ },
		"reveal":      func(p *names.Params) { p.NamespaceRevealLifetime++ },
		"epoch": func(p *names.Params) {
			p.Epochs = slices.Clone(p.Epochs)
			p.Epochs[0].EndBlock++
		},
		"grace": func(p *names.Params) {
			p.Epochs = slices.Clone(p.Epochs)
			rules := p.Epochs[0].Namespaces[names.AnyNamespace]
			rules.GracePeriod++
			p.Epochs[0].Namespaces = map[names.NamespaceID]names.NamespaceRules{names.AnyNamespace: rules}
		},
	} {
		p := *w.Params()
		change(&p)
		if _, err := Verify(t.Context(), &p, made.Raw, w.anchor(t, w.tip.Height)); !errors.Is(err, ErrOtherRules) {
			t.Errorf("%s: %v", label, err)
		}
	}
	p := *w.Params()
	p.Genesis, p.GenesisUnknown, p.Network = nil, true, "somewhere"
	if _, err := Verify(t.Context(), &p, made.Raw, w.anchor(t, w.tip.Height)); err != nil {
		t.Errorf("grants do not matter: %v", err)
	}
}

// TestBranches is about merkle branches that lead to the right root and should not be there.
func TestBranches(t *testing.T) {
	leaf := func(i int) chainhash.Hash { return chainhash.DoubleHashH([]byte(fmt.Sprint(i))) }
	leaves := func(n int) []chainhash.Hash {
		list := make([]chainhash.Hash, n)
		for i := range list {
			list[i] = leaf(i)
		}
		return list
	}
	for n := 1; n < 20; n++ {
		var want chainhash.Hash
		for at := range n {
			in := included{index: int32(at), txid: leaf(at), branch: merkleBranch(leaves(n), at)}
			root, err := in.root()
			if err != nil {
				t.Fatalf("%d of %d: %v", at, n, err)
			}
			if at == 0 {
				want = root
			}
			if root != want {
				t.Errorf("%d of %d: another root", at, n)
			}
			in.index += 1 << len(in.branch)
			if _, err := in.root(); !errors.Is(err, ErrRefused) {
				t.Errorf("%d of %d: position %d is taken: %v", at, n, in.index, err)
			}
		}
	}
	// The third of three leaves stands a second time beside itself.
	again := included{index: 3, txid: leaf(2), branch: []chainhash.Hash{leaf(2), merkleBranch(leaves(3), 2)[1]}}
	if _, err := again.root(); !errors.Is(err, ErrRefused) {
		t.Errorf("second position: %v", err)
	}
	// A transaction of 64 bytes in the block, whose halves are the hashes of what was never mined.
	fake := leaf(77)
	small := make([]byte, 64)
	copy(small, []byte{1, 0, 0, 0, 1})
	copy(small[32:], fake[:])
	small[41], small[42+4] = 0, 1 // scripts of no bytes and of four
	for i := range small[42:46] {
		small[42+i] = 0xff
	}
	small[55] = 4
	if !looksLikeTx(small) {
		t.Fatalf("%x is a transaction", small)
	}
	below := included{index: 1, txid: chainhash.Hash(small[32:]), branch: []chainhash.Hash{chainhash.Hash(small[:32])}}
	if _, err := below.root(); !errors.Is(err, ErrRefused) {
		t.Errorf("below a transaction: %v", err)
	}
	if tx, _ := readTx(small); tx != nil {
		t.Error("a transaction of 64 bytes is read")
	}
}

// TestOutside compares the spans with the formula itself.
func TestOutside(t *testing.T) {
	const first = 100
	for from := int32(first); from < first+70; from += 3 {
		for to := from; to < from+90; to += 5 {
			want := map[int32]bool{}
			for h := from; h <= to; h++ {
				for _, e := range state.EarlierHeights(first, h) {
					if e < from {
						want[e] = true
					}
				}
			}
			spans, count := outside(first, from, to)
			at := int32(0)
			for _, s := range spans {
				if s.from <= at+1 && at > 0 || s.to < s.from {
					t.Fatalf("%d to %d: spans %v", from, to, spans)
				}
				for h := s.from; h <= s.to; h++ {
					if !want[h] {
						t.Errorf("%d to %d: %d is not needed", from, to, h)
					}
					delete(want, h)
				}
				at = s.to
			}
			if len(want) > 0 || count < 0 {
				t.Errorf("%d to %d: %d missing", from, to, len(want))
			}
		}
	}
}

// TestParseTrust reads what is trusted.
func TestParseTrust(t *testing.T) {
	c, b := strings.Repeat("17", 16), strings.Repeat("ab", 32)
	got, err := ParseTrust(c+"@373601", b, c+"@373601")
	if err != nil || len(got.Anchors) != 1 || len(got.Blocks) != 1 || got.Anchors[0].String() != c+"@373601" || got.Blocks[0].String() != b {
		t.Errorf("%+v, %v", got, err)
	}
	for _, bad := range [][]string{
		{""}, {"@"}, {c}, {c + "@"}, {c + "@-1"}, {c + "@01"}, {c + "@1x"}, {c + "@2147483648"}, {c[2:] + "@1"}, {c + "00@1"},
		{"zz" + c[2:] + "@1"}, {b[2:]}, {b + "00"}, {b + "@5"}, {c + "@1@2"}, {c + "@7", "00" + c[2:] + "@7"}, {strings.Repeat("x", 5000)},
	} {
		if got, err := ParseTrust(bad...); !errors.Is(err, ErrBadTrust) || len(err.Error()) > 300 {
			t.Errorf("%q: %+v, %v", bad, got, err)
		}
	}
}

// TestOperationForms takes the form of every operation of a chain apart and puts it together again.
func TestOperationForms(t *testing.T) {
	seen := map[nameop.Opcode]int{}
	for _, file := range []string{lifecycle, "chain/d21-token-transfers.json", "chain/d23-epochs.json", "chain/d32-import-huge-prices.json"} {
		w := openWorld(t, file)
		c := newCodec(w.Params())
		for h := w.first; h <= w.tip.Height; h++ {
			_, ops, err := w.Block(t.Context(), h)
			if err != nil {
				t.Fatal(err)
			}
			for i := range ops {
				text := ops[i].Serialize(w.Params())
				if text == nil {
					continue
				}
				b, err := c.append(nil, text)
				if err != nil {
					t.Fatal(err)
				}
				if 2*len(b) > len(text) {
					t.Errorf("%q takes %d bytes", text, len(b))
				}
				seen[ops[i].Opcode]++
				for _, bad := range [][]byte{text[1:], text[:len(text)-1], append(slices.Clone(text), 'x'), bytes.Replace(text, []byte(","), []byte(";"), 1)} {
					if b, err := c.append(nil, bad); err == nil {
						t.Errorf("%q is written as %x", bad, b)
					}
				}
			}
		}
	}
	for o := range newCodec(names.Mainnet()).layouts {
		if seen[o] == 0 {
			t.Errorf("no %s was tried", o)
		}
	}
}

// FuzzVerify gives Verify anything. What it takes must say what the true proof says.
func FuzzVerify(f *testing.F) {
	w := openWorld(f, lifecycle)
	name, ops := subject(f, w)
	height := ops[len(ops)-2].At.Height
	made := w.prove(f, name, height)
	f.Add(made.Raw)
	f.Add(w.prove(f, name, w.tip.Height).Raw)
	f.Add([]byte{})
	trust := w.anchor(f, height)
	want := made.Statement.Record
	f.Fuzz(func(t *testing.T, raw []byte) {
		if s, err := Verify(t.Context(), w.Params(), raw, trust); err == nil && (s.Record.Name == want.Name && !sameRecord(s.Record, want)) {
			t.Errorf("verifies as %+v", s.Record)
		}
	})
}
