package coins

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/btcsuite/btcwallet/waddrmgr"
	"github.com/btcsuite/btcwallet/walletdb"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/storage/dbfile"
)

// trackerDB is wallet.db as btcwallet sees it. btcwallet logs a write that failed and goes on: the transactions of a block would be
// missing, and the mark "known up to" would pass the block. So the first write that fails is the last one: everything after it fails
// too, and what is on the disk stays what it was before.
type trackerDB struct {
	walletdb.DB
	path  string
	write bool // opened for writing

	mu     sync.Mutex
	failed error
	// refused is told of every transaction that the stores themselves refused; nil: nobody is.
	refused func(error)
}

// err is why nothing is written any more; nil: all is well.
func (d *trackerDB) err() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.failed
}

// fail ends all writing.
func (d *trackerDB) fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.failed == nil {
		d.failed = err
	}
}

// View runs f in a reading transaction.
func (d *trackerDB) View(f func(tx walletdb.ReadTx) error, reset func()) error {
	if err := d.err(); err != nil {
		return err
	}
	return d.judge(guarded(func() error { return d.DB.View(f, reset) }), false)
}

// Update runs f in a writing transaction.
func (d *trackerDB) Update(f func(tx walletdb.ReadWriteTx) error, reset func()) error {
	if err := d.err(); err != nil {
		return err
	}
	done := false
	err := guarded(func() error {
		return d.DB.Update(func(tx walletdb.ReadWriteTx) error {
			err := f(tx)
			done = err == nil
			return err
		}, reset)
	})
	return d.judge(err, done)
}

// BeginReadWriteTx begins a writing transaction, unless a write has failed.
func (d *trackerDB) BeginReadWriteTx() (walletdb.ReadWriteTx, error) {
	if err := d.err(); err != nil {
		return nil, err
	}
	return d.DB.BeginReadWriteTx()
}

// judge decides what an error of a transaction means for those after it. committing: only the writing itself can have failed.
func (d *trackerDB) judge(err error, committing bool) error {
	switch {
	case err == nil:
		return nil
	case committing:
		err = dbfile.WriteError(d.path, err)
		d.fail(err)
	case errors.Is(err, errRebuild):
		d.fail(err)
	case errors.Is(err, ErrMalformed) || contradicts(err):
		err = fmt.Errorf("%w: %s: %w", errRebuild, d.path, err)
		d.fail(err)
	default:
		if isStore(err) && d.refused != nil {
			d.refused(err)
		}
	}
	return err
}

// contradicts reports whether an error of btcwallet's stores says that what they hold makes no sense.
func contradicts(err error) bool {
	var tx wtxmgr.Error
	if errors.As(err, &tx) {
		return tx.Code == wtxmgr.ErrDatabase || tx.Code == wtxmgr.ErrData
	}
	var key waddrmgr.ManagerError
	return errors.As(err, &key) && (key.ErrorCode == waddrmgr.ErrDatabase || key.ErrorCode == waddrmgr.ErrCrypto || key.ErrorCode == waddrmgr.ErrKeyChain)
}

// isStore reports whether an error is one of btcwallet's stores.
func isStore(err error) bool {
	var tx wtxmgr.Error
	var key waddrmgr.ManagerError
	return errors.As(err, &tx) || errors.As(err, &key)
}

// Close closes the file, and notes what is in it when all writing was well.
func (d *trackerDB) Close() error {
	if err := d.DB.Close(); err != nil {
		return fmt.Errorf("close %s: %w", d.path, err)
	}
	if d.write && d.err() == nil {
		noteSum(d.path)
	}
	return nil
}

// sumFile is where the checksum of a closed wallet.db stands: transaction SP size SP CRC-32C, as decimal text. While the file is of
// that transaction its bytes must have the checksum: one bit of an amount or a height is seen. After a crash it is of another one, and
// the pages alone are looked at.
func sumFile(path string) string { return path + ".sum" }

// noteSum writes the checksum. Without one, changed bits are seen less well, which is no reason to fail.
func noteSum(path string) {
	sum, err := dbfile.SumOf(path)
	if err == nil {
		text := fmt.Sprintf("%d %d %d\n", sum.Transaction, sum.Size, sum.CRC)
		err = os.WriteFile(sumFile(path), []byte(text), 0o600)
	}
	if err != nil {
		_ = os.Remove(sumFile(path))
	}
}

// checkSum compares a file, which nobody writes to meanwhile, with its checksum.
func checkSum(path string) error {
	text, err := os.ReadFile(sumFile(path))
	if err != nil || len(text) > 100 {
		return nil // there is none
	}
	fields := strings.Fields(string(text))
	if len(fields) != 3 {
		return nil
	}
	var want [3]uint64
	for i, f := range fields {
		if want[i], err = strconv.ParseUint(f, 10, 64); err != nil {
			return nil
		}
	}
	sum, err := dbfile.SumOf(path)
	if err != nil {
		return fileError(err)
	}
	if sum.Transaction == want[0] && (uint64(sum.Size) != want[1] || uint64(sum.CRC) != want[2]) {
		return fmt.Errorf("%w: %s has changed since it was closed", ErrMalformed, path)
	}
	return nil
}
