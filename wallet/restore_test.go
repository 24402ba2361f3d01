package wallet_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet"
	"blockstack/wallet/keychain"
	"blockstack/wallet/scripts"
	"blockstack/wallet/watched"
)

func trackerPath(w *wallet.Wallet) string {
	return filepath.Join(w.Config().Dir, "wallet", "wallet.db")
}

func removeTracker(t *testing.T, w *wallet.Wallet) {
	t.Helper()
	if err := os.Remove(trackerPath(w)); err != nil {
		t.Fatal(err)
	}
}

// keyScripts derives scripts of a phrase independently of what a wallet has derived, through a
// keychain of its own with a large gap.
func keyScripts(t *testing.T, phrase string) *wallet.Wallet {
	t.Helper()
	cfg := home(t)
	err := wallet.Create(testContext(t), cfg, wallet.CreateOptions{Mnemonic: text(phrase), Password: text(password), Cost: keychain.TestCost(), Gap: 50})
	if err != nil {
		t.Fatal(err)
	}
	return open(t, cfg)
}

// A restore looks far and then goes back to the usual gap. The next unlock finds nothing that
// somebody else wrote.
func TestSmallerGapIsNoDamage(t *testing.T) {
	ctx, cfg := testContext(t), home(t)
	err := wallet.Create(ctx, cfg, wallet.CreateOptions{Mnemonic: text(phraseA), Password: text(password), Cost: keychain.TestCost(), Gap: 60})
	if err != nil {
		t.Fatal(err)
	}
	w := open(t, cfg)
	if err := w.Unlock(ctx, text(password)); err != nil {
		t.Fatal(err)
	}
	if err := w.SetGap(ctx, watched.DefaultGap); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	w = open(t, cfg)
	if err := w.Unlock(ctx, text(password)); err != nil || w.Repaired() != 0 {
		t.Errorf("%d rows were written anew, %v", w.Repaired(), err)
	}
}

type payment struct {
	kind   scripts.Kind
	branch uint32
	index  uint32
}

// A wallet is used far and wide, with gaps and out of order; a restore from the words finds every
// coin and lists none that was spent.
func TestRestoreWithGaps(t *testing.T) {
	overBackends(t, restoreWithGaps)
}

func restoreWithGaps(t *testing.T, via string) {
	s := startNodeVia(t, via)
	s.filters = true
	ctx := testContext(t)
	far := keyScripts(t, phraseA) // same seed, sees further: stands for another device
	var want btcutil.Amount
	pay := func(script []byte, amount btcutil.Amount) wire.OutPoint {
		want += amount
		return outPoint(fund(t, s, script, amount), script)
	}
	var ops []wire.OutPoint
	amount := btcutil.Amount(100_000)
	for _, p := range []payment{
		{scripts.P2WPKH, 0, 19}, {scripts.P2WPKH, 0, 3}, {scripts.P2WPKH, 0, 38}, {scripts.P2WPKH, 0, 57}, {scripts.P2WPKH, 0, 76}, {scripts.P2WPKH, 0, 95}, {scripts.P2WPKH, 0, 20},
		{scripts.P2WPKH, 1, 18}, {scripts.P2PKH, 0, 0}, {scripts.P2PKH, 1, 15}, {scripts.P2SHP2WPKH, 0, 15}, {scripts.P2SHP2WPKH, 1, 30}, {scripts.P2SHP2WPKH, 1, 12},
		{scripts.P2TR, 0, 19}, {scripts.P2TR, 0, 36}, {scripts.P2TR, 1, 2},
	} {
		k, err := far.PaymentKey(ctx, p.kind, p.branch, p.index)
		if err != nil {
			t.Fatal(err)
		}
		amount++
		ops = append(ops, pay(k.Script, amount))
		mine(t, s, 1)
	}
	for _, i := range []uint32{0, 7, 19, 38, 74, 55} {
		a, err := far.OwnerAddress(ctx, i)
		if err != nil {
			t.Fatal(err)
		}
		amount++
		ops = append(ops, pay(a.Script, amount))
		mine(t, s, 1)
	}
	r, err := far.RevealerAddress(ctx, 2)
	if err != nil {
		t.Fatal(err)
	}
	pay(r.Script, amount)
	mine(t, s, 1)
	syncWallet(t, far, s)
	unlock(t, far)
	// One payment coin and one owner coin are spent together.
	tx := spend(t, far, []wire.OutPoint{ops[0], ops[len(ops)-1]}, wire.NewTxOut(150_000, faucetScript(t, s)))
	want -= 100_001 + amount
	broadcast(t, far, s, tx)
	mine(t, s, 1)
	syncWallet(t, far, s)
	if b := balance(t, far); b.Total() != want {
		t.Fatalf("the test is wrong: %+v, want %d", b, want)
	}

	restored := create(t, home(t), phraseA)
	unlock(t, restored)
	syncWallet(t, restored, s)
	if b, f := balance(t, restored), balance(t, far); b.Total() != want || b.Owner != f.Owner || b.Confirmed != f.Confirmed {
		t.Errorf("restored %+v, want %+v", b, f)
	}
	if got, full := listCoins(t, restored), listCoins(t, far); len(got) != len(full) {
		t.Errorf("%d coins, want %d", len(got), len(full))
	}
	next, err := restored.ReceiveAddress(ctx, scripts.P2WPKH)
	if err != nil || next.Index != 96 {
		t.Errorf("next address is number %d: %v", next.Index, err)
	}
	// The same again by the repair command, and after the file was lost.
	rescanWallet(t, restored, s)
	if b := balance(t, restored); b.Total() != want {
		t.Errorf("scanned again: %+v", b)
	}
	removeTracker(t, restored)
	if b := balance(t, restored); b.Total() != 0 || b.Tip.Synced {
		t.Errorf("without the tracker: %+v", b)
	}
	syncWallet(t, restored, s)
	if b := balance(t, restored); b.Total() != want {
		t.Errorf("after the tracker was lost: %+v", b)
	}
	if again, err := restored.ReceiveAddress(ctx, scripts.P2WPKH); err != nil || again.Text != next.Text {
		t.Errorf("another address than before: %v", err)
	}
}

