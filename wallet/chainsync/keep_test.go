package chainsync

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcwallet/chain"

	"blockstack/wallet/chain/chaintest"
	"blockstack/wallet/tracker"
)

// faulty is a chain whose clients may be ended, and may lose what they should tell.
type faulty struct {
	*chaintest.Bitcoin
	mu   sync.Mutex
	made []*faultyClient
	deaf bool // the next clients tell of no block
}

type faultyClient struct {
	chain.Interface
	out chan any
}

func (c *faultyClient) Notifications() <-chan any { return c.out }

func (f *faulty) WalletClient(ctx context.Context) (chain.Interface, error) {
	inner, err := f.Bitcoin.WalletClient(ctx)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	c, deaf := &faultyClient{inner, make(chan any)}, f.deaf
	f.made = append(f.made, c)
	go func() {
		defer close(c.out)
		for n := range inner.Notifications() {
			switch n.(type) {
			case chain.BlockConnected, chain.BlockDisconnected:
				if deaf {
					continue
				}
			}
			c.out <- n
		}
	}()
	return c, nil
}

// clients is how many were made, and the last one.
func (f *faulty) clients() (int, *faultyClient) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.made), f.made[len(f.made)-1]
}

func (f *faulty) setDeaf(deaf bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.deaf = deaf
}

// reaches waits until the tracker is at the chain's tip, without a sync.
func reaches(t *testing.T, c *Sync, f *faulty) {
	t.Helper()
	height, hash, err := f.Tip(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		var at chainhash.Hash
		err := c.tracker.View(func(s tracker.Store) error { at = s.Tip.Hash; return nil })
		if err == nil && at == hash {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("it does not come to block %d: it is at %s (%v)", height, at, err)
		}
	}
}

// TestFollowGoesOn: a connection that ends by itself while nobody syncs, and one that loses what it
// should tell, are made anew. After Close none is.
func TestFollowGoesOn(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]func(f *faulty){
		"the client ends": func(f *faulty) {
			_, last := f.clients()
			last.Stop()
			f.Mine(1)
		},
		"a block is not told": func(f *faulty) {
			f.setDeaf(false) // from the next client on
			f.Mine(1)
		},
		"a reorg is not told": func(f *faulty) {
			f.setDeaf(false)
			if err := f.Reorg(3, false); err != nil {
				t.Error(err)
			}
		},
		"the node is away for a while": func(f *faulty) {
			_, last := f.clients()
			f.SetDown(true)
			last.Stop()
			time.Sleep(2 * watchEvery)
			f.SetDown(false)
			f.Mine(1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newSync(t)
			f := &faulty{Bitcoin: chaintest.New()}
			f.Mine(10)
			f.setDeaf(name == "a block is not told" || name == "a reorg is not told")
			if err := c.Follow(t.Context(), f); err != nil {
				t.Fatal(err)
			}
			before, _ := f.clients()
			fault(f)
			reaches(t, c, f)
			if err := c.Once(t.Context(), f); err != nil {
				t.Error(err)
			}
			f.Mine(1)
			reaches(t, c, f) // it still follows
			if err := c.Close(); err != nil {
				t.Error(err)
			}
			made, _ := f.clients()
			if time.Sleep(2 * watchEvery); made <= before {
				t.Errorf("%d connections, %d before", made, before)
			}
			if after, _ := f.clients(); after != made || c.following() {
				t.Errorf("%d connections after Close, %d before", after, made)
			}
		})
	}
}

// TestFollowEnds: a sync that fails, and a scan from the start, end the following.
func TestFollowEnds(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(c *Sync, f *faulty) error{
		"a sync that fails": func(c *Sync, f *faulty) error {
			f.SetDown(true)
			defer f.SetDown(false)
			if err := c.Once(t.Context(), f); err == nil {
				return errors.New("a node that is away was synced with")
			}
			return nil
		},
		"a rescan": func(c *Sync, f *faulty) error { return c.Rescan(t.Context(), f) },
	} {
		t.Run(name, func(t *testing.T) {
			c := newSync(t)
			f := &faulty{Bitcoin: chaintest.New()}
			f.Mine(3)
			if err := c.Follow(t.Context(), f); err != nil {
				t.Fatal(err)
			}
			if err := end(c, f); err != nil {
				t.Fatal(err)
			}
			if c.following() {
				t.Error("it still follows")
			}
		})
	}
}

// TestLag: below the tip a tracker that moves does not stand, nor does one that has just been
// there.
func TestLag(t *testing.T) {
	var g lag
	begun := time.Now()
	a, b, tip := chainhash.Hash{1}, chainhash.Hash{2}, chainhash.Hash{3}
	for i, step := range []struct {
		after  time.Duration
		at     chainhash.Hash
		stands bool
	}{
		{0, tip, false}, {100 * lagsAfter, tip, false}, {101 * lagsAfter, a, false}, {102*lagsAfter - 1, a, false}, {102 * lagsAfter, a, true},
		{102 * lagsAfter, b, false}, {103 * lagsAfter, b, true}, {104 * lagsAfter, tip, false}, {200 * lagsAfter, b, false},
	} {
		if got := g.stands(begun.Add(step.after), step.at, tip); got != step.stands {
			t.Errorf("step %d: %v", i, got)
		}
	}
}
