package coins

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// openFile opens a bbolt file that exists. Whatever is wrong with its content is ErrMalformed.
func openFile(path string, wait time.Duration, readOnly bool) (*bbolt.DB, error) {
	if isEmpty(path) {
		return nil, fmt.Errorf("%w: %s is empty", ErrMalformed, path)
	}
	var db *bbolt.DB
	var file *os.File
	err := guarded(func() (err error) {
		db, err = bbolt.Open(path, 0o600, &bbolt.Options{
			Timeout: wait, ReadOnly: readOnly,
			OpenFile: func(name string, flag int, mode os.FileMode) (_ *os.File, err error) {
				file, err = os.OpenFile(name, flag&^os.O_CREATE, mode)
				return file, err
			},
		})
		return err
	})
	if err != nil && file != nil {
		_ = file.Close() // a panic leaves it open, and locked for everybody
	}
	return db, openError(path, err)
}

// openError says what the error of opening a bbolt file means: what the system does not complain about is the content.
func openError(path string, err error) error {
	var onPath *fs.PathError
	var number syscall.Errno
	switch {
	case err == nil:
		return nil
	case errors.Is(err, bolterrors.ErrTimeout):
		return fmt.Errorf("%w (%s)", ErrBusy, path)
	case errors.As(err, &onPath), errors.As(err, &number):
		return fmt.Errorf("open %s: %w", path, err)
	}
	return fmt.Errorf("%w: %s: %w", ErrMalformed, path, err)
}

// isEmpty reports whether a file has no content. bbolt would make such a file a new database, or try.
func isEmpty(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Size() == 0
}

// checkFile reads a bbolt file from end to end. btcwallet reads wallet.db in goroutines of its own, where bbolt's panic
// about a page that makes no sense would end the program, so a damaged file must be found before. The buckets named must
// be there.
func checkFile(path string, wait time.Duration, buckets ...[]byte) error {
	db, err := openFile(path, wait, true)
	if err != nil {
		return err
	}
	err = guarded(func() error {
		return db.View(func(tx *bbolt.Tx) error {
			for _, name := range buckets {
				if tx.Bucket(name) == nil {
					return fmt.Errorf("%w: no bucket %s", ErrMalformed, name)
				}
			}
			return tx.ForEach(func(_ []byte, b *bbolt.Bucket) error { return readBucket(b) })
		})
	})
	if errors.Is(err, ErrMalformed) {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return errors.Join(err, db.Close())
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

// guarded runs f and turns a panic about a damaged file into ErrMalformed: bbolt panics on pages that make no sense, and
// reading a mapped file that was cut short is a memory fault.
func guarded(f func() error) (err error) {
	before := debug.SetPanicOnFault(true)
	defer debug.SetPanicOnFault(before)
	defer func() {
		if r := recover(); r != nil {
			if text, ok := r.(string); ok && strings.HasPrefix(text, "bug:") {
				panic(r)
			}
			err = fmt.Errorf("%w: %v", ErrMalformed, r)
		}
	}()
	return f()
}

// exists reports whether there is something at path.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
