package wallet_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
)

// Payments to every kind of address, to an owner and to a revealer key, are seen unconfirmed and
// confirmed; one transaction spends all kinds at once.
func TestReceiveAndSpendAllKinds(t *testing.T) {
	overTwo(t, receiveAndSpendAllKinds)
}

func receiveAndSpendAllKinds(t *testing.T, via string) {
	s, w := startNodeVia(t, via), newWallet(t)
	ctx := testContext(t)
	syncWallet(t, w, s)
	if b := balance(t, w); b.Total() != 0 || !b.Tip.Synced {
		t.Fatalf("fresh wallet: %+v", b)
	}
	var (
		want  btcutil.Amount
		given [][]byte
	)
	for i, kind := range scripts.Kinds() {
		a := receive(t, w, kind)
		given = append(given, a.Script)
		amount := btcutil.Amount(1_000_000 * (i + 1))
		fund(t, s, a.Script, amount)
		want += amount
	}
	owner, err := w.OwnerAddress(ctx, 3)
	if err != nil {
		t.Fatal(err)
	}
	revealer, err := w.RevealerAddress(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	fund(t, s, owner.Script, 50_000)
	fund(t, s, revealer.Script, 60_000)

	syncWallet(t, w, s)
	b := balance(t, w)
	unconfirmed, owned := want, btcutil.Amount(110_000)
	if via == viaPeers { // they do not show what waits
		unconfirmed, owned = 0, 0
	}
	if b.Unconfirmed != unconfirmed || b.Owner != owned || b.Confirmed != 0 {
		t.Errorf("in the memory pool: %+v, want %d unconfirmed", b, unconfirmed)
	}
	if list, err := w.Spendable(ctx, 0); err != nil || len(list) != 0 {
		t.Errorf("unconfirmed payments of others are spendable: %d %v", len(list), err)
	}
	mine(t, s, 2)
	syncWallet(t, w, s)
	if b = balance(t, w); b.Confirmed != want || b.Unconfirmed != 0 || b.Owner != 110_000 {
		t.Errorf("confirmed: %+v, want %d", b, want)
	}
	list := listCoins(t, w)
	if len(list) != 6 {
		t.Fatalf("%d coins", len(list))
	}
	for _, c := range list {
		if c.Confirmations != 2 || c.Key.Address == "" || (c.Key.Role == scripts.Payment) != c.Spendable() {
			t.Errorf("coin %+v", c)
		}
	}
	spendable, err := w.Spendable(ctx, 1)
	if err != nil || len(spendable) != 4 {
		t.Fatalf("%d spendable: %v", len(spendable), err)
	}
	if some, err := w.Spendable(ctx, 3); err != nil || len(some) != 0 {
		t.Errorf("%d coins of 3 confirmations: %v", len(some), err)
	}

	unlock(t, w)
	var from []wire.OutPoint
	ownerCoin, err := w.CoinsAt(ctx, owner.Script)
	if err != nil || len(ownerCoin) != 1 {
		t.Fatalf("coins of the owner key: %d %v", len(ownerCoin), err)
	}
	from = append(from, ownerCoin[0].OutPoint) // first, as name operations need it
	for _, c := range spendable {
		from = append(from, c.OutPoint)
	}
	data, err := txscript.NullDataScript([]byte("id+ a payload"))
	if err != nil {
		t.Fatal(err)
	}
	change, err := w.ChangeScript(ctx)
	if err != nil {
		t.Fatal(err)
	}
	p := packet(t, w, from, []*wire.TxOut{{Value: 0, PkScript: data}, {Value: 50_000, PkScript: owner.Script}, {Value: int64(want) - 10_000, PkScript: change}})
	if err := w.Sign(ctx, p); err != nil {
		t.Fatal(err)
	}
	tx := finish(t, p)
	if !bytes.Equal(tx.TxOut[0].PkScript, data) || tx.TxIn[0].PreviousOutPoint != from[0] {
		t.Error("the order of inputs or outputs has changed")
	}
	broadcast(t, w, s, tx)
	if b = balance(t, w); b.Unconfirmed != want-10_000 || b.Owner != 110_000 || b.Confirmed != 0 {
		t.Errorf("after spending: %+v", b)
	}
	own, err := w.Spendable(ctx, 0)
	if err != nil || len(own) != 1 || own[0].Hash != tx.TxHash() {
		t.Errorf("own change: %d %v", len(own), err)
	}
	next, err := w.ChangeScript(ctx)
	if err != nil || bytes.Equal(next, change) {
		t.Errorf("the change address is used again: %v", err)
	}
	if err := w.AddTx(ctx, tx); err != nil {
		t.Errorf("AddTx again: %v", err)
	}
	mine(t, s, 1)
	syncWallet(t, w, s)
	if b = balance(t, w); b.Confirmed != want-10_000 || b.Owner != 110_000 || b.Total() != want+100_000 {
		t.Errorf("spent and mined: %+v", b)
	}
	checkHistory(t, w, tx, len(given))
	checkModes(t, w)
}

func checkHistory(t *testing.T, w *wallet.Wallet, tx *wire.MsgTx, received int) {
	t.Helper()
	ctx := testContext(t)
	if err := w.SetLabel(ctx, labels.Label{Type: labels.Tx, Ref: tx.TxHash().String(), Text: "all kinds"}); err != nil {
		t.Fatal(err)
	}
	h, err := w.History(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if len(h) != received+3 {
		t.Fatalf("%d entries", len(h))
	}
	e := h[0]
	if e.Txid != tx.TxHash() || e.Confirmations != 1 || !e.FeeKnown || e.Fee != 10_000 || e.Net() != -10_000 || e.Label != "all kinds" {
		t.Errorf("entry %+v", e)
	}
	if !e.Outputs[1].Ours || e.Outputs[1].Key.Role != scripts.Owner || e.Outputs[0].Ours || e.Outputs[2].Key.Branch != scripts.Change {
		t.Errorf("outputs %+v", e.Outputs)
	}
	for _, e := range h[1:] {
		if e.FeeKnown || e.Net() <= 0 {
			t.Errorf("incoming entry %+v", e)
		}
	}
	if _, err := w.PrevTx(ctx, wire.OutPoint{Hash: [32]byte{1}}); !errors.Is(err, wallet.ErrUnknownTx) {
		t.Errorf("unknown transaction: %v", err)
	}
}

// checkModes makes sure that nobody else can read the files.
func checkModes(t *testing.T, w *wallet.Wallet) {
	t.Helper()
	root := filepath.Dir(w.Config().Keychain)
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %o", path, info.Mode().Perm())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
