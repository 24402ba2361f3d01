package wallet_test

import (
	"testing"

	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet"
	"blockstack/wallet/coins"
	"blockstack/wallet/scripts"
)

// entryOf is the entry of a transaction in the history.
func entryOf(t *testing.T, w *wallet.Wallet, tx *wire.MsgTx) *coins.Entry {
	t.Helper()
	list, err := w.History(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	for i := range list {
		if list[i].Txid == tx.TxHash() {
			return &list[i]
		}
	}
	return nil
}

// A reorg takes away for good a receipt that was spent. The payment and what spends its change are
// void and count for nothing, also after a rescan; the other coin that the payment took is free
// again. When the receipt comes back, so do they.
func TestReorgDropsSpentReceipt(t *testing.T) {
	overBackends(t, reorgDropsSpentReceipt)
}

func reorgDropsSpentReceipt(t *testing.T, via string) {
	s, w := startNodeVia(t, via), newWallet(t)
	ctx := testContext(t)
	deep, in := receive(t, w, scripts.P2SHP2WPKH), receive(t, w, scripts.P2TR)
	kept := fund(t, s, deep.Script, 100_000)
	mine(t, s, 3)
	receipt := fund(t, s, in.Script, 700_000)
	mine(t, s, 1)
	syncWallet(t, w, s)
	unlock(t, w)
	change, err := w.ChangeScript(ctx)
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.Faucet()
	if err != nil {
		t.Fatal(err)
	}
	pays := spend(t, w, []wire.OutPoint{outPoint(receipt, in.Script), outPoint(kept, deep.Script)}, wire.NewTxOut(500_000, f.Script()), wire.NewTxOut(290_000, change))
	broadcast(t, w, s, pays)
	next := spend(t, w, []wire.OutPoint{outPoint(pays, change)}, wire.NewTxOut(280_000, f.Script()))
	broadcast(t, w, s, next)
	mine(t, s, 1)
	syncWallet(t, w, s)
	if b := balance(t, w); b.Total() != 0 {
		t.Fatalf("before: %+v", b)
	}
	if _, err := s.Reorg(ctx, 2, true); err != nil {
		t.Fatal(err)
	}
	void := func(when string) {
		t.Helper()
		for what, tx := range map[string]*wire.MsgTx{"payment": pays, "what spends its change": next} {
			e := entryOf(t, w, tx)
			if e == nil || !e.Void || e.Height >= 0 || e.Net() != 0 || e.Received != 0 || e.FeeKnown || len(e.Outputs) != len(tx.TxOut) {
				t.Errorf("%s: %s: %+v", when, what, e)
			}
		}
		if b := balance(t, w); b.Confirmed != 100_000 || b.Total() != 100_000 {
			t.Errorf("%s: %+v", when, b)
		}
	}
	mine(t, s, 8)
	if via != viaPeers { // who do not tell that something has gone
		for range 2 {
			syncWallet(t, w, s)
			void("after the reorg")
		}
	}
	b, release := s.connect(t)
	err = w.Rescan(ctx, b)
	release()
	if err != nil {
		t.Fatal(err)
	}
	void("after a rescan")

	broadcastRaw(t, s, receipt)
	if via != viaPeers {
		syncWallet(t, w, s)
		if e := entryOf(t, w, pays); e == nil || e.Void || e.Received != 290_000 || e.Spent != 800_000 {
			t.Errorf("when the receipt waits again: %+v", e)
		}
	}
	mine(t, s, 1)
	syncWallet(t, w, s)
	mine(t, s, 2)
	syncWallet(t, w, s)
	for _, tx := range []*wire.MsgTx{pays, next} {
		if e := entryOf(t, w, tx); e == nil || e.Void || e.Height < 0 || e.Spent == 0 {
			t.Errorf("when the receipt is back: %+v", e)
		}
	}
	if b := balance(t, w); b.Total() != 0 {
		t.Errorf("when the receipt is back: %+v", b)
	}
}
