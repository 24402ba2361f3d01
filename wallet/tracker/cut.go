package tracker

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/btcsuite/btcwallet/waddrmgr"
	"github.com/btcsuite/btcwallet/walletdb"
)

// CutAt makes the tracker forget all blocks from height on, and the transactions that were in them:
// one that is known would not be looked at again. Our own come back with their block, or by being
// sent again. ErrRebuild: that is too far back.
func (t *Tracker) CutAt(height int32) error {
	if err := t.Ensure(); err != nil {
		return err
	}
	db, err := t.Open(false)
	if errors.Is(err, fs.ErrNotExist) {
		return ErrRebuild
	}
	if err != nil {
		return err
	}
	defer db.Close()
	return Guarded(func() error {
		return walletdb.Update(db, func(tx walletdb.ReadWriteTx) error {
			m, s, err := t.managers(tx)
			if err != nil {
				return err
			}
			defer m.Close()
			ns, txs := tx.ReadWriteBucket(AddrBucket), tx.ReadWriteBucket(TxBucket)
			first, _, err := m.BirthdayBlock(ns)
			if err != nil {
				return nil // never synced: all of it is looked at anyway
			}
			if height <= first.Height {
				return fmt.Errorf("%w: from block %d on", ErrRebuild, height)
			}
			if m.SyncedTo().Height < height {
				return nil // not looked at yet
			}
			below, err := m.BlockHash(ns, height-1)
			if err != nil {
				return fmt.Errorf("%w: block %d: %w", ErrRebuild, height-1, err)
			}
			stamp := &waddrmgr.BlockStamp{Height: height - 1, Hash: *below, Timestamp: m.SyncedTo().Timestamp}
			if err := m.SetSyncedTo(ns, stamp); err != nil {
				return err
			}
			if err := s.Rollback(txs, height); err != nil {
				return err
			}
			return ForgetUnmined(s, txs)
		})
	})
}
