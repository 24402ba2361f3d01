package coins

import (
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/walletdb"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/storage/dbfile"
)

// forged says whether an unconfirmed transaction that is kept as ours is not signed as it is: another program can write one
// into labels.db, to hide money or to have it signed anew. Where a coin that it spends is not known, that cannot be told.
func forged(s *wtxmgr.Store, ns walletdb.ReadBucket, tx *wire.MsgTx) (bool, error) {
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

// dropForged forgets kept transactions that are not signed. errRebuild: there was one, and what it did to the tracker must be
// undone.
func (c *Coins) dropForged(l *link, sent map[chainhash.Hash]*wire.MsgTx) error {
	var gone []chainhash.Hash
	err := walletdb.View(l.db, func(dbtx walletdb.ReadTx) error {
		for hash, tx := range sent {
			is, err := forged(l.w.TxStore, dbtx.ReadBucket(txBucket), tx)
			if err != nil {
				return err
			}
			if is {
				gone = append(gone, hash)
			}
		}
		return nil
	})
	if err != nil || len(gone) == 0 {
		return err
	}
	err = c.book.update(func(btx *dbfile.Tx) error {
		for _, hash := range gone {
			if err := forgetSent(btx, hash); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("forget what is not signed: %w", err)
	}
	return fmt.Errorf("%w: labels.db has the transaction %s as ours, which is not signed: another program has written it; it counts for nothing", errRebuild, gone[0])
}
