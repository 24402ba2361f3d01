package wallet_test

import (
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/rpcclient"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/walletdb"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/wallet"
	"blockstack/wallet/scripts"
)

// rpc is a second connection to the node, for what the sandbox does not offer.
func rpc(t *testing.T, s *realNode) *rpcclient.Client {
	t.Helper()
	cfg := s.Config()
	c, err := rpcclient.New(&rpcclient.ConnConfig{
		Host: cfg.Host, User: cfg.User, Pass: cfg.Pass.Reveal(), Certificates: cfg.Cert, DisableTLS: len(cfg.Cert) == 0, HTTPPostMode: true,
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Shutdown)
	return c
}

// A chain that is shorter than what the wallet has seen, as after a node that was killed, must not
// make it hang: btcwallet alone would try for ever.
func TestChainBecomesShorter(t *testing.T) {
	s := startNode(t)
	w, _ := funded(t, s, 500_000)
	mine(t, s, 3)
	syncWallet(t, w, s)
	_, tip, err := s.Chain().Tip(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	height, _, _ := s.Chain().Tip(testContext(t))
	below, err := s.Chain().HashAt(testContext(t), height-3)
	if err != nil {
		t.Fatal(err)
	}
	client := rpc(t, s)
	invalidate := func(hash chainhash.Hash) {
		t.Helper()
		if err := client.InvalidateBlock(&hash); err != nil {
			t.Fatal(err)
		}
	}
	invalidate(tip)
	syncWallet(t, w, s)
	if b := balance(t, w); b.Confirmed != 500_000 || b.Tip.Height != height-1 {
		t.Errorf("one block shorter: %+v", b)
	}
	invalidate(below)
	syncWallet(t, w, s)
	if b := balance(t, w); b.Unconfirmed+b.Confirmed != 500_000 || b.Confirmed != 0 || b.Tip.Height != height-4 {
		t.Errorf("without the payment's block: %+v", b)
	}
	if err := client.ReconsiderBlock(&below); err != nil {
		t.Fatal(err)
	}
	if err := client.ReconsiderBlock(&tip); err != nil {
		t.Fatal(err)
	}
	syncWallet(t, w, s)
	if b := balance(t, w); b.Confirmed != 500_000 || b.Total() != 500_000 || b.Tip.Height != height {
		t.Errorf("the old chain again: %+v", b)
	}
}

// A wallet that was synced with one chain meets a different one.
func TestAnotherChain(t *testing.T) {
	one, two := startNode(t), startNode(t)
	w, _ := funded(t, one, 500_000)
	syncWallet(t, w, two)
	if b := balance(t, w); b.Confirmed != 0 {
		t.Errorf("on another chain: %+v", b)
	}
	a := receive(t, w, scripts.P2TR)
	fund(t, two, a.Script, 70_000)
	mine(t, two, 1)
	syncWallet(t, w, two)
	if b := balance(t, w); b.Confirmed != 70_000 {
		t.Errorf("a payment there: %+v", b)
	}
	syncWallet(t, w, one)
	if b := balance(t, w); b.Confirmed != 500_000 {
		t.Errorf("back on the first: %+v", b)
	}
}

// The tracker says that a payment is in a block that the chain does not have, though its sync mark
// is right: what a crash at a bad time could leave.
func TestWrongBlockIsFound(t *testing.T) {
	s := startNode(t)
	w, ops := funded(t, s, 500_000)
	mine(t, s, 2)
	syncWallet(t, w, s)
	moveTx(t, w, ops[0].Hash)
	syncWallet(t, w, s)
	list := listCoins(t, w)
	if len(list) != 1 || list[0].Amount != 500_000 || list[0].Confirmations != 3 {
		t.Errorf("coins %+v", list)
	}
	if b := balance(t, w); b.Confirmed != 500_000 {
		t.Errorf("balance %+v", b)
	}
}

// moveTx records a transaction in a made-up block one above its own.
func moveTx(t *testing.T, w *wallet.Wallet, txid chainhash.Hash) {
	t.Helper()
	db, err := walletdb.Open("bdb", filepath.Join(w.Config().Dir, "wallet", "wallet.db"), true, time.Second, false)
	if err != nil {
		t.Fatal(err)
	}
	err = walletdb.Update(db, func(tx walletdb.ReadWriteTx) error {
		ns := tx.ReadWriteBucket([]byte("wtxmgr"))
		store, err := wtxmgr.Open(ns, w.Network())
		if err != nil {
			return err
		}
		d, err := store.TxDetails(ns, &txid)
		if err != nil {
			return err
		}
		if err := store.Rollback(ns, d.Block.Height); err != nil {
			return err
		}
		block := &wtxmgr.BlockMeta{Block: wtxmgr.Block{Height: d.Block.Height + 1, Hash: chainhash.Hash{1}}, Time: d.Block.Time}
		return store.InsertTx(ns, &d.TxRecord, block)
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestFreezeAndReserve(t *testing.T) {
	s := startNode(t)
	w, ops := funded(t, s, 100_000, 200_000, 400_000)
	ctx := testContext(t)
	if err := w.Freeze(ctx, ops[0], "kept for rent"); err != nil {
		t.Fatal(err)
	}
	w.Reserve(func(op wire.OutPoint) bool { return op == ops[1] })
	check := func(confirmed, reserved, frozen btcutil.Amount, spendable int) {
		t.Helper()
		if b := balance(t, w); b.Confirmed != confirmed || b.Reserved != reserved || b.Frozen != frozen || b.Total() != 700_000 {
			t.Errorf("%+v", b)
		}
		if list, err := w.Spendable(ctx, 1); err != nil || len(list) != spendable {
			t.Errorf("%d spendable, want %d: %v", len(list), spendable, err)
		}
	}
	check(400_000, 200_000, 100_000, 1)
	rescanWallet(t, w, s)
	check(400_000, 200_000, 100_000, 1)
	for _, c := range listCoins(t, w) {
		if (c.OutPoint == ops[0]) != (c.Frozen == "kept for rent") || (c.OutPoint == ops[1]) != c.Reserved {
			t.Errorf("coin %+v", c)
		}
	}
	if err := w.Unfreeze(ctx, ops[0]); err != nil {
		t.Fatal(err)
	}
	w.Reserve(nil)
	check(700_000, 0, 0, 3)
}

// While one process follows the chain, another is told that the wallet is in use; after a Sync it
// is free at once.
func TestTwoProcesses(t *testing.T) {
	s := startNode(t)
	cfg := home(t)
	a := create(t, cfg, phraseA)
	b := open(t, cfg) // other descriptors of the same files: locks as between processes
	syncWallet(t, a, s)
	syncWallet(t, b, s)
	if err := a.Follow(testContext(t), s.Backend(t)); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Balance(testContext(t)); !errors.Is(err, wallet.ErrBusy) {
		t.Errorf("balance: %v", err)
	}
	if err := b.Sync(testContext(t), s.Backend(t)); !errors.Is(err, wallet.ErrBusy) {
		t.Errorf("sync: %v", err)
	}
	if _, err := b.ReceiveAddress(testContext(t), ""); err != nil {
		t.Errorf("an address needs the labels only: %v", err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	syncWallet(t, b, s)
}

// Many at once in one process: syncs, looks, payments recorded.
func TestConcurrentUse(t *testing.T) {
	s := startNode(t)
	w, ops := funded(t, s, 300_000, 600_000)
	ctx := testContext(t)
	tx := spend(t, w, ops[:1], wire.NewTxOut(290_000, changeScript(t, w)))
	if _, err := s.Chain().Broadcast(ctx, tx); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	run := func(f func() error) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 8 {
				if err := f(); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	run(func() error { return w.Sync(ctx, s.Backend(t)) })
	run(func() error { return w.Sync(ctx, s.Backend(t)) })
	run(func() error { return w.AddTx(ctx, tx) })
	run(func() error { _, err := w.Balance(ctx); return err })
	run(func() error { _, err := w.History(ctx); return err })
	run(func() error { _, err := w.ReceiveAddress(ctx, scripts.P2WPKH); return err })
	run(func() error { _, err := w.OwnerAddress(ctx, 60); return err })
	run(func() error { _, err := s.Mine(ctx, 1); return err })
	wg.Wait()
	syncWallet(t, w, s)
	if b := balance(t, w); b.Confirmed != 890_000 || b.Total() != 890_000 {
		t.Errorf("%+v", b)
	}
}

// A broadcast is recorded while another process holds the tracker: its coins are not offered again,
// before and after the next sync.
func TestRecordWhileTrackerIsBusy(t *testing.T) {
	s := startNode(t)
	w, ops := funded(t, s, 300_000)
	ctx := testContext(t)
	tx := spend(t, w, ops, wire.NewTxOut(290_000, changeScript(t, w)))
	if _, err := s.Chain().Broadcast(ctx, tx); err != nil {
		t.Fatal(err)
	}
	db, err := walletdb.Open("bdb", filepath.Join(w.Config().Dir, "wallet", "wallet.db"), true, time.Second, false)
	if err != nil {
		t.Fatal(err)
	}
	err = w.AddTx(ctx, tx)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if list, err := w.Spendable(ctx, 0); err != nil || len(list) != 0 {
		t.Errorf("spent coins are offered: %v %v", list, err)
	}
	syncWallet(t, w, s)
	if b := balance(t, w); b.Unconfirmed != 290_000 || b.Total() != 290_000 {
		t.Errorf("%+v", b)
	}
}
