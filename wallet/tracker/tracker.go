package tracker

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/btcsuite/btcwallet/waddrmgr"
	"github.com/btcsuite/btcwallet/walletdb"
	_ "github.com/btcsuite/btcwallet/walletdb/bdb" // registers the driver "bdb"
	"github.com/btcsuite/btcwallet/wtxmgr"
	bolterrors "go.etcd.io/bbolt/errors"

	"blockstack/storage/dbfile"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
	"blockstack/wallet/watched"
)

// Names that are fixed inside btcwallet.
var (
	AddrBucket = []byte("waddrmgr")
	TxBucket   = []byte("wtxmgr")
)

// PublicPass protects nothing; btcwallet insists on one.
var PublicPass = []byte("public")

const accountName = "main"

// Keys are what the tracker watches.
type Keys interface {
	Watched() (watched.Watched, error)
	EachWatched(f func(scripts.Key) error) error
}

// Tracker is wallet.db. It is safe for concurrent use.
type Tracker struct {
	path    string
	book    *labels.Book
	keys    Keys
	rebuilt func(why error) // see OnRebuild; nil: nobody wants to know

	// OnDisk is what tests put between btcwallet and the disk; nil: nothing.
	OnDisk func(walletdb.DB) walletdb.DB

	mu   sync.Mutex
	open *Opened // by a connection; nil: the file is opened for each use
}

// In is the tracker of the wallet in a folder. The file is made when it is first needed.
func In(dir string, book *labels.Book, keys Keys) *Tracker {
	return &Tracker{path: filepath.Join(dir, "wallet", "wallet.db"), book: book, keys: keys}
}

// Path is where the file is.
func (t *Tracker) Path() string { return t.path }

// Open opens wallet.db.
func (t *Tracker) Open(readOnly bool) (*DB, error) {
	switch err := t.Check(); {
	case errors.Is(err, labels.ErrNotFound):
		return nil, fs.ErrNotExist
	case err != nil:
		return nil, err
	}
	var db walletdb.DB
	err := Guarded(func() (err error) {
		db, err = walletdb.Open("bdb", t.path, true, t.book.Wait, readOnly)
		return err
	})
	switch {
	case errors.Is(err, walletdb.ErrDbDoesNotExist):
		return nil, fs.ErrNotExist
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, fmt.Errorf("%w (%s)", labels.ErrBusy, t.path)
	case err != nil:
		return nil, fmt.Errorf("open %s: %w", t.path, err)
	}
	if t.OnDisk != nil {
		db = t.OnDisk(db)
	}
	return &DB{DB: db, path: t.path, write: !readOnly}, nil
}

// Check looks whether wallet.db is whole.
func (t *Tracker) Check() error {
	return checkFile(t.path, t.book.Wait, func() error { return checkSum(t.path) }, AddrBucket, TxBucket)
}

// Ensure builds wallet.db when it is missing, damaged or must be built again. The file is made
// beside its place and moved there when it is whole.
func (t *Tracker) Ensure() error {
	rebuild := false
	err := t.book.View(func(tx *dbfile.Tx) error {
		rebuild = labels.MetaOf(tx).NeedsRescan()
		return nil
	})
	if err != nil {
		return err
	}
	if exists(t.path) {
		// Nobody else may be using a file that is replaced.
		switch err := t.Check(); {
		case err == nil && !rebuild:
			return nil
		case err != nil && !errors.Is(err, labels.ErrMalformed) && !errors.Is(err, labels.ErrNewer):
			return err
		case err != nil:
			t.tell(err)
		}
	}
	if err := os.MkdirAll(filepath.Dir(t.path), 0o700); err != nil {
		return fmt.Errorf("create wallet: %w", err)
	}
	if err := os.Remove(SumFile(t.path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("build %s: %w", t.path, err)
	}
	if err := dbfile.Replace(t.path, t.build); err != nil {
		return err
	}
	noteSum(t.path)
	return t.book.Update(func(tx *dbfile.Tx) error { return labels.MetaOf(tx).Rescanned() })
}

// build creates the file with the cheapest key derivation, because there is nothing to protect, and
// puts all public keys in.
func (t *Tracker) build(path string) (err error) {
	var birthday time.Time
	err = t.book.View(func(tx *dbfile.Tx) error {
		birthday = labels.MetaOf(tx).Birthday()
		return nil
	})
	if err != nil {
		return err
	}
	db, err := walletdb.Create("bdb", path, true, t.book.Wait, false)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := db.Close(); err == nil {
			err = cerr
		}
	}()
	err = walletdb.Update(db, func(tx walletdb.ReadWriteTx) error {
		a, err := tx.CreateTopLevelBucket(AddrBucket)
		if err != nil {
			return err
		}
		txs, err := tx.CreateTopLevelBucket(TxBucket)
		if err != nil {
			return err
		}
		cheap := &waddrmgr.ScryptOptions{N: 2, R: 1, P: 1}
		if err := waddrmgr.Create(a, nil, PublicPass, nil, t.book.Net, cheap, birthday); err != nil {
			return err
		}
		return wtxmgr.Create(txs)
	})
	if err != nil {
		return err
	}
	return walletdb.Update(db, func(tx walletdb.ReadWriteTx) error {
		ns := tx.ReadWriteBucket(AddrBucket)
		m, err := waddrmgr.Open(ns, PublicPass, t.book.Net)
		if err != nil {
			return err
		}
		defer m.Close()
		return t.WatchAll(ns, m)
	})
}
