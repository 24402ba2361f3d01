package wallet_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet"
	"blockstack/wallet/coins"
	"blockstack/wallet/scripts"
)

// eventually waits for what an open connection brings.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for !ok() {
		select {
		case <-ctx.Done():
			t.Fatalf("did not happen: %s", what)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// reorgCase is a wallet with a deep coin, a payment and a transaction of its own in the block that
// a reorg of a certain depth takes away, and one that waits.
type reorgCase struct {
	s        *realNode
	w        *wallet.Wallet
	before   coins.Balance
	incoming *wire.MsgTx
	own      *wire.MsgTx
	waiting  *wire.MsgTx
}

func newReorgCase(t *testing.T, s *realNode, depth int) reorgCase {
	t.Helper()
	c := reorgCase{s: s, w: newWallet(t)}
	deep, in := receive(t, c.w, scripts.P2SHP2WPKH), receive(t, c.w, scripts.P2WPKH)
	first := fund(t, c.s, deep.Script, 5_000_000)
	mine(t, c.s, 1)
	syncWallet(t, c.w, c.s)
	unlock(t, c.w)
	change, err := c.w.ChangeScript(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	// In one block: a payment from outside, and a payment of ours to the faucet.
	f, err := c.s.Faucet()
	if err != nil {
		t.Fatal(err)
	}
	c.incoming = fund(t, c.s, in.Script, 700_000)
	c.own = spend(t, c.w, []wire.OutPoint{outPoint(first, deep.Script)}, wire.NewTxOut(1_000_000, f.Script()), wire.NewTxOut(3_990_000, change))
	broadcast(t, c.w, c.s, c.own)
	mine(t, c.s, depth)
	syncWallet(t, c.w, c.s)
	// And one that was in no block yet, on top of the one that will lose its block.
	c.waiting = spend(t, c.w, []wire.OutPoint{outPoint(c.own, change)}, wire.NewTxOut(500_000, f.Script()), wire.NewTxOut(3_480_000, changeScript(t, c.w)))
	broadcast(t, c.w, c.s, c.waiting)
	if c.before = balance(t, c.w); c.before.Confirmed != 700_000 || c.before.Unconfirmed != 3_480_000 {
		t.Fatalf("before: %+v", c.before)
	}
	return c
}

func (c reorgCase) reorg(t *testing.T, depth int) {
	t.Helper()
	r, err := c.s.Reorg(testContext(t), int32(depth), false)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Disconnected) != depth || len(r.Connected) != depth+1 {
		t.Fatalf("reorg %+v", r)
	}
}

// unconfirmed checks that all transactions wait for a block again.
func (c reorgCase) unconfirmed(t *testing.T) {
	t.Helper()
	b := balance(t, c.w)
	if b.Confirmed != 0 || b.Unconfirmed != c.before.Total() {
		t.Errorf("after the reorg: %+v", b)
	}
	for _, coin := range listCoins(t, c.w) {
		if coin.Confirmations != 0 {
			t.Errorf("coin %s has %d confirmations", coin.OutPoint, coin.Confirmations)
		}
	}
	for _, tx := range []*wire.MsgTx{c.incoming, c.own, c.waiting} {
		if in, err := c.s.Chain().InMempool(testContext(t), tx.TxHash()); err != nil || !in {
			t.Fatalf("the test is wrong: %s is not in the pool: %v", tx.TxHash(), err)
		}
	}
}

// confirmedOnce checks that after new blocks everything counts once.
func (c reorgCase) confirmedOnce(t *testing.T, confirmations int32) {
	t.Helper()
	b := balance(t, c.w)
	if b.Confirmed != c.before.Total() || b.Unconfirmed != 0 {
		t.Errorf("mined again: %+v, want %+v", b, c.before)
	}
	h, err := c.w.History(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	var sum btcutil.Amount
	for _, e := range h {
		sum += e.Net()
	}
	if len(h) != 4 || sum != c.before.Total() {
		t.Errorf("history has %d entries, sum %d", len(h), sum)
	}
	for _, coin := range listCoins(t, c.w) {
		if coin.Confirmations != confirmations {
			t.Errorf("coin %s has %d confirmations, want %d", coin.OutPoint, coin.Confirmations, confirmations)
		}
	}
}

func TestReorgWhileClosed(t *testing.T) {
	overBackends(t, func(t *testing.T, via string) {
		s := startNodeVia(t, via)
		for _, depth := range reorgDepths(via) {
			t.Run(fmt.Sprint(depth), func(t *testing.T) {
				c := newReorgCase(t, s, depth)
				c.reorg(t, depth)
				syncWallet(t, c.w, c.s)
				c.unconfirmed(t)
				mine(t, c.s, 2)
				syncWallet(t, c.w, c.s)
				c.confirmedOnce(t, 2)
			})
		}
	})
}

func TestReorgWhileOpen(t *testing.T) {
	overBackends(t, func(t *testing.T, via string) {
		s := startNodeVia(t, via)
		for _, depth := range reorgDepths(via) {
			t.Run(fmt.Sprint(depth), func(t *testing.T) { reorgWhileOpen(t, s, depth) })
		}
	})
}

func reorgWhileOpen(t *testing.T, s *realNode, depth int) {
	c := newReorgCase(t, s, depth)
	backend, release := c.s.connect(t)
	defer release()
	if err := c.w.Follow(testContext(t), backend); err != nil {
		t.Fatal(err)
	}
	atNodeTip := func() bool {
		height, hash, err := c.s.Chain().Tip(testContext(t))
		if err != nil {
			t.Fatal(err)
		}
		now, err := c.w.Tip(testContext(t))
		if err != nil {
			t.Fatal(err)
		}
		return now.Height == height && now.Hash == hash
	}
	c.reorg(t, depth)
	// No Sync: what comes over the open connection must be right.
	eventually(t, "the wallet follows the new branch", atNodeTip)
	c.unconfirmed(t)
	mine(t, c.s, 2)
	eventually(t, "the wallet sees both transactions mined", func() bool {
		return atNodeTip() && balance(t, c.w).Unconfirmed == 0
	})
	c.confirmedOnce(t, 2)
	if err := c.w.Sync(testContext(t), backend); err != nil { // and the comparison with the chain agrees
		t.Fatal(err)
	}
	c.confirmedOnce(t, 2)
	if err := c.w.Close(); err != nil {
		t.Fatal(err)
	}
}

// A reorg that goes on while the wallet is away and comes back, several times, with a payment in
// flight.
func TestReorgsInARow(t *testing.T) {
	overBackends(t, func(t *testing.T, via string) {
		c := newReorgCase(t, startNodeVia(t, via), 3)
		for i := range 4 {
			c.reorg(t, 3+i/2*2) // what waited is in the first of the blocks mined below
			if i%2 == 0 {
				syncWallet(t, c.w, c.s)
				c.unconfirmed(t)
			}
			mine(t, c.s, 3)
		}
		syncWallet(t, c.w, c.s)
		c.confirmedOnce(t, 3)
	})
}

// A transaction that a reorg takes away for good is gone for the wallet too. Peers do not tell:
// there it waits for a block, and counts as nothing that can be spent.
func TestReorgDropsPayment(t *testing.T) {
	overBackends(t, func(t *testing.T, via string) {
		s, w := startNodeVia(t, via), newWallet(t)
		a := receive(t, w, scripts.P2WPKH)
		fund(t, s, a.Script, 400_000)
		mine(t, s, 2)
		syncWallet(t, w, s)
		if b := balance(t, w); b.Confirmed != 400_000 {
			t.Fatalf("before: %+v", b)
		}
		if _, err := s.Reorg(testContext(t), 2, true); err != nil {
			t.Fatal(err)
		}
		var left btcutil.Amount
		if via == viaPeers {
			left = 400_000
		}
		for range 2 {
			syncWallet(t, w, s)
			if b := balance(t, w); b.Unconfirmed != left || b.Total() != left {
				t.Errorf("after: %+v", b)
			}
			if spendable, err := w.Spendable(testContext(t), 0); err != nil || len(spendable) > 0 {
				t.Errorf("spendable: %v %v", spendable, err)
			}
			mine(t, s, 2)
		}
	})
}
