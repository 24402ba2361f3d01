package index

import (
	"context"
	"errors"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
	"blockstack/names/index/store"
)

// TestDeepReorg changes the chain deeper than can be undone.
func TestDeepReorg(t *testing.T) {
	p := names.Sandbox("", nil)
	x := openFast(t, p, Options{})
	c := newTestChain(p.FirstBlock)
	for range store.UndoBlocks + 50 {
		c.mine(t)
	}
	follow(t, x, c)
	c.cut(store.UndoBlocks - 1)
	for range store.UndoBlocks {
		c.mine(t)
	}
	var phases []Phase
	note := func(pr Progress) {
		if n := len(phases); n == 0 || phases[n-1] != pr.Phase {
			phases = append(phases, pr.Phase)
		}
	}
	if err := x.Follow(t.Context(), c, note); err != nil {
		t.Fatal(err)
	}
	if phases[0] != PhaseRollback || phases[len(phases)-1] != PhaseDone {
		t.Errorf("phases of a reorg that can be undone: %v", phases)
	}
	c.cut(store.UndoBlocks + 20)
	for range store.UndoBlocks + 21 {
		c.mine(t)
	}
	phases = nil
	if err := x.Follow(t.Context(), c, note); err != nil {
		t.Fatal(err)
	}
	if phases[0] != PhaseRebuild || phases[len(phases)-1] != PhaseDone {
		t.Errorf("phases of a deeper reorg: %v", phases)
	}
	fresh := openFast(t, p, Options{})
	follow(t, fresh, c)
	compareDumps(t, dump(t, x), dump(t, fresh))
}

// TestNodeBehind asks a source whose chain is shorter: a little, and so much that blocks cannot be
// undone.
func TestNodeBehind(t *testing.T) {
	p := names.Sandbox("", nil)
	x := openFast(t, p, Options{})
	c := newTestChain(p.FirstBlock)
	for range store.UndoBlocks + 50 {
		c.mine(t)
	}
	follow(t, x, c)
	c.cut(7)
	follow(t, x, c)
	if tip, err := x.Tip(t.Context()); err != nil || tip.Height != c.height() {
		t.Errorf("tip %+v, %v", tip, err)
	}
	c.cut(store.UndoBlocks + 10)
	before := dump(t, x)
	if err := x.Follow(t.Context(), c, nil); !errors.Is(err, ErrNodeBehind) {
		t.Errorf("far behind: %v", err)
	}
	compareDumps(t, dump(t, x), before)
}

// liar is a source whose tip is not the block that it shows.
type liar struct{ *testChain }

func (l liar) Tip(ctx context.Context) (int32, chainhash.Hash, error) {
	height, hash, err := l.testChain.Tip(ctx)
	hash[0] ^= 1
	return height, hash, err
}

// TestFollowEnds follows sources that can never be caught up with.
func TestFollowEnds(t *testing.T) {
	p := names.Sandbox("", nil)
	x := openFast(t, p, Options{})
	c := newTestChain(p.FirstBlock)
	c.mine(t)
	c.mine(t)
	if err := x.Follow(t.Context(), liar{c}, nil); !errors.Is(err, errChainChanged) {
		t.Errorf("error %v", err)
	}
	empty := newTestChain(p.FirstBlock)
	y := openFast(t, p, Options{})
	follow(t, y, empty)
	if tip, err := y.Tip(t.Context()); err != nil || !tip.Empty {
		t.Errorf("tip %+v, %v", tip, err)
	}
	empty.mine(t)
	follow(t, y, empty)
}
