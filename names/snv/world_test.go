package snv

import (
	"bytes"
	"context"
	"encoding/binary"
	"path/filepath"
	"slices"
	"testing"

	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/names/index"
	"blockstack/names/index/scenario"
	"blockstack/names/state"
	"blockstack/testdata"
)

// world is an index of a scenario and its chain. Blocks of the older form of scenarios have headers
// without work or merkle root, so they are mined first: the same transactions under headers that a
// node would take.
type world struct {
	*index.Index
	tip    index.Tip
	first  int32
	hashes []chainhash.Hash // by height, from first
	raw    map[chainhash.Hash][]byte
}

func openWorld(t testing.TB, file string) *world {
	t.Helper()
	s, err := scenario.Read(bytes.NewReader(testdata.Vectors(t, file)))
	if err != nil {
		t.Fatal(err)
	}
	x, err := index.Open(filepath.Join(t.TempDir(), "index.db"), s.Params, index.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := x.Follow(t.Context(), s, nil); err != nil {
		t.Fatal(err)
	}
	w := &world{Index: x, first: s.Params.FirstBlock, raw: map[chainhash.Hash][]byte{}}
	if w.tip, err = x.Tip(t.Context()); err != nil {
		t.Fatal(err)
	}
	for h := w.first; h <= w.tip.Height; h++ {
		hash, err := s.HashAt(t.Context(), h)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := s.RawBlock(t.Context(), hash)
		if err != nil {
			t.Fatal(err)
		}
		w.add(t, raw)
	}
	return w
}

// add appends a block, mined again if it has no work.
func (w *world) add(t testing.TB, raw []byte) {
	t.Helper()
	hash := chainhash.DoubleHashH(raw[:80])
	if !hasWork(hash, binary.LittleEndian.Uint32(raw[72:])) || len(w.hashes) > 0 && chainhash.Hash(raw[4:36]) != w.hashes[len(w.hashes)-1] {
		raw = slices.Clone(raw)
		if n := len(w.hashes); n > 0 {
			copy(raw[4:36], w.hashes[n-1][:])
		}
		block, err := btcutil.NewBlockFromBytes(raw)
		if err != nil {
			t.Fatal(err)
		}
		root := blockchain.CalcMerkleRoot(block.Transactions(), false)
		copy(raw[36:68], root[:])
		binary.LittleEndian.PutUint32(raw[72:], 0x207fffff)
		for nonce := uint32(0); ; nonce++ {
			binary.LittleEndian.PutUint32(raw[76:], nonce)
			if hash = chainhash.DoubleHashH(raw[:80]); hasWork(hash, 0x207fffff) {
				break
			}
		}
	}
	w.hashes = append(w.hashes, hash)
	w.raw[hash] = raw
}

func (w *world) Block(ctx context.Context, height int32) (state.BlockRow, []state.OpRow, error) {
	row, ops, err := w.Index.Block(ctx, height)
	if err == nil {
		row.Hash = w.hashes[height-w.first]
	}
	return row, ops, err
}

func (w *world) RawBlock(_ context.Context, hash chainhash.Hash) ([]byte, error) {
	raw, ok := w.raw[hash]
	if !ok {
		return nil, index.ErrOutOfRange
	}
	return raw, nil
}

func (w *world) Header(ctx context.Context, hash chainhash.Hash) (*wire.BlockHeader, error) {
	raw, err := w.RawBlock(ctx, hash)
	if err != nil {
		return nil, err
	}
	h := &wire.BlockHeader{}
	return h, h.Deserialize(bytes.NewReader(raw))
}

// anchor is what somebody who has the index trusts at a height.
func (w *world) anchor(t testing.TB, height int32) Trust {
	t.Helper()
	h, err := w.ConsensusHash(t.Context(), height)
	if err != nil {
		t.Fatal(err)
	}
	return Trust{Anchors: []Anchor{{height, h}}}
}

// block is trust in the block at a height.
func (w *world) block(height int32) Trust {
	return Trust{Blocks: []chainhash.Hash{w.hashes[height-w.first]}}
}

// prove makes a proof.
func (w *world) prove(t testing.TB, name string, height int32) *Proven {
	t.Helper()
	n, err := names.Parse(name)
	if err != nil {
		t.Fatal(err)
	}
	made, err := Prove(t.Context(), w, w, n, Options{Height: height})
	if err != nil {
		t.Fatal(err)
	}
	return made
}
