package tracker

import (
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/walletdb"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
)

// InsertUnmined records an unconfirmed transaction and its outputs that are ours.
func InsertUnmined(s *wtxmgr.Store, ns walletdb.ReadWriteBucket, tx *wire.MsgTx, keys map[uint32]scripts.Key) error {
	rec, err := wtxmgr.NewTxRecordFromMsgTx(tx, time.Now())
	if err != nil {
		return err
	}
	if _, err := RemoveConflicts(s, ns, tx); err != nil {
		return err
	}
	known, err := s.InsertTxCheckIfExists(ns, rec, nil)
	if err != nil || known {
		return err
	}
	for i, k := range keys {
		if err := s.AddCredit(ns, rec, nil, i, k.Role == scripts.Payment && k.Branch == scripts.Change); err != nil {
			return err
		}
	}
	return nil
}

// RemoveConflicts forgets unconfirmed transactions, and what spends them, that spend an input of tx
// too. It returns the conflicting ones.
func RemoveConflicts(s *wtxmgr.Store, ns walletdb.ReadWriteBucket, tx *wire.MsgTx) ([]chainhash.Hash, error) {
	unmined, err := s.UnminedTxs(ns)
	if err != nil {
		return nil, err
	}
	var gone []chainhash.Hash
	for _, other := range unmined {
		if !labels.Conflict(tx, other) {
			continue
		}
		hash := other.TxHash()
		d, err := s.TxDetails(ns, &hash)
		if err != nil {
			return nil, err
		}
		if d == nil || d.Block.Height >= 0 {
			continue // went with one before
		}
		if err := s.RemoveUnminedTx(ns, &d.TxRecord); err != nil {
			return nil, err
		}
		gone = append(gone, hash)
	}
	return gone, nil
}

// ForgetUnmined removes every unconfirmed transaction from the tracker.
func ForgetUnmined(s *wtxmgr.Store, ns walletdb.ReadWriteBucket) error {
	hashes, err := s.UnminedTxHashes(ns)
	if err != nil {
		return err
	}
	for _, hash := range hashes {
		d, err := s.TxDetails(ns, hash)
		if err != nil {
			return err
		}
		if d == nil || d.Block.Height >= 0 {
			continue // went with another
		}
		if err := s.RemoveUnminedTx(ns, &d.TxRecord); err != nil {
			return err
		}
	}
	return nil
}

// IsCredit reports whether an output was ever ours.
func IsCredit(s *wtxmgr.Store, ns walletdb.ReadBucket, op wire.OutPoint) (bool, error) {
	d, err := s.TxDetails(ns, &op.Hash)
	if err != nil || d == nil {
		return false, err
	}
	for _, cr := range d.Credits {
		if cr.Index == op.Index {
			return true, nil
		}
	}
	return false, nil
}

// SpentByOther reports whether a transaction that the tracker knows, mined or not, spends a coin of
// tx.
func SpentByOther(s *wtxmgr.Store, ns walletdb.ReadBucket, tx *wire.MsgTx) (bool, error) {
	rival := false
	err := s.RangeTransactions(ns, 0, -1, func(list []wtxmgr.TxDetails) (bool, error) {
		for i := range list {
			if labels.Conflict(tx, &list[i].MsgTx) {
				rival = true
			}
		}
		return rival, nil
	})
	return rival, err
}
