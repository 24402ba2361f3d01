package wallet_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder"
	"blockstack/wallet"
	"blockstack/wallet/scripts"
)

// sharedOf makes the script of 2 of the first identities of some wallets, at each.
func sharedOf(t *testing.T, ws ...*wallet.Wallet) scripts.SharedScript {
	t.Helper()
	var keys [][]byte
	for _, w := range ws {
		a, err := w.OwnerAddress(testContext(t), 0)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, a.PubKey.SerializeCompressed())
	}
	var s scripts.SharedScript
	for i, w := range ws {
		// The order in which a home gives the keys does not matter.
		redeem, err := wallet.NewShared(2, append(append([][]byte{}, keys[i:]...), keys[:i]...))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.AddShared(testContext(t), redeem, "together"); i == 0 && !errors.Is(err, wallet.ErrLocked) {
			t.Fatalf("a set that nobody vouches for was taken: %v", err)
		}
		unlock(t, w)
		next, err := w.AddShared(testContext(t), redeem, "together")
		if err != nil {
			t.Fatal(err)
		}
		if i > 0 && !bytes.Equal(next.Script, s.Script) {
			t.Fatal("two homes make different scripts")
		}
		s = next
	}
	return s
}

// sharedSum is what a wallet sees at a shared script.
func sharedSum(t *testing.T, w *wallet.Wallet, script []byte) (sum btcutil.Amount, n int) {
	t.Helper()
	list, err := w.CoinsAt(testContext(t), script)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		if c.Key.Role != scripts.Shared || c.Spendable() {
			t.Errorf("coin %s has role %s", c.OutPoint, c.Key.Role)
		}
		sum += c.Amount
	}
	return sum, len(list)
}

// TestSharedCoins follows the coins of a script of 2 of 3 over every way to the chain: paid before
// and after it was made known, spent by two of us, in one block with its payment, taken back by
// reorgs, and looked for again from the start.
func TestSharedCoins(t *testing.T) {
	overBackends(t, func(t *testing.T, via string) {
		n := startNodeVia(t, via)
		a, b, c := newWallet(t), newWallet(t), newWallet(t)
		mine(t, n, 1)
		syncWallet(t, a, n)
		s := sharedOf(t, a, b, c)
		first := fund(t, n, s.Script, 60_000)
		mine(t, n, 1)
		syncWallet(t, a, n)
		if sum, _ := sharedSum(t, a, s.Script); sum != 60_000 {
			t.Fatalf("%d at the script", sum)
		}
		if bal := balance(t, a); bal.Owner != 60_000 || bal.Confirmed != 0 {
			t.Errorf("balance %+v", bal)
		}
		// Paid to and spent from in one block; and a payment with another of ours.
		second := fund(t, n, s.Script, 40_000)
		f, err := n.Faucet()
		if err != nil {
			t.Fatal(err)
		}
		chained := together(t, a, b, s, wire.OutPoint{Hash: second.TxHash(), Index: outPoint(second, s.Script).Index}, second, wire.NewTxOut(39_000, f.Script()))
		broadcastRaw(t, n, chained)
		mine(t, n, 1)
		syncWallet(t, a, n)
		if sum, count := sharedSum(t, a, s.Script); sum != 60_000 || count != 1 {
			t.Errorf("%d in %d coins; what was spent in the block of its payment is still there", sum, count)
		}
		// Spent by two, with change back to the script.
		spent := together(t, b, c, s, outPoint(first, s.Script), first, wire.NewTxOut(9_000, f.Script()), wire.NewTxOut(50_000, s.Script))
		broadcast(t, a, n, spent)
		if sum, _ := sharedSum(t, a, s.Script); sum != 50_000 {
			t.Errorf("%d while it waits", sum)
		}
		mine(t, n, 2)
		syncWallet(t, a, n)
		if sum, _ := sharedSum(t, a, s.Script); sum != 50_000 {
			t.Errorf("%d after it was mined", sum)
		}
		// A reorg takes the last four blocks away for good.
		if _, err := n.Reorg(testContext(t), 4, false); err != nil {
			t.Fatal(err)
		}
		mine(t, n, 1)
		syncWallet(t, a, n)
		if sum, _ := sharedSum(t, a, s.Script); sum != 50_000 {
			t.Errorf("%d after a reorg", sum)
		}
		// A home that hears of the script only now finds everything, too.
		syncWallet(t, c, n)
		if sum, count := sharedSum(t, c, s.Script); sum != 50_000 || count != 1 {
			t.Errorf("the third home sees %d in %d coins", sum, count)
		}
		rescanWallet(t, a, n)
		if sum, _ := sharedSum(t, a, s.Script); sum != 50_000 {
			t.Errorf("%d after a rescan", sum)
		}
		if history, err := a.History(testContext(t)); err != nil || len(history) == 0 {
			t.Errorf("%d entries of history: %v", len(history), err)
		}
	})
}

