package wallet_test

import (
	"errors"
	"testing"

	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet"
)

// A transaction of ours is signed as it is: one whose payee, amount, coin or signature was changed
// afterwards is not.
func TestCheckSigned(t *testing.T) {
	ctx := testContext(t)
	s := startNode(t)
	w, ops := funded(t, s, 1_000_000, 300_000)
	tx := spend(t, w, ops[:1], wire.NewTxOut(600_000, faucetScript(t, s)), wire.NewTxOut(399_000, changeScript(t, w)))
	if err := wallet.CheckSigned(ctx, w, tx); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(tx *wire.MsgTx){
		"another payee":  func(tx *wire.MsgTx) { tx.TxOut[0].PkScript = tx.TxOut[1].PkScript },
		"another amount": func(tx *wire.MsgTx) { tx.TxOut[1].Value-- },
		"another coin":   func(tx *wire.MsgTx) { tx.TxIn[0].PreviousOutPoint = ops[1] },
		"no signature":   func(tx *wire.MsgTx) { tx.TxIn[0].Witness = nil },
		"one coin more":  func(tx *wire.MsgTx) { tx.AddTxIn(wire.NewTxIn(&ops[1], nil, nil)) },
	} {
		forged := tx.Copy()
		change(forged)
		if err := wallet.CheckSigned(ctx, w, forged); !errors.Is(err, wallet.ErrNotSigned) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