// While it is locked, a wallet that needs more owner keys says so, and has them after Unlock.
func TestOwnerKeysRunShort(t *testing.T) {
	overTwo(t, ownerKeysRunShort)
}

func ownerKeysRunShort(t *testing.T, via string) {
	s := startNodeVia(t, via)
	ctx := testContext(t)
	far := keyScripts(t, phraseA)
	w := create(t, home(t), phraseA)
	for _, i := range []uint32{35, 50} {
		a, err := far.OwnerAddress(ctx, i)
		if err != nil {
			t.Fatal(err)
		}
		fund(t, s, a.Script, 10_000)
	}
	mine(t, s, 1)
	syncWallet(t, w, s)
	info, err := w.Info(ctx)
	if err != nil || !info.NeedsKeys {
		t.Fatalf("needs keys: %t %v", info.NeedsKeys, err)
	}
	if b := balance(t, w); b.Owner != 10_000 {
		t.Errorf("locked: %+v", b)
	}
	if _, err := w.OwnerAddress(ctx, 60); !errors.Is(err, wallet.ErrNeedKeys) {
		t.Errorf("locked, a far owner key: %v", err)
	}
	unlock(t, w)
	if info, err = w.Info(ctx); err != nil || !info.NeedsRescan || info.NeedsKeys {
		t.Errorf("unlocked: %+v %v", info, err)
	}
	syncWallet(t, w, s)
	if b := balance(t, w); b.Owner != 20_000 {
		t.Errorf("after the second sync: %+v", b)
	}
	a, err := w.OwnerAddress(ctx, 500)
	if err != nil {
		t.Fatal(err)
	}
	k, err := w.OwnerSigner(500)
	if err != nil || !bytes.Equal(k.PublicKey().SerializeCompressed(), a.PubKey.SerializeCompressed()) {
		t.Errorf("owner key 500: %v", err)
	}
}

// A sync that is broken off leaves a wallet that the next sync completes.
func TestInterruptedSync(t *testing.T) {
	s := startNode(t)
	w, _ := funded(t, s, 250_000)
	mine(t, s, 20)
	for i := range 30 {
		ctx, cancel := context.WithCancel(testContext(t))
		done := make(chan error, 1)
		go func() { done <- w.Rescan(ctx, s.Backend(t)) }()
		if i%3 != 0 {
			eventually(t, "the rescan has begun", func() bool {
				_, err := os.Stat(trackerPath(w))
				return err == nil
			})
		}
		cancel()
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
	}
	syncWallet(t, w, s)
	if b := balance(t, w); b.Confirmed != 250_000 || b.Total() != 250_000 {
		t.Errorf("after all: %+v", b)
	}
}

// One sync of a locked wallet follows the payments from gap to gap by itself.
func TestOneSyncGoesBeyondTheGap(t *testing.T) {
	overTwo(t, oneSyncGoesBeyondTheGap)
}

func oneSyncGoesBeyondTheGap(t *testing.T, via string) {
	s := startNodeVia(t, via)
	far, w := keyScripts(t, phraseA), create(t, home(t), phraseA)
	for _, i := range []uint32{30, 49, 68} {
		k, err := far.PaymentKey(testContext(t), scripts.P2WPKH, scripts.Receive, i)
		if err != nil {
			t.Fatal(err)
		}
		fund(t, s, k.Script, 10_000)
	}
	mine(t, s, 1)
	syncWallet(t, w, s)
	if b := balance(t, w); b.Confirmed != 30_000 {
		t.Errorf("%+v", b)
	}
	if info, err := w.Info(testContext(t)); err != nil || info.NeedsKeys || info.NeedsRescan {
		t.Errorf("%+v %v", info, err)
	}
}
