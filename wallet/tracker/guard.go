package tracker

import (
	"errors"
	"fmt"
	"sync"

	"github.com/btcsuite/btcwallet/waddrmgr"
	"github.com/btcsuite/btcwallet/walletdb"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/storage/dbfile"
	"blockstack/wallet/labels"
)

// DB is wallet.db as btcwallet sees it. btcwallet logs a write that failed and goes on: the
// transactions of a block would be missing, and the mark "known up to" would pass the block. So the
// first write that fails is the last one: everything after it fails too, and what is on the disk
// stays what it was before.
type DB struct {
	walletdb.DB
	path  string
	write bool // opened for writing

	mu     sync.Mutex
	failed error
	// Refused is told of every transaction that the stores themselves refused; nil: nobody is.
	Refused func(error)
}

// Err is why nothing is written any more; nil: all is well.
func (d *DB) Err() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.failed
}

// Fail ends all writing.
func (d *DB) Fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.failed == nil {
		d.failed = err
	}
}

// View runs f in a reading transaction.
func (d *DB) View(f func(tx walletdb.ReadTx) error, reset func()) error {
	if err := d.Err(); err != nil {
		return err
	}
	return d.judge(Guarded(func() error { return d.DB.View(f, reset) }), false)
}

// Update runs f in a writing transaction.
func (d *DB) Update(f func(tx walletdb.ReadWriteTx) error, reset func()) error {
	if err := d.Err(); err != nil {
		return err
	}
	done := false
	err := Guarded(func() error {
		return d.DB.Update(func(tx walletdb.ReadWriteTx) error {
			err := f(tx)
			done = err == nil
			return err
		}, reset)
	})
	return d.judge(err, done)
}

// BeginReadWriteTx begins a writing transaction, unless a write has failed.
func (d *DB) BeginReadWriteTx() (walletdb.ReadWriteTx, error) {
	if err := d.Err(); err != nil {
		return nil, err
	}
	return d.DB.BeginReadWriteTx()
}

// judge decides what an error of a transaction means for those after it. committing: only the
// writing itself can have failed.
func (d *DB) judge(err error, committing bool) error {
	switch {
	case err == nil:
		return nil
	case committing:
		err = dbfile.WriteError(d.path, err)
		d.Fail(err)
	case errors.Is(err, ErrRebuild):
		d.Fail(err)
	case errors.Is(err, labels.ErrMalformed) || contradicts(err):
		err = fmt.Errorf("%w: %s: %w", ErrRebuild, d.path, err)
		d.Fail(err)
	default:
		if IsStore(err) && d.Refused != nil {
			d.Refused(err)
		}
	}
	return err
}

// contradicts reports whether an error of btcwallet's stores says that what they hold makes no
// sense.
func contradicts(err error) bool {
	var tx wtxmgr.Error
	if errors.As(err, &tx) {
		return tx.Code == wtxmgr.ErrDatabase || tx.Code == wtxmgr.ErrData
	}
	var key waddrmgr.ManagerError
	return errors.As(err, &key) && (key.ErrorCode == waddrmgr.ErrDatabase || key.ErrorCode == waddrmgr.ErrCrypto || key.ErrorCode == waddrmgr.ErrKeyChain)
}

// IsStore reports whether an error is one of btcwallet's stores.
func IsStore(err error) bool {
	var tx wtxmgr.Error
	var key waddrmgr.ManagerError
	return errors.As(err, &tx) || errors.As(err, &key)
}

// Close closes the file, and notes what is in it when all writing was well.
func (d *DB) Close() error {
	if err := d.DB.Close(); err != nil {
		return fmt.Errorf("close %s: %w", d.path, err)
	}
	if d.write && d.Err() == nil {
		noteSum(d.path)
	}
	return nil
}
