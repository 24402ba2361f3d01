package labels

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/storage/dbfile"
)

// bookFormat is the format of labels.db: until version 1 its rows had no checksums.
var bookFormat = dbfile.Format{Version: 2, Width: 4, Sums: 2}

// The buckets that are there from the start; doc.go has the keys and values of all.
var (
	bucketMeta   = []byte("meta")
	bucketSent   = []byte("sent")
	bucketFrozen = []byte("frozen")
	bucketLabels = []byte("labels")
)

// The buckets of what is derived from keys, for package scripts.
var (
	BucketAccounts = []byte("accounts")
	BucketCounts   = []byte("counts")
	BucketKeys     = []byte("keys")
	BucketScripts  = []byte("scripts")
)

// buckets lists those that are there from the start.
func buckets() [][]byte {
	return [][]byte{bucketMeta, BucketAccounts, BucketCounts, BucketKeys, BucketScripts, bucketSent, bucketFrozen, bucketLabels}
}

// defaultWait is how long a file that another process holds is waited for.
const defaultWait = 10 * time.Second

// Book is labels.db. It is opened for each use and closed again, so that several processes can take
// turns.
type Book struct {
	Path string
	Net  *chaincfg.Params
	Wait time.Duration // for a file that another process holds
}

// In is the book of the wallet in a folder. It need not be there yet.
func In(dir string, net *chaincfg.Params) *Book {
	return &Book{Path: filepath.Join(dir, "labels.db"), Net: net, Wait: defaultWait}
}

func (b *Book) open(readOnly bool) (*dbfile.Rows, error) {
	if _, err := os.Stat(b.Path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w at %s", ErrNotFound, filepath.Dir(b.Path))
	}
	db, err := dbfile.OpenRows(b.Path, bookFormat, dbfile.Options{ReadOnly: readOnly, Wait: b.Wait})
	return db, FileError(err)
}

// View reads. The file is closed again before it returns.
func (b *Book) View(f func(tx *dbfile.Tx) error) error {
	db, err := b.open(true)
	if err != nil {
		return err
	}
	defer db.Close()
	return FileError(db.View(f))
}

// Update writes all that f writes, or nothing.
func (b *Book) Update(f func(tx *dbfile.Tx) error) (err error) {
	db, err := b.open(false)
	if err != nil {
		return err
	}
	err = FileError(db.Update(f))
	if cerr := db.Close(); err == nil {
		err = cerr
	}
	return err
}

// Check makes sure that the file is one of ours and of this network.
func (b *Book) Check() error {
	return b.View(func(tx *dbfile.Tx) error {
		m := tx.Bucket(bucketMeta)
		if m == nil {
			return fmt.Errorf("%w: %s has no bucket %s", ErrMalformed, b.Path, bucketMeta)
		}
		for _, name := range buckets() {
			if tx.Bucket(name) == nil {
				return fmt.Errorf("%w: %s has no bucket %s", ErrMalformed, b.Path, name)
			}
		}
		if n := m.Get(metaNetwork); string(n) != b.Net.Name {
			return fmt.Errorf("%w: %q, not %q", ErrNetwork, n, b.Net.Name)
		}
		for _, k := range [][]byte{metaFingerprint, metaGap} {
			if len(m.Get(k)) != 4 {
				return fmt.Errorf("%w: %s lacks %s", ErrMalformed, b.Path, k)
			}
		}
		if len(m.Get(metaBirthday)) != 8 {
			return fmt.Errorf("%w: %s lacks %s", ErrMalformed, b.Path, metaBirthday)
		}
		return nil
	})
}

// Create makes the file with what fill writes; there is a whole one or none.
func (b *Book) Create(fill func(tx *dbfile.Tx) error) error {
	err := dbfile.CreateRows(b.Path, bookFormat, b.Wait, func(tx *dbfile.Tx) error {
		for _, name := range buckets() {
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		return fill(tx)
	})
	return FileError(err)
}
