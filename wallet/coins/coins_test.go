package coins

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/storage/dbfile"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
	"blockstack/wallet/watched"
	"blockstack/wallet/watchedtest"
)

func newCoins(t testing.TB, gap uint32) *Coins {
	t.Helper()
	dir := t.TempDir()
	if err := Create(dir, watchedtest.Net, watchedtest.Setup(t, gap)); err != nil {
		t.Fatal(err)
	}
	c, err := Open(dir, watchedtest.Net)
	if err != nil {
		t.Fatal(err)
	}
	c.Book.Wait = 50 * time.Millisecond
	return c
}

func TestCreateAndOpenRefuse(t *testing.T) {
	dir := t.TempDir()
	if err := Create(dir, watchedtest.Net, watchedtest.Setup(t, 2)); err != nil {
		t.Fatal(err)
	}
	if err := Create(dir, watchedtest.Net, watchedtest.Setup(t, 2)); !errors.Is(err, labels.ErrExists) {
		t.Errorf("again: %v", err)
	}
	if _, err := Open(dir, &chaincfg.SigNetParams); !errors.Is(err, labels.ErrNetwork) {
		t.Errorf("another network: %v", err)
	}
	if _, err := Open(t.TempDir(), watchedtest.Net); !errors.Is(err, labels.ErrNotFound) {
		t.Errorf("nothing there: %v", err)
	}
	main := watchedtest.Setup(t, 2)
	main.Accounts[scripts.P2PKH].SetNet(&chaincfg.MainNetParams)
	if err := Create(t.TempDir(), watchedtest.Net, main); err == nil {
		t.Error("an account key of another network was taken")
	}
	for name, b := range map[string][]byte{"text": []byte("not a database"), "empty": {}, "zeroes": make([]byte, 1<<16)} {
		dir := t.TempDir()
		path := filepath.Join(dir, "labels.db")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(dir, watchedtest.Net); err == nil {
			t.Errorf("%s: opened", name)
		}
		if now, _ := os.ReadFile(path); len(now) != len(b) {
			t.Errorf("%s: the file was changed", name)
		}
	}
	// A creation that was interrupted leaves a file beside; the next one succeeds.
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "labels.db.new"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Create(dir, watchedtest.Net, watchedtest.Setup(t, 2)); err != nil {
		t.Errorf("after an interruption: %v", err)
	}
}

// Replacements in the list of our own transactions, with what was built on them.
func TestSentReplaced(t *testing.T) {
	c := newCoins(t, 2)
	ctx := context.Background()
	k, err := c.Keys.PaymentKey(ctx, scripts.P2WPKH, scripts.Change, 0)
	if err != nil {
		t.Fatal(err)
	}
	build := func(value int64, from ...wire.OutPoint) *wire.MsgTx {
		tx := wire.NewMsgTx(2)
		for _, op := range from {
			tx.AddTxIn(wire.NewTxIn(&op, nil, nil))
		}
		tx.AddTxOut(wire.NewTxOut(value, k.Script))
		return tx
	}
	coin, second := wire.OutPoint{Hash: [32]byte{1}}, wire.OutPoint{Hash: [32]byte{2}}
	first := build(900, coin)
	child := build(800, wire.OutPoint{Hash: first.TxHash()})
	grandchild := build(700, wire.OutPoint{Hash: child.TxHash()}, second)
	other := build(500, wire.OutPoint{Hash: [32]byte{3}})
	for _, tx := range []*wire.MsgTx{first, child, grandchild, other, first} {
		if err := c.AddTx(ctx, tx); err != nil {
			t.Fatal(err)
		}
	}
	total := func(want int64, coins int) {
		t.Helper()
		b, err := c.Balance(ctx)
		if err != nil || int64(b.Total()) != want {
			t.Errorf("balance %+v, want %d: %v", b, want, err)
		}
		if list, err := c.List(ctx); err != nil || len(list) != coins {
			t.Errorf("%d coins, want %d: %v", len(list), coins, err)
		}
	}
	total(1200, 2)
	if err := c.AddTx(ctx, build(850, coin)); err != nil {
		t.Fatal(err)
	}
	total(1350, 2)
	var sent []*wire.MsgTx
	if err := c.Book.View(func(tx *dbfile.Tx) (err error) { sent, err = labels.SentTxs(tx); return err }); err != nil || len(sent) != 2 {
		t.Errorf("%d sent: %v", len(sent), err)
	}
	if err := c.RemoveTx(ctx, other.TxHash()); err != nil {
		t.Fatal(err)
	}
	total(850, 1)
	change, err := watched.NewAddresses(c.Keys).ChangeKey(ctx, scripts.P2WPKH)
	if err != nil || change.Index != 1 {
		t.Errorf("change key %d: %v", change.Index, err)
	}
}
