// Package seen remembers on disk the newest profile and the end of the history that were seen of each owner, so that a storage
// provider who puts back an old one is noticed. Nothing in it is secret, and none of it can be got back once it is lost.
//
// The file is a bbolt database:
//
//	meta:   "version" → 1 byte: 1
//	newest: owner → 8 bytes: time of issue, nanoseconds since 1970, big-endian
//	heads:  owner → 8 bytes: versions in the history, big-endian; 32 bytes: hash of the last link
//
// owner is the text that profile.Verifier.SeenAs gives: an address, or a compressed public key in hex.
package seen

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"blockstack/profile"
)

var (
	// ErrDamaged means that the file is not what this package wrote.
	ErrDamaged = errors.New("memory of profiles is damaged")
	// ErrBusy means that another process has the file open.
	ErrBusy = errors.New("memory of profiles is in use by another process")
)

const (
	version  = 1
	patience = 5 * time.Second
)

// File is the memory at a path. It is opened for each question and closed again, so that commands side by side do not shut each other
// out. The zero time and the zero head mean that nothing was seen.
type File struct{ Path string }

// Newest gives the latest time of issue seen for an owner; false when none was. It implements profile.Seen.
func (f *File) Newest(ctx context.Context, owner string) (at time.Time, found bool, err error) {
	err = f.view(ctx, "newest", owner, func(v []byte) error {
		if len(v) != 8 {
			return fmt.Errorf("%w: time of %.80q", ErrDamaged, owner)
		}
		at, found = time.Unix(0, int64(binary.BigEndian.Uint64(v))).UTC(), true
		return nil
	})
	return at, found, err
}

// Remember keeps a time of issue for an owner, unless a later one is known.
func (f *File) Remember(ctx context.Context, owner string, at time.Time) error {
	return f.update(ctx, "newest", owner, func(old []byte) []byte {
		if len(old) == 8 && int64(binary.BigEndian.Uint64(old)) >= at.UnixNano() {
			return nil
		}
		return binary.BigEndian.AppendUint64(nil, uint64(at.UnixNano()))
	})
}

// Head gives where the history of an owner ended when it was last seen; the zero Head when it never was.
func (f *File) Head(ctx context.Context, owner string) (h profile.Head, err error) {
	err = f.view(ctx, "heads", owner, func(v []byte) error {
		if len(v) != 8+len(h.Hash) {
			return fmt.Errorf("%w: history of %.80q", ErrDamaged, owner)
		}
		h.Seq = binary.BigEndian.Uint64(v)
		copy(h.Hash[:], v[8:])
		return nil
	})
	return h, err
}

// RememberHead keeps where the history of an owner ends, unless a longer one is known. The history must have passed the head that was
// known before.
func (f *File) RememberHead(ctx context.Context, owner string, h profile.Head) error {
	return f.update(ctx, "heads", owner, func(old []byte) []byte {
		if len(old) >= 8 && binary.BigEndian.Uint64(old) >= h.Seq {
			return nil
		}
		return append(binary.BigEndian.AppendUint64(nil, h.Seq), h.Hash[:]...)
	})
}

// view gives one value to use, when there is one.
func (f *File) view(ctx context.Context, bucket, key string, use func(v []byte) error) error {
	if _, err := os.Stat(f.Path); errors.Is(err, fs.ErrNotExist) {
		return ctx.Err()
	}
	return f.open(ctx, true, func(db *bbolt.DB) error {
		return db.View(func(tx *bbolt.Tx) error {
			if err := checkVersion(tx); err != nil {
				return err
			}
			b := tx.Bucket([]byte(bucket))
			if b == nil {
				return nil
			}
			if v := b.Get([]byte(key)); v != nil {
				return use(v)
			}
			return nil
		})
	})
}

// update lets change say what a key holds from now on; nil leaves it as it is.
func (f *File) update(ctx context.Context, bucket, key string, change func(old []byte) []byte) error {
	if key == "" || len(key) > bbolt.MaxKeySize {
		return fmt.Errorf("remember a profile: no owner")
	}
	if err := os.MkdirAll(filepath.Dir(f.Path), 0o700); err != nil {
		return fmt.Errorf("memory of profiles: %w", err)
	}
	return f.open(ctx, false, func(db *bbolt.DB) error {
		return db.Update(func(tx *bbolt.Tx) error {
			if tx.Bucket([]byte("meta")) == nil {
				meta, err := tx.CreateBucket([]byte("meta"))
				if err != nil {
					return err
				}
				if err := meta.Put([]byte("version"), []byte{version}); err != nil {
					return err
				}
			}
			if err := checkVersion(tx); err != nil {
				return err
			}
			b, err := tx.CreateBucketIfNotExists([]byte(bucket))
			if err != nil {
				return err
			}
			if v := change(b.Get([]byte(key))); v != nil {
				return b.Put([]byte(key), v)
			}
			return nil
		})
	})
}

// open opens the file for one use. bbolt panics on some damaged files; that becomes ErrDamaged.
func (f *File) open(ctx context.Context, readOnly bool, use func(db *bbolt.DB) error) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s: %w: %v", f.Path, ErrDamaged, r)
		}
	}()
	db, err := bbolt.Open(f.Path, 0o600, &bbolt.Options{Timeout: patience, ReadOnly: readOnly})
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return fmt.Errorf("%s: %w", f.Path, ErrBusy)
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum), errors.Is(err, bolterrors.ErrVersionMismatch):
		return fmt.Errorf("%s: %w: %w", f.Path, ErrDamaged, err)
	case err != nil:
		return fmt.Errorf("memory of profiles: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return use(db)
}

func checkVersion(tx *bbolt.Tx) error {
	meta := tx.Bucket([]byte("meta"))
	if meta == nil {
		return fmt.Errorf("%w: no version", ErrDamaged)
	}
	if v := meta.Get([]byte("version")); len(v) != 1 || v[0] != version {
		return fmt.Errorf("%w: version %x is not known", ErrDamaged, v)
	}
	return nil
}
