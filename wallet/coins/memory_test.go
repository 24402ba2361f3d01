package coins

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// TestMemory: what a name was paid last, and transactions that are kept before they are sent.
func TestMemory(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	if err := Create(dir, &chaincfg.RegressionNetParams, Setup{Gap: 3}); err != nil {
		t.Fatal(err)
	}
	open := func() *Coins {
		c, err := Open(dir, &chaincfg.RegressionNetParams)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if _, found, err := open().LastPayee(ctx, "alice.id"); err != nil || found {
		t.Fatalf("nobody was paid yet: %v, %v", found, err)
	}
	if m, err := open().PaidNames(ctx); err != nil || len(m) != 0 {
		t.Fatalf("nobody was paid yet: %v, %v", m, err)
	}
	first, second := chainhash.Hash{1}, chainhash.Hash{2}
	at := time.Unix(1_700_000_000, 0).UTC()
	for _, paid := range []struct {
		txid chainhash.Hash
		to   map[string]string
	}{{first, map[string]string{"alice.id": "addr1", "bob.id": "addr2"}}, {second, map[string]string{"alice.id": "addr3"}}} {
		if err := open().Paid(ctx, paid.txid, at, paid.to); err != nil {
			t.Fatal(err)
		}
	}
	p, found, err := open().LastPayee(ctx, "alice.id")
	if err != nil || !found || p != (Payee{Address: "addr3", Txid: second, Time: at}) {
		t.Errorf("last payee: %+v, %v, %v", p, found, err)
	}
	names, err := open().PaidNames(ctx)
	if err != nil || len(names) != 2 || names[first]["addr1"] != "alice.id" || names[first]["addr2"] != "bob.id" || names[second]["addr3"] != "alice.id" {
		t.Errorf("paid names: %v, %v", names, err)
	}
	if err := open().Paid(ctx, first, at, map[string]string{"": "x"}); err == nil {
		t.Error("nobody was paid by name")
	}

	tx := wire.NewMsgTx(2)
	tx.AddTxIn(wire.NewTxIn(&wire.OutPoint{Hash: first}, nil, nil))
	tx.AddTxOut(wire.NewTxOut(1, nil))
	if err := open().KeepTx(ctx, tx); err != nil {
		t.Fatal(err)
	}
	if kept, err := open().KeptTxs(ctx); err != nil || len(kept) != 1 || kept[0].TxHash() != tx.TxHash() {
		t.Errorf("kept: %v, %v", kept, err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if err := open().KeepTx(ended, tx); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context: %v", err)
	}
}
