package coins

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/btcsuite/btcwallet/waddrmgr"
	"github.com/btcsuite/btcwallet/walletdb"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/storage/dbfile"
)

// Rescan forgets what is known of the chain and looks at everything again from
// the birthday. Labels, frozen coins and our own unconfirmed transactions stay.
// It is the repair for anything odd.
func (c *Coins) Rescan(ctx context.Context, b Backend) error {
	return c.rescan(ctx, b, func() error {
		return c.book.update(func(tx *dbfile.Tx) error { return setRescan(tx, "asked for") })
	})
}

// RescanSince is Rescan from a block on, whose time is at: what is known of the
// blocks below it stays. From before the birthday on, that becomes the birthday. A
// block further back than what is remembered means everything.
func (c *Coins) RescanSince(ctx context.Context, b Backend, height int32, at time.Time) error {
	if height < 1 {
		height = 1
	}
	return c.rescan(ctx, b, func() error {
		older := false
		err := c.book.update(func(tx *dbfile.Tx) error {
			m := tx.Bucket(bucketMeta)
			if older = at.Unix() < int64(binary.BigEndian.Uint64(m.Get(metaBirthday))); !older {
				return nil
			}
			if err := m.Put(metaBirthday, binary.BigEndian.AppendUint64(nil, uint64(at.Unix()))); err != nil {
				return err
			}
			return setRescan(tx, "asked for, from before the birthday on")
		})
		if err != nil || older {
			return err
		}
		err = c.cutAt(height)
		if errors.Is(err, errRebuild) {
			err = c.book.update(func(tx *dbfile.Tx) error { return setRescan(tx, "asked for") })
		}
		return err
	})
}

// rescan changes something while nothing is connected, then syncs.
func (c *Coins) rescan(ctx context.Context, b Backend, prepare func() error) error {
	c.syncing.Lock()
	defer c.syncing.Unlock()
	err := c.detach()
	if err == nil {
		err = prepare()
	}
	if err == nil {
		err = c.catchUp(ctx, b)
	}
	return errors.Join(err, c.detach())
}

// cutAt makes the tracker forget all blocks from height on, and the transactions
// that were in them: one that is known would not be looked at again. Our own come
// back with their block, or by being sent again. errRebuild: that is too far back.
func (c *Coins) cutAt(height int32) error {
	if err := c.ensureTracker(); err != nil {
		return err
	}
	db, err := c.openTracker(false)
	if errors.Is(err, fs.ErrNotExist) {
		return errRebuild
	}
	if err != nil {
		return err
	}
	defer db.Close()
	return guarded(func() error {
		return walletdb.Update(db, func(tx walletdb.ReadWriteTx) error {
			m, s, err := openManagers(tx, c)
			if err != nil {
				return err
			}
			defer m.Close()
			ns, txs := tx.ReadWriteBucket(addrBucket), tx.ReadWriteBucket(txBucket)
			first, _, err := m.BirthdayBlock(ns)
			if err != nil {
				return nil // never synced: all of it is looked at anyway
			}
			if height <= first.Height {
				return fmt.Errorf("%w: from block %d on", errRebuild, height)
			}
			if m.SyncedTo().Height < height {
				return nil // not looked at yet
			}
			below, err := m.BlockHash(ns, height-1)
			if err != nil {
				return fmt.Errorf("%w: block %d: %w", errRebuild, height-1, err)
			}
			stamp := &waddrmgr.BlockStamp{Height: height - 1, Hash: *below, Timestamp: m.SyncedTo().Timestamp}
			if err := m.SetSyncedTo(ns, stamp); err != nil {
				return err
			}
			if err := s.Rollback(txs, height); err != nil {
				return err
			}
			return forgetUnmined(s, txs)
		})
	})
}

// forgetUnmined removes every unconfirmed transaction from the tracker.
func forgetUnmined(s *wtxmgr.Store, ns walletdb.ReadWriteBucket) error {
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