// together lets two wallets sign a spend of a shared coin.
func together(t *testing.T, x, y *wallet.Wallet, s scripts.SharedScript, op wire.OutPoint, prev *wire.MsgTx, outs ...*wire.TxOut) *wire.MsgTx {
	t.Helper()
	p, err := psbt.New([]*wire.OutPoint{&op}, outs, 2, 0, []uint32{wire.MaxTxInSequenceNum - 2})
	if err != nil {
		t.Fatal(err)
	}
	p.Inputs[0].NonWitnessUtxo, p.Inputs[0].RedeemScript = prev, s.Redeem
	for _, w := range []*wallet.Wallet{x, y} {
		unlock(t, w)
		if r, err := w.Inspect(testContext(t), p); err != nil || !r.Inputs[0].Ours {
			t.Fatalf("not seen as ours: %v", err)
		}
		if err := w.Sign(testContext(t), p); err != nil {
			t.Fatal(err)
		}
	}
	tx, err := txbuilder.Finish(p)
	if err != nil {
		t.Fatal(err)
	}
	return tx
}

// broadcastRaw sends a transaction that no wallet is told of.
func broadcastRaw(t *testing.T, n *realNode, tx *wire.MsgTx) {
	t.Helper()
	if _, err := n.Chain().Broadcast(testContext(t), tx); err != nil {
		t.Fatal(err)
	}
}

func TestSharedScriptRefusals(t *testing.T) {
	w, other := newWallet(t), newWallet(t)
	key := func(w *wallet.Wallet, i uint32) []byte {
		a, err := w.OwnerAddress(testContext(t), i)
		if err != nil {
			t.Fatal(err)
		}
		return a.PubKey.SerializeCompressed()
	}
	k0, k1, foreign := key(w, 0), key(w, 1), key(other, 0)
	for name, f := range map[string]func() ([]byte, error){
		"no key":          func() ([]byte, error) { return wallet.NewShared(1, nil) },
		"more than there": func() ([]byte, error) { return wallet.NewShared(3, [][]byte{k0, k1}) },
		"zero":            func() ([]byte, error) { return wallet.NewShared(0, [][]byte{k0, k1}) },
		"a key twice":     func() ([]byte, error) { return wallet.NewShared(1, [][]byte{k0, k0}) },
		"sixteen":         func() ([]byte, error) { return wallet.NewShared(1, make([][]byte, 16)) },
		"a short key":     func() ([]byte, error) { return wallet.NewShared(1, [][]byte{k0[:32], k1}) },
	} {
		if _, err := f(); !errors.Is(err, scripts.ErrBadScript) {
			t.Errorf("%s: %v", name, err)
		}
	}
	redeem, err := wallet.NewShared(1, [][]byte{foreign})
	if err != nil {
		t.Fatal(err)
	}
	for name, script := range map[string][]byte{"of others": redeem, "empty": nil, "not a script": []byte("hello"), "too long": make([]byte, 600)} {
		if _, err := w.AddShared(testContext(t), script, ""); !errors.Is(err, scripts.ErrBadScript) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if list, err := w.SharedScripts(testContext(t)); err != nil || len(list) != 0 {
		t.Errorf("%d scripts: %v", len(list), err)
	}
}
