package tracker

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"go.etcd.io/bbolt"

	"blockstack/storage/dbfile"
	"blockstack/wallet/labels"
)

// checkFile reads a bbolt file from end to end. btcwallet reads wallet.db in goroutines of its own,
// where bbolt's panic about a page that makes no sense would end the program, so a damaged file
// must be found before. The buckets named must be there, and also, while nobody can write to the
// file, must be content.
func checkFile(path string, wait time.Duration, also func() error, buckets ...[]byte) error {
	db, err := dbfile.Open(path, dbfile.Options{ReadOnly: true, Wait: wait})
	if err != nil {
		return labels.FileError(err)
	}
	err = db.View(func(tx *bbolt.Tx) error {
		for _, name := range buckets {
			if tx.Bucket(name) == nil {
				return fmt.Errorf("%w: %s: no bucket %s", labels.ErrMalformed, path, name)
			}
		}
		return tx.ForEach(func(_ []byte, b *bbolt.Bucket) error { return readBucket(b) })
	})
	if err == nil {
		err = also()
	}
	return errors.Join(labels.FileError(err), db.Close())
}

// readBucket reads every key and value of a bucket and of those in it.
func readBucket(b *bbolt.Bucket) error {
	var last byte
	return b.ForEach(func(k, v []byte) error {
		if v == nil {
			return readBucket(b.Bucket(k))
		}
		for _, end := range [][]byte{k, v} { // a mapped page that is not in the file cannot be read
			if len(end) > 0 {
				last ^= end[0] ^ end[len(end)-1]
			}
		}
		return nil
	})
}

// Guarded runs f and turns a panic about a damaged file into labels.ErrMalformed.
func Guarded(f func() error) error { return labels.FileError(dbfile.Guard(f)) }

// exists reports whether there is something at path.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
