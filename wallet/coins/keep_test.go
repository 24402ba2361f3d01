package coins

import (
	"context"
	"errors"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// Transactions are kept before they are sent.
func TestKeepTx(t *testing.T) {
	ctx, c := t.Context(), newCoins(t, 2)
	tx := wire.NewMsgTx(2)
	tx.AddTxIn(wire.NewTxIn(&wire.OutPoint{Hash: chainhash.Hash{1}}, nil, nil))
	tx.AddTxOut(wire.NewTxOut(1, nil))
	if err := c.KeepTx(ctx, tx); err != nil {
		t.Fatal(err)
	}
	if kept, err := c.KeptTxs(ctx); err != nil || len(kept) != 1 || kept[0].TxHash() != tx.TxHash() {
		t.Errorf("kept: %v, %v", kept, err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if err := c.KeepTx(ended, tx); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context: %v", err)
	}
}
