package tracker

import (
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/walletdb"
	"github.com/btcsuite/btcwallet/wtxmgr"
)

// Forged says whether an unconfirmed transaction that is kept as ours is not signed as it is:
// another program can write one into labels.db, to hide money or to have it signed anew. Where a
// coin that it spends is not known, that cannot be told.
func Forged(s *wtxmgr.Store, ns walletdb.ReadBucket, tx *wire.MsgTx) (bool, error) {
	hash := tx.TxHash()
	if d, err := s.TxDetails(ns, &hash); err != nil || d != nil && d.Block.Height >= 0 {
		return false, err
	}
	prev := txscript.NewMultiPrevOutFetcher(nil)
	for _, in := range tx.TxIn {
		op := in.PreviousOutPoint
		d, err := s.TxDetails(ns, &op.Hash)
		if err != nil || d == nil || int64(op.Index) >= int64(len(d.MsgTx.TxOut)) {
			return false, err
		}
		prev.AddPrevOut(op, d.MsgTx.TxOut[op.Index])
	}
	hashes := txscript.NewTxSigHashes(tx, prev)
	for i, in := range tx.TxIn {
		out := prev.FetchPrevOutput(in.PreviousOutPoint)
		vm, err := txscript.NewEngine(out.PkScript, tx, i, txscript.StandardVerifyFlags, nil, hashes, out.Value, prev)
		if err != nil || vm.Execute() != nil {
			return true, nil
		}
	}
	return false, nil
}
