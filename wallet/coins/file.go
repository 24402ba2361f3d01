package coins

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"go.etcd.io/bbolt"

	"blockstack/storage/dbfile"
)

// fileError says in our words what is wrong with a file.
func fileError(err error) error {
	for _, e := range []struct{ theirs, ours error }{
		{dbfile.ErrDamaged, ErrMalformed}, {dbfile.ErrNewer, ErrNewer}, {dbfile.ErrBusy, ErrBusy}, {dbfile.ErrExists, ErrExists}, {dbfile.ErrNotFound, ErrNotFound},
	} {
		if errors.Is(err, e.theirs) && !errors.Is(err, e.ours) {
			return fmt.Errorf("%w: %w", e.ours, err)
		}
	}
	return err
}

// checkFile reads a bbolt file from end to end. btcwallet reads wallet.db in goroutines of its own, where bbolt's panic
// about a page that makes no sense would end the program, so a damaged file must be found before. The buckets named must
// be there, and also, while nobody can write to the file, must be content.
func checkFile(path string, wait time.Duration, also func() error, buckets ...[]byte) error {
	db, err := dbfile.Open(path, dbfile.Options{ReadOnly: true, Wait: wait})
	if err != nil {
		return fileError(err)
	}
	err = db.View(func(tx *bbolt.Tx) error {
		for _, name := range buckets {
			if tx.Bucket(name) == nil {
				return fmt.Errorf("%w: %s: no bucket %s", ErrMalformed, path, name)
			}
		}
		return tx.ForEach(func(_ []byte, b *bbolt.Bucket) error { return readBucket(b) })
	})
	if err == nil {
		err = also()
	}
	return errors.Join(fileError(err), db.Close())
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

// guarded runs f and turns a panic about a damaged file into ErrMalformed.
func guarded(f func() error) error { return fileError(dbfile.Guard(f)) }

// exists reports whether there is something at path.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
