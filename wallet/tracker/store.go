package tracker

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/waddrmgr"
	"github.com/btcsuite/btcwallet/walletdb"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/wallet/labels"
)

// Opened is a tracker that a connection has opened for writing.
type Opened struct {
	DB   *DB
	Txs  *wtxmgr.Store
	Keys *waddrmgr.Manager
}

// Use lets everything go through what a connection has opened; nil: through the file again.
func (t *Tracker) Use(o *Opened) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.open = o
}

func (t *Tracker) opened() *Opened {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.open
}

// Store is an opened transaction store, for the time of one database transaction.
type Store struct {
	*wtxmgr.Store
	NS walletdb.ReadBucket
	// Tip is the block up to which the tracker has looked.
	Tip waddrmgr.BlockStamp
}

// View reads the tracker: through the connection that is open, or from the file. A tracker that
// does not exist yet is not an error: f is not called.
func (t *Tracker) View(f func(s Store) error) error {
	if o := t.opened(); o != nil {
		return walletdb.View(o.DB, func(tx walletdb.ReadTx) error {
			return f(Store{o.Txs, tx.ReadBucket(TxBucket), o.Keys.SyncedTo()})
		})
	}
	db, err := t.Open(true)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer db.Close()
	return Guarded(func() error {
		return walletdb.View(db, func(tx walletdb.ReadTx) error {
			m, s, err := t.managers(tx)
			if err != nil {
				return err
			}
			defer m.Close()
			return f(Store{s, tx.ReadBucket(TxBucket), m.SyncedTo()})
		})
	})
}

// managers opens what the file holds.
func (t *Tracker) managers(tx walletdb.ReadTx) (*waddrmgr.Manager, *wtxmgr.Store, error) {
	a, txs := tx.ReadBucket(AddrBucket), tx.ReadBucket(TxBucket)
	if a == nil || txs == nil {
		return nil, nil, fmt.Errorf("%w: %s", labels.ErrMalformed, t.path)
	}
	m, err := waddrmgr.Open(a, PublicPass, t.book.Net)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %s: %w", labels.ErrMalformed, t.path, err)
	}
	s, err := wtxmgr.Open(txs, t.book.Net)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %s: %w", labels.ErrMalformed, t.path, err)
	}
	return m, s, nil
}

// Edit changes the tracker: through the connection that is open, or the file.
func (t *Tracker) Edit(f func(s *wtxmgr.Store, ns walletdb.ReadWriteBucket) error) error {
	if o := t.opened(); o != nil {
		return walletdb.Update(o.DB, func(tx walletdb.ReadWriteTx) error {
			return f(o.Txs, tx.ReadWriteBucket(TxBucket))
		})
	}
	if err := t.Ensure(); err != nil {
		return err
	}
	db, err := t.Open(false)
	if err != nil {
		return err
	}
	err = walletdb.Update(db, func(tx walletdb.ReadWriteTx) error {
		ns := tx.ReadWriteBucket(TxBucket)
		if ns == nil {
			return fmt.Errorf("%w: %s", labels.ErrMalformed, t.path)
		}
		s, err := wtxmgr.Open(ns, t.book.Net)
		if err != nil {
			return fmt.Errorf("%w: %s: %w", labels.ErrMalformed, t.path, err)
		}
		return f(s, ns)
	})
	return errors.Join(err, db.Close())
}

// Read is View, tried again when the connection it went through was closed meanwhile.
func (t *Tracker) Read(f func(s Store) error) error {
	err := t.View(f)
	if errors.Is(err, walletdb.ErrDbNotOpen) {
		err = t.View(f)
	}
	return err
}

// EachTx calls f with every transaction in the file.
func (t *Tracker) EachTx(f func(tx *wire.MsgTx)) error {
	return t.Read(func(s Store) error {
		return s.RangeTransactions(s.NS, 0, -1, func(list []wtxmgr.TxDetails) (bool, error) {
			for i := range list {
				f(&list[i].MsgTx)
			}
			return false, nil
		})
	})
}
