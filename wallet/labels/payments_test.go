package labels

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/storage/dbfile"
)

// emptyBook is a book without keys, made just now.
func emptyBook(t *testing.T) *Book {
	t.Helper()
	b := In(t.TempDir(), &chaincfg.RegressionNetParams)
	err := b.Create(func(tx *dbfile.Tx) error {
		return MetaOf(tx).Begin(b.Net.Name, Origin{Birthday: time.Now(), Gap: 20}, time.Now())
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// spend is a transaction that spends coins, named by a byte each, and pays a script.
func spend(script string, sat int64, from ...byte) *wire.MsgTx {
	tx := wire.NewMsgTx(2)
	for _, n := range from {
		tx.AddTxIn(wire.NewTxIn(&wire.OutPoint{Hash: chainhash.Hash{n}}, nil, nil))
	}
	tx.AddTxOut(wire.NewTxOut(sat, []byte(script)))
	return tx
}

// signedCopy is a transaction with a signature.
func signedCopy(tx *wire.MsgTx) *wire.MsgTx {
	tx = tx.Copy()
	for _, in := range tx.TxIn {
		in.SignatureScript = []byte{0x51}
	}
	return tx
}

// What a prepared payment waits for is held until its time is over, it is sent or it is released,
// and by nobody else meanwhile.
func TestHolds(t *testing.T) {
	ctx := context.Background()
	c := emptyBook(t)
	m, held := NewPayments(c), NewHolds(c)
	first := spend("a", 1000, 1, 2)
	until := time.Now().Add(time.Hour)
	record := PaymentRecord{Request: "r", Time: time.Now(), Targets: []Target{{Script: []byte("a"), Amount: 1000}}, Tx: first, PSBT: []byte("psbt"), Until: until}
	if err := m.Prepare(ctx, record); err != nil {
		t.Fatal(err)
	}
	list, err := held.List(ctx, time.Now())
	if err != nil || len(list) != 2 || list[0].Holder != HolderOf(first.TxHash()) || list[0].Until.Unix() != until.Unix() {
		t.Fatalf("%v, %v", list, err)
	}
	other := record
	other.Request, other.Tx = "", spend("b", 1000, 2, 3)
	if err := m.Prepare(ctx, other); !errors.Is(err, ErrHeld) {
		t.Errorf("a second payment took the coin: %v", err)
	}
	if list, _ := m.List(ctx); len(list) != 1 {
		t.Errorf("a payment that was refused is remembered: %d", len(list))
	}
	if err := held.Release(ctx, []wire.OutPoint{{Hash: chainhash.Hash{2}}, {Hash: chainhash.Hash{9}}}); !errors.Is(err, ErrNotHeld) {
		t.Errorf("released what is not held: %v", err)
	}
	if err := held.Release(ctx, []wire.OutPoint{{Hash: chainhash.Hash{2}}}); err != nil {
		t.Error(err)
	}
	if err := m.Prepare(ctx, other); err != nil {
		t.Errorf("after it was released: %v", err)
	}
	if list, err := held.List(ctx, until.Add(time.Second)); err != nil || len(list) != 0 {
		t.Errorf("held after its time: %v, %v", list, err)
	}
	sent := signedCopy(first)
	p, found, err := m.Sent(ctx, sent)
	if err != nil || !found || p.Request != "r" || p.PSBT != nil {
		t.Fatalf("sent: %v, %v", found, err)
	}
	if list, err := held.List(ctx, time.Now()); err != nil || len(list) != 2 || list[0].Holder != HolderOf(other.Tx.TxHash()) {
		t.Errorf("held after it was sent: %v, %v", list, err)
	}
	if p, found, err := m.ByRequest(ctx, "r"); err != nil || !found || p.Tx.TxHash() != sent.TxHash() {
		t.Errorf("the request leads to %v, %v", found, err)
	}
	if err := m.Drop(ctx, other); err != nil {
		t.Error(err)
	}
	if list, err := held.List(ctx, time.Now()); err != nil || len(list) != 0 {
		t.Errorf("held for a payment that was given up: %v, %v", list, err)
	}
}

// A request is answered by one payment, until that is known to be impossible.
func TestRequests(t *testing.T) {
	ctx := context.Background()
	c := emptyBook(t)
	m := NewPayments(c)
	if _, whole, err := m.Begins(ctx); err != nil || !whole {
		t.Errorf("a new wallet forgets: %v", err)
	}
	one, two := spend("a", 1000, 1), spend("a", 1000, 2)
	record := PaymentRecord{Request: "r", Time: time.Now(), Targets: []Target{{Script: []byte("a"), Amount: 1000}}, Tx: one, PSBT: []byte("p"), Until: time.Now().Add(time.Hour)}
	if err := m.Prepare(ctx, record); err != nil {
		t.Fatal(err)
	}
	again := record
	again.Tx = two
	if err := m.Prepare(ctx, again); !errors.Is(err, ErrKnownRequest) {
		t.Errorf("answered twice: %v", err)
	}
	if err := m.Drop(ctx, record); err != nil {
		t.Fatal(err)
	}
	if _, found, err := m.ByRequest(ctx, "r"); found || err != nil {
		t.Errorf("after it was dropped: %v, %v", found, err)
	}
	if err := m.Prepare(ctx, again); err != nil {
		t.Errorf("after it was dropped: %v", err)
	}
}
