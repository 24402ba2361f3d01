package coins

import (
	"context"
	"errors"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcwallet/walletdb"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/wallet/chain/chaintest"
	"blockstack/wallet/sandbox"
	"blockstack/wallet/scripts"
	"blockstack/wallet/tracker"
	"blockstack/wallet/watched"
	"blockstack/wallet/watchedtest"
)

// followed is a wallet with one confirmed coin, connected to a real node.
func followed(t *testing.T) (*Coins, *sandbox.Sandbox) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	dir := t.TempDir()
	s, err := sandbox.Start(ctx, sandbox.Options{Dir: dir, Btcd: chaintest.Btcd(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Close()
		if err := sandbox.Stop(context.Background(), dir); err != nil {
			t.Error(err)
		}
	})
	c := newCoins(t, 3)
	k, err := watched.NewAddresses(c.Keys).ReceiveKey(ctx, scripts.P2WPKH)
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.Faucet()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Fund(ctx, k.Script, 50_000); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Mine(ctx, 3); err != nil {
		t.Fatal(err)
	}
	if err := c.Sync.Follow(ctx, s.Chain()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c, s
}

// check expects the one coin with its confirmations.
func check(t *testing.T, c *Coins, confirmations int32) {
	t.Helper()
	list, err := c.List(context.Background())
	if err != nil || len(list) != 1 || list[0].Amount != 50_000 || list[0].Confirmations != confirmations {
		t.Errorf("coins %+v %v", list, err)
	}
}

// damage puts the coin's transaction into a block that does not exist, as a reorg in the middle of
// a scan can.
func damage(t *testing.T, c *Coins, add int32) {
	t.Helper()
	err := c.tracker.Edit(func(s *wtxmgr.Store, ns walletdb.ReadWriteBucket) error {
		var d *wtxmgr.TxDetails
		err := s.RangeTransactions(ns, 0, -1, func(list []wtxmgr.TxDetails) (bool, error) {
			d = &list[0]
			return true, nil
		})
		if err != nil {
			return err
		}
		if err := s.Rollback(ns, d.Block.Height); err != nil {
			return err
		}
		block := &wtxmgr.BlockMeta{Block: wtxmgr.Block{Height: d.Block.Height + add, Hash: chainhash.Hash{1}}, Time: d.Block.Time}
		return s.InsertTx(ns, &d.TxRecord, block)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What goes wrong while the connection is open is found by the next sync.
func TestDamageWhileOpen(t *testing.T) {
	c, s := followed(t)
	check(t, c, 3)
	damage(t, c, 1)
	check(t, c, 2)
	if err := c.Sync.Once(context.Background(), s.Chain()); err != nil {
		t.Fatal(err)
	}
	check(t, c, 3)
	// In a block above the tip.
	damage(t, c, 50)
	if err := c.Sync.Once(context.Background(), s.Chain()); err != nil {
		t.Fatal(err)
	}
	check(t, c, 3)
}

// Two payments recorded in blocks of one height with different hashes make btcwallet's store
// contradict itself: it is built again.
func TestContradictionIsBuiltAgain(t *testing.T) {
	c, s := followed(t)
	err := c.tracker.Edit(func(s *wtxmgr.Store, ns walletdb.ReadWriteBucket) error {
		return s.RangeTransactions(ns, 0, -1, func(list []wtxmgr.TxDetails) (bool, error) {
			d := &list[0]
			block := d.Block
			block.Hash = chainhash.Hash{2} // the record of a height has one hash only
			return true, s.InsertTx(ns, &d.TxRecord, &block)
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Sync.Once(context.Background(), s.Chain()); err != nil {
		t.Fatal(err)
	}
	check(t, c, 3)
	h, err := c.History(context.Background())
	if err != nil || len(h) != 1 {
		t.Errorf("history %+v %v", h, err)
	}
}

// The node goes away while we follow it: the next sync says so, and the one after its return is
// right.
func TestNodeGoesAway(t *testing.T) {
	c, s := followed(t)
	ctx := context.Background()
	dir := s.Dir()
	if err := sandbox.Stop(ctx, dir); err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	if err := c.Sync.Once(short, s.Chain()); err == nil {
		t.Fatal("synced with a node that is gone")
	}
	if db, err := c.tracker.Open(false); err != nil {
		t.Errorf("the dead connection was kept: %v", err)
	} else if err := db.Close(); err != nil {
		t.Error(err)
	}
	check(t, c, 3)
	again, err := sandbox.Start(ctx, sandbox.Options{Dir: dir, Btcd: chaintest.Btcd(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if _, err := again.Mine(ctx, 1); err != nil {
		t.Fatal(err)
	}
	if err := c.Sync.Once(ctx, again.Chain()); err != nil {
		t.Fatal(err)
	}
	check(t, c, 4)
}

// No goroutine stays behind, however often a wallet is synced.
func TestSyncLeavesNothingRunning(t *testing.T) {
	c, s := followed(t)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	sync := func() {
		t.Helper()
		if err := c.Sync.Once(context.Background(), s.Chain()); err != nil {
			t.Fatal(err)
		}
	}
	sync()
	before := runtime.NumGoroutine()
	for range 5 {
		sync()
	}
	// They end on their own time; five syncs leave a handful if they do not end.
	for range 1000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	stacks := make([]byte, 1<<16)
	t.Errorf("%d goroutines before, %d after\n%s", before, runtime.NumGoroutine(), stacks[:runtime.Stack(stacks, true)])
}

// Another account key in wallet.db would hide what is received: it is noticed at the next
// connection, and the file is built again.
func TestReplacedAccountIsBuiltAgain(t *testing.T) {
	c, s := followed(t)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	setup := watchedtest.Setup(t, 3) // of a stranger, whose tracker takes the place of ours
	for _, kind := range scripts.Kinds() {
		other, err := setup.Accounts[kind].Derive(7)
		if err != nil {
			t.Fatal(err)
		}
		setup.Accounts[kind] = other
	}
	dir := t.TempDir()
	if err := Create(dir, watchedtest.Net, setup); err != nil {
		t.Fatal(err)
	}
	stranger, err := Open(dir, watchedtest.Net)
	if err != nil {
		t.Fatal(err)
	}
	if err := stranger.Sync.Follow(context.Background(), s.Chain()); err != nil {
		t.Fatal(err)
	}
	if err := stranger.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(stranger.tracker.Path())
	if err == nil {
		err = errors.Join(os.Remove(tracker.SumFile(c.tracker.Path())), os.WriteFile(c.tracker.Path(), raw, 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
	var told []error
	c.OnRebuild(func(why error) { told = append(told, why) })
	if err := c.Sync.Follow(context.Background(), s.Chain()); err != nil {
		t.Fatal(err)
	}
	check(t, c, 3)
	if len(told) != 1 || !errors.Is(told[0], tracker.ErrRebuild) {
		t.Errorf("told %v", told)
	}
}
