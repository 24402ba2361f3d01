package labels

import (
	"bytes"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// Conflict reports whether two different transactions spend the same coin.
func Conflict(a, b *wire.MsgTx) bool { return ShareInput(a, b) && a.TxHash() != b.TxHash() }

// ShareInput reports whether two transactions spend the same coin.
func ShareInput(a, b *wire.MsgTx) bool {
	for _, x := range a.TxIn {
		for _, y := range b.TxIn {
			if x.PreviousOutPoint == y.PreviousOutPoint {
				return true
			}
		}
	}
	return false
}

// SameButSigned says whether two transactions spend and pay the same.
func SameButSigned(a, b *wire.MsgTx) bool {
	bare := func(tx *wire.MsgTx) chainhash.Hash {
		tx = tx.Copy()
		for _, in := range tx.TxIn {
			in.SignatureScript, in.Witness = nil, nil
		}
		return tx.TxHash()
	}
	return bare(a) == bare(b)
}

// PaidTo is what the outputs of a transaction give a script.
func PaidTo(tx *wire.MsgTx, script []byte) (sat int64) {
	for _, o := range tx.TxOut {
		if bytes.Equal(o.PkScript, script) {
			sat += o.Value
		}
	}
	return sat
}
