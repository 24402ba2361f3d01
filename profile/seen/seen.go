// Package seen remembers on disk the newest profile and the end of the history that were seen of
// each owner, so that a storage provider who puts back an old one is noticed. Nothing in it is
// secret, and none of it can be got back once it is lost.
//
// The file is a bbolt database:
//
//	meta:   "version" → 1 byte: 2; rows have checksums since 2 (package dbfile)
//	newest: owner → 8 bytes: time of issue, nanoseconds since 1970, big-endian
//	heads:  owner → 8 bytes: versions in the history, big-endian; 32 bytes: hash of the last link
//	bases:  owner → the token that was published from here, or read to be edited, last; what the next edit may replace
//
// owner is the text that profile.Verifier.SeenAs gives: an address, or a compressed public key in
// hex.
package seen

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"

	"blockstack/profile"
	"blockstack/storage/dbfile"
)

var (
	// ErrDamaged means that the file is not what this package wrote.
	ErrDamaged = errors.New("memory of profiles is damaged")
	// ErrBusy means that another process has the file open.
	ErrBusy = errors.New("memory of profiles is in use by another process")
	// ErrNewer means that a newer version of the program made the file.
	ErrNewer = errors.New("memory of profiles was made by a newer version")
)

// format is the format of the file.
var format = dbfile.Format{Version: 2, Width: 1, Sums: 2}

const patience = 5 * time.Second

// File is the memory at a path. It is opened for each question and closed again, so that commands
// side by side do not shut each other out. The zero time and the zero head mean that nothing was
// seen.
type File struct{ Path string }

// Newest gives the latest time of issue seen for an owner; false when none was. It implements
// profile.Seen.
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

// Head gives where the history of an owner ended when it was last seen; the zero Head when it never
// was.
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

// RememberHead keeps where the history of an owner ends, unless a longer one is known. The history
// must have passed the head that was known before.
func (f *File) RememberHead(ctx context.Context, owner string, h profile.Head) error {
	return f.update(ctx, "heads", owner, func(old []byte) []byte {
		if len(old) >= 8 && binary.BigEndian.Uint64(old) >= h.Seq {
			return nil
		}
		return append(binary.BigEndian.AppendUint64(nil, h.Seq), h.Hash[:]...)
	})
}

// maxBase bounds a token that is kept.
const maxBase = 1 << 20

// Base gives the token of an owner that was published or read to be edited last; empty when none
// was.
func (f *File) Base(ctx context.Context, owner string) (token string, err error) {
	err = f.view(ctx, "bases", owner, func(v []byte) error {
		token = string(v)
		return nil
	})
	return token, err
}

// RememberBase keeps such a token.
func (f *File) RememberBase(ctx context.Context, owner, token string) error {
	if len(token) > maxBase {
		return fmt.Errorf("remember a profile: %d bytes are more than %d", len(token), maxBase)
	}
	return f.update(ctx, "bases", owner, func([]byte) []byte { return []byte(token) })
}

// view gives one value to use, when there is one.
func (f *File) view(ctx context.Context, bucket, key string, use func(v []byte) error) error {
	err := f.open(ctx, true, func(db *dbfile.Rows) error {
		return db.View(func(tx *dbfile.Tx) error {
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
	if errors.Is(err, dbfile.ErrNotFound) {
		return nil // nothing was seen yet
	}
	return err
}

// update lets change say what a key holds from now on; nil leaves it as it is.
func (f *File) update(ctx context.Context, bucket, key string, change func(old []byte) []byte) error {
	if key == "" || len(key) > bbolt.MaxKeySize {
		return fmt.Errorf("remember a profile: no owner")
	}
	edit := func(db *dbfile.Rows) error {
		return db.Update(func(tx *dbfile.Tx) error {
			b, err := tx.CreateBucketIfNotExists([]byte(bucket))
			if err != nil {
				return err
			}
			if v := change(b.Get([]byte(key))); v != nil {
				return b.Put([]byte(key), v)
			}
			return nil
		})
	}
	err := f.open(ctx, false, edit)
	if !errors.Is(err, dbfile.ErrNotFound) {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(f.Path), 0o700); err != nil {
		return fmt.Errorf("memory of profiles: %w", err)
	}
	err = dbfile.CreateRows(f.Path, format, patience, func(*dbfile.Tx) error { return nil })
	if err != nil && !errors.Is(err, dbfile.ErrExists) { // another process was faster
		return fmt.Errorf("memory of profiles: %w", err)
	}
	return f.open(ctx, false, edit)
}

// open opens the file for one use.
func (f *File) open(ctx context.Context, readOnly bool, use func(db *dbfile.Rows) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	db, err := dbfile.OpenRows(f.Path, format, dbfile.Options{ReadOnly: readOnly, Wait: patience})
	if err == nil {
		err = errors.Join(use(db), db.Close())
	}
	for _, e := range []struct{ theirs, ours error }{{dbfile.ErrDamaged, ErrDamaged}, {dbfile.ErrNewer, ErrNewer}, {dbfile.ErrBusy, ErrBusy}} {
		if errors.Is(err, e.theirs) && !errors.Is(err, e.ours) {
			return fmt.Errorf("%w: %w", e.ours, err)
		}
	}
	if err != nil {
		return fmt.Errorf("memory of profiles: %w", err)
	}
	return nil
}
