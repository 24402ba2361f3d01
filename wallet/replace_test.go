package wallet_test

import (
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet"
	"blockstack/wallet/coins"
	"blockstack/wallet/scripts"
)

// funded is a wallet with some confirmed nested segwit coins.
func funded(t *testing.T, s *realNode, amounts ...btcutil.Amount) (*wallet.Wallet, []wire.OutPoint) {
	t.Helper()
	w := newWallet(t)
	var ops []wire.OutPoint
	for _, amount := range amounts {
		a := receive(t, w, scripts.P2SHP2WPKH)
		ops = append(ops, outPoint(fund(t, s, a.Script, amount), a.Script))
	}
	mine(t, s, 1)
	syncWallet(t, w, s)
	unlock(t, w)
	return w, ops
}

func faucetScript(t *testing.T, s *realNode) []byte {
	t.Helper()
	f, err := s.Faucet()
	if err != nil {
		t.Fatal(err)
	}
	return f.Script()
}

func changeScript(t *testing.T, w *wallet.Wallet) []byte {
	t.Helper()
	script, err := w.ChangeScript(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	return script
}

func txids(list []coins.Coin) map[chainhash.Hash]bool {
	m := make(map[chainhash.Hash]bool)
	for _, c := range list {
		m[c.Hash] = true
	}
	return m
}

// A replacement of ours counts, what it replaced does not, and neither does what was built on that;
// also after the tracker was built again, and in a wallet that only watched it happen.
func TestOwnReplacement(t *testing.T) {
	overTwo(t, ownReplacement)
}

func ownReplacement(t *testing.T, via string) {
	s := startNodeVia(t, via)
	w, ops := funded(t, s, 1_000_000, 300_000)
	change := changeScript(t, w)
	first := spend(t, w, ops[:1], wire.NewTxOut(600_000, faucetScript(t, s)), wire.NewTxOut(399_000, change))
	broadcast(t, w, s, first)
	child := spend(t, w, []wire.OutPoint{outPoint(first, change)}, wire.NewTxOut(390_000, changeScript(t, w)))
	broadcast(t, w, s, child)
	if b := balance(t, w); b.Confirmed != 300_000 || b.Unconfirmed != 390_000 {
		t.Fatalf("before: %+v", b)
	}
	second := spend(t, w, ops[:1], wire.NewTxOut(600_000, faucetScript(t, s)), wire.NewTxOut(360_000, change))
	broadcast(t, w, s, second)
	check := func(when string) {
		t.Helper()
		if b := balance(t, w); b.Confirmed != 300_000 || b.Unconfirmed != 360_000 {
			t.Errorf("%s: %+v", when, b)
		}
		ids := txids(listCoins(t, w))
		if ids[first.TxHash()] || ids[child.TxHash()] || !ids[second.TxHash()] || len(ids) != 2 {
			t.Errorf("%s: coins %v", when, ids)
		}
	}
	check("replaced")
	syncWallet(t, w, s)
	check("synced")
	rescanWallet(t, w, s)
	check("scanned again")
	mine(t, s, 1)
	syncWallet(t, w, s)
	if b := balance(t, w); b.Confirmed != 660_000 || b.Unconfirmed != 0 {
		t.Errorf("mined: %+v", b)
	}
}

// A payer replaces a payment to us: while we are connected, and while we are away. Peers do not
// show what waits.
func TestIncomingReplacement(t *testing.T) {
	t.Run(viaBtcd, func(t *testing.T) { incomingReplacement(t, viaBtcd) })
	t.Run(viaBitcoind, func(t *testing.T) { incomingReplacement(t, viaBitcoind) })
}

func incomingReplacement(t *testing.T, via string) {
	s := startNodeVia(t, via)
	for _, open := range []bool{true, false} {
		payer, ops := funded(t, s, 2_000_000)
		payee := newWallet(t)
		syncWallet(t, payee, s)
		if open {
			if err := payee.Follow(testContext(t), s.Backend(t)); err != nil {
				t.Fatal(err)
			}
		}
		a := receive(t, payee, scripts.P2WPKH)
		first := spend(t, payer, ops, wire.NewTxOut(500_000, a.Script), wire.NewTxOut(1_499_000, changeScript(t, payer)))
		broadcast(t, payer, s, first)
		see := func(what string, want btcutil.Amount) {
			t.Helper()
			if open {
				eventually(t, what, func() bool { return balance(t, payee).Unconfirmed == want })
				return
			}
			syncWallet(t, payee, s)
			if b := balance(t, payee); b.Unconfirmed != want || b.Total() != want {
				t.Errorf("%s: %+v", what, b)
			}
		}
		see("the first version", 500_000)
		second := spend(t, payer, ops, wire.NewTxOut(510_000, a.Script), wire.NewTxOut(1_400_000, changeScript(t, payer)))
		broadcast(t, payer, s, second)
		see("the second version", 510_000)
		if ids := txids(listCoins(t, payee)); ids[first.TxHash()] || !ids[second.TxHash()] {
			t.Errorf("coins %v", ids)
		}
		// The third version takes the payment back altogether.
		third := spend(t, payer, ops, wire.NewTxOut(1_700_000, changeScript(t, payer)))
		broadcast(t, payer, s, third)
		if open {
			mine(t, s, 1) // nothing tells us of a transaction that is not ours
			syncWallet(t, payee, s)
			if b := balance(t, payee); b.Total() != 0 {
				t.Errorf("taken back, open: %+v", b)
			}
			continue
		}
		see("taken back", 0)
	}
}

// Our own unconfirmed transaction survives everything that may happen to the tracker's file and to
// the connection, so its coins are never offered again.
func TestOwnUnconfirmedSurvives(t *testing.T) {
	overTwo(t, ownUnconfirmedSurvives)
}

func ownUnconfirmedSurvives(t *testing.T, via string) {
	s := startNodeVia(t, via)
	w, ops := funded(t, s, 1_000_000)
	ctx := testContext(t)
	change := changeScript(t, w)
	tx := spend(t, w, ops, wire.NewTxOut(100_000, faucetScript(t, s)), wire.NewTxOut(890_000, change))
	// Recorded while the node has never seen it: as after a crash of the node.
	if err := w.AddTx(ctx, tx); err != nil {
		t.Fatal(err)
	}
	check := func(when string) {
		t.Helper()
		if b := balance(t, w); b.Unconfirmed != 890_000 || b.Confirmed != 0 {
			t.Errorf("%s: %+v", when, b)
		}
		list, err := w.Spendable(ctx, 1)
		if err != nil || len(list) != 0 {
			t.Errorf("%s: spent coins are offered: %v %v", when, list, err)
		}
	}
	check("recorded")
	syncWallet(t, w, s)
	check("synced")
	if in, err := s.Chain().InMempool(ctx, tx.TxHash()); err != nil || !in {
		t.Errorf("it was not sent again: %v", err)
	}
	removeTracker(t, w)
	if list, err := w.Spendable(ctx, 0); err != nil || len(list) != 0 {
		t.Errorf("without the tracker: %v %v", list, err)
	}
	syncWallet(t, w, s)
	check("built again")
	mine(t, s, 1)
	syncWallet(t, w, s)
	if b := balance(t, w); b.Confirmed != 890_000 || b.Unconfirmed != 0 {
		t.Errorf("mined: %+v", b)
	}
}

// Another device with the same words spends a coin of a transaction of ours that was never mined:
// ours is dead, and its other coin is free again.
func TestRivalFromAnotherDevice(t *testing.T) {
	s := startNode(t)
	ctx := testContext(t)
	w, twin := create(t, home(t), phraseA), create(t, home(t), phraseA)
	var ops []wire.OutPoint
	for range 2 {
		a := receive(t, w, scripts.P2WPKH)
		ops = append(ops, outPoint(fund(t, s, a.Script, 100_000), a.Script))
	}
	mine(t, s, 1)
	for _, x := range []*wallet.Wallet{w, twin} {
		unlock(t, x)
		syncWallet(t, x, s)
	}
	ours := spend(t, w, ops, wire.NewTxOut(190_000, changeScript(t, w)))
	if err := w.AddTx(ctx, ours); err != nil { // offered to a node that has forgotten it
		t.Fatal(err)
	}
	theirs := spend(t, twin, ops[:1], wire.NewTxOut(90_000, changeScript(t, twin)))
	broadcast(t, twin, s, theirs)
	mine(t, s, 1)
	for range 2 {
		syncWallet(t, w, s)
		if b := balance(t, w); b.Confirmed != 190_000 || b.Total() != 190_000 {
			t.Errorf("%+v", b)
		}
		if list, err := w.Spendable(ctx, 1); err != nil || len(list) != 2 {
			t.Errorf("%d spendable: %v", len(list), err)
		}
		rescanWallet(t, w, s)
	}
}
