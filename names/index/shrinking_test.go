package index

import (
	"context"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
)

// shrinking is a chain that becomes shorter between the first question for its tip and what is
// asked next, and longer again after the question for the tip that follows.
type shrinking struct {
	*testChain
	tips  int
	after map[int]func()
}

func (s *shrinking) Tip(ctx context.Context) (int32, chainhash.Hash, error) {
	height, hash, err := s.testChain.Tip(ctx)
	if change := s.after[s.tips]; change != nil {
		change()
	}
	s.tips++
	return height, hash, err
}

// TestFollowShrinkingChain: a reorg between two questions is no error, wherever it falls.
func TestFollowShrinkingChain(t *testing.T) {
	p := names.Sandbox("", nil)
	c := newTestChain(p.FirstBlock)
	for range 10 {
		c.mine(t)
	}
	x := openFast(t, p, Options{})
	if err := x.Follow(t.Context(), c, nil); err != nil {
		t.Fatal(err)
	}
	c.cut(3)
	for range 5 {
		c.mine(t)
	}
	s := &shrinking{testChain: c, after: map[int]func(){
		0: func() { c.cut(6) },
		1: func() {
			for range 8 {
				c.mine(t)
			}
		},
	}}
	if err := x.Follow(t.Context(), s, nil); err != nil {
		t.Fatal(err)
	}
	height, hash, _ := c.Tip(t.Context())
	if tip, err := x.Tip(t.Context()); err != nil || tip.Height != height || tip.Hash != hash {
		t.Errorf("at %d %s of %d %s, %v", tip.Height, tip.Hash, height, hash, err)
	}
}
