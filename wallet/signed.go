package wallet

import (
	"context"
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// ErrNotSigned: the files of the wallet have a transaction as ours whose signatures do not fit it.
var ErrNotSigned = errors.New("it is not signed, so another program has written it into the files of this wallet, or they are damaged")

// CheckSigned makes sure that a transaction of the wallet was signed as it is. What is signed anew
// in its place pays the same payees, and the files that it is read from may have been written by
// another program.
func CheckSigned(ctx context.Context, w *Wallet, tx *wire.MsgTx) error {
	prev := txscript.NewMultiPrevOutFetcher(nil)
	for _, in := range tx.TxIn {
		op := in.PreviousOutPoint
		from, err := w.PrevTx(ctx, op)
		if err != nil {
			return err
		}
		if from.TxHash() != op.Hash || int64(op.Index) >= int64(len(from.TxOut)) {
			return fmt.Errorf("transaction %s: the coin %s: %w", tx.TxHash(), op, ErrNotSigned)
		}
		prev.AddPrevOut(op, from.TxOut[op.Index])
	}
	hashes := txscript.NewTxSigHashes(tx, prev)
	for i, in := range tx.TxIn {
		out := prev.FetchPrevOutput(in.PreviousOutPoint)
		vm, err := txscript.NewEngine(out.PkScript, tx, i, txscript.StandardVerifyFlags, nil, hashes, out.Value, prev)
		if err == nil {
			err = vm.Execute()
		}
		if err != nil {
			return fmt.Errorf("transaction %s: input %d: %w: %w", tx.TxHash(), i, ErrNotSigned, err)
		}
	}
	return nil
}
