package portstest

import (
	"bytes"
	"testing"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/ports"
)

// key is what the n-th sender shows of itself.
func key(n byte) []byte { return append([]byte{2}, bytes.Repeat([]byte{n}, 32)...) }

// Sender is the script of the n-th sender.
func Sender(n byte) []byte { return names.PubKeyHashScript([20]byte(address.Hash160(key(n)))) }

// Operation is a name operation that the n-th sender has sent, which pays 1000 satoshi to its
// script in each of so many outputs.
func (w *World) Operation(tb testing.TB, op nameop.Op, n byte, outputs int) *wire.MsgTx {
	tb.Helper()
	script, err := nameop.Script(w.Params.Magic, op)
	if err != nil {
		tb.Fatal(err)
	}
	tx := wire.NewMsgTx(2)
	tx.AddTxIn(wire.NewTxIn(&wire.OutPoint{Hash: chainhash.Hash{0xa0, n}}, append([]byte{byte(len(key(n)))}, key(n)...), nil))
	tx.AddTxOut(wire.NewTxOut(0, script))
	for range outputs {
		tx.AddTxOut(wire.NewTxOut(1000, Sender(n)))
	}
	return tx
}

// Preorder is that of a name for an owner by the n-th sender, with what the index says of it in a
// block of a height.
func (w *World) Preorder(tb testing.TB, name string, owner []byte, n byte, height int32) (*wire.MsgTx, ports.Outstanding) {
	tb.Helper()
	hash, err := txbuilder.PreorderHash(w.Params, Name(tb, name), Sender(n), owner)
	if err != nil {
		tb.Fatal(err)
	}
	tx := w.Operation(tb, nameop.NamePreorder{Hash: hash}, n, 2)
	return tx, ports.Outstanding{Hash: hash, Txid: tx.TxHash(), Height: height, Sender: Sender(n)}
}
