package dbfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"time"

	"go.etcd.io/bbolt"
)

// A file of rows is a bbolt database of buckets without buckets in them. Each row has a checksum:
//
//	stored value = value, CRC-32C of (length of the bucket's name (2), name, length of the key (2), key, value) (4)
//	bucket meta:   "version" → number of 1 or 4 bytes, the owner's; it alone has no checksum, so that older programs can read it
//	               "sums"    → "crc32c": rows have checksums
//
// Numbers are big-endian. The checksum is for bits that change on the disk: who can write the file
// can write checksums too. It is written by Put and checked whenever a row is read, and all rows
// are when the file is opened: a key that has changed would else be a row that is not there. Which
// rows there are is the structure of pages, which walk.go looks at.
const (
	metaBucket = "meta"
	versionKey = "version"
	sumsKey    = "sums"
	sumsValue  = "crc32c"
	sumLen     = 4
)

var sumTable = crc32.MakeTable(crc32.Castagnoli)

// Format says which versions of a file there are. The zero Format takes what the file says of
// itself, and changes nothing.
type Format struct {
	Version uint32 // what this program writes
	Width   int    // bytes of the version in the file: 1 or 4
	Sums    uint32 // the first version whose rows have checksums
}

// Rows is an open file of rows.
type Rows struct {
	db     *DB
	summed bool
}

// OpenRows opens a file of rows that is there and checks all of them. Opened for writing, a file of
// an older version gets its checksums in one transaction; for reading it stays as it is.
func OpenRows(path string, f Format, o Options) (*Rows, error) {
	db, err := Open(path, o)
	if err != nil {
		return nil, err
	}
	r := &Rows{db: db}
	version := uint32(0)
	err = db.View(func(tx *bbolt.Tx) (err error) {
		if version, r.summed, err = f.of(tx); err == nil {
			err = r.in(tx, verify)
		}
		return err
	})
	if err == nil && !o.ReadOnly && version < f.Version {
		err = db.Update(func(tx *bbolt.Tx) error { return r.in(tx, f.upgrade) })
		r.summed = true
	}
	if err != nil {
		return nil, errors.Join(r.named(err), db.Close())
	}
	return r, nil
}

// CreateRows makes a file of rows with what fill writes. The version is written here.
func CreateRows(path string, f Format, wait time.Duration, fill func(tx *Tx) error) error {
	r := &Rows{summed: true}
	return Create(path, wait, func(btx *bbolt.Tx) error {
		return r.in(btx, func(tx *Tx) error { return errors.Join(fill(tx), f.mark(tx)) })
	})
}

// of says which version a file has, and whether its rows have checksums.
func (f Format) of(tx *bbolt.Tx) (version uint32, summed bool, err error) {
	meta := tx.Bucket([]byte(metaBucket))
	if meta == nil {
		if f == (Format{}) {
			return 0, false, nil
		}
		return 0, false, damage("no bucket %s", metaBucket)
	}
	raw := meta.Get([]byte(versionKey))
	if len(raw) > 4 || len(raw) == 0 && f != (Format{}) || f.Width != 0 && len(raw) != f.Width {
		return 0, false, damage("version %x", raw)
	}
	for _, b := range raw {
		version = version<<8 | uint32(b)
	}
	summed = meta.Get([]byte(sumsKey)) != nil
	switch {
	case f == (Format{}):
		return version, summed, nil
	case version == 0:
		return 0, false, damage("version %x", raw)
	case version > f.Version:
		return 0, false, fmt.Errorf("%w: version %d, this program knows %d", ErrNewer, version, f.Version)
	case summed != (version >= f.Sums):
		return 0, false, damage("version %d, and checksums: %t", version, summed)
	}
	return version, summed, nil
}

// mark writes the version.
func (f Format) mark(tx *Tx) error {
	meta, err := tx.CreateBucketIfNotExists([]byte(metaBucket))
	if err != nil {
		return err
	}
	version := binary.BigEndian.AppendUint32(nil, f.Version)
	return errors.Join(meta.Put([]byte(versionKey), version[4-f.Width:]), meta.Put([]byte(sumsKey), []byte(sumsValue)))
}

// upgrade writes the checksums of a file that has none.
func (f Format) upgrade(old *Tx) error {
	tx := &Tx{bolt: old.bolt, summed: true}
	if old.summed {
		return f.mark(tx)
	}
	type row struct{ key, value []byte }
	err := old.ForEach(func(name []byte, b *Bucket) error {
		var rows []row // a bucket must not change while it is walked
		if err := b.ForEach(func(k, v []byte) error {
			rows = append(rows, row{append([]byte(nil), k...), append([]byte(nil), v...)})
			return nil
		}); err != nil {
			return err
		}
		with := tx.Bucket(name)
		for _, r := range rows {
			if err := with.Put(r.key, r.value); err != nil {
				return err
			}
		}
		return nil
	})
	return errors.Join(err, f.mark(tx))
}

// verify reads all rows.
func verify(tx *Tx) error {
	return tx.ForEach(func(_ []byte, b *Bucket) error { return b.ForEach(func(_, _ []byte) error { return nil }) })
}

// named says which file an error is about.
func (r *Rows) named(err error) error { return fmt.Errorf("%s: %w", r.db.path, err) }

// in runs f on the rows of a transaction. A wrong row ends it there.
func (r *Rows) in(btx *bbolt.Tx, f func(tx *Tx) error) (err error) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case wrongRow:
			err = v.error
		default:
			panic(v)
		}
	}()
	return f(&Tx{bolt: btx, summed: r.summed})
}

// View runs f in a reading transaction. A row in it whose checksum is wrong ends it with
// ErrDamaged.
func (r *Rows) View(f func(tx *Tx) error) error {
	return r.db.View(func(btx *bbolt.Tx) error { return r.in(btx, f) })
}

// Update runs f in a writing transaction, which nothing of is kept when a row in it has a wrong
// checksum. When it returns without an error, what f wrote is on the disk.
func (r *Rows) Update(f func(tx *Tx) error) error {
	return r.db.Update(func(btx *bbolt.Tx) error { return r.in(btx, f) })
}

// DB is the file itself, for copying it.
func (r *Rows) DB() *DB { return r.db }

// Close closes the file.
func (r *Rows) Close() error { return r.db.Close() }

// Tx is a transaction on rows.
type Tx struct {
	bolt   *bbolt.Tx
	summed bool
}

// Bucket is a bucket of rows.
type Bucket struct {
	tx   *Tx
	name []byte
	bolt *bbolt.Bucket
}

// wrongRow is what reading a damaged row panics with, because no caller can go on with it; Rows.in
// makes an error of it.
type wrongRow struct{ error }

func (t *Tx) bucket(name []byte, b *bbolt.Bucket) *Bucket {
	if b == nil {
		return nil
	}
	return &Bucket{tx: t, name: append([]byte(nil), name...), bolt: b}
}

// Bucket is a bucket; nil: there is none.
func (t *Tx) Bucket(name []byte) *Bucket { return t.bucket(name, t.bolt.Bucket(name)) }

// CreateBucket makes a bucket.
func (t *Tx) CreateBucket(name []byte) (*Bucket, error) {
	b, err := t.bolt.CreateBucket(name)
	return t.bucket(name, b), err
}

// CreateBucketIfNotExists makes a bucket unless it is there.
func (t *Tx) CreateBucketIfNotExists(name []byte) (*Bucket, error) {
	b, err := t.bolt.CreateBucketIfNotExists(name)
	return t.bucket(name, b), err
}

// DeleteBucket removes a bucket with its rows.
func (t *Tx) DeleteBucket(name []byte) error { return t.bolt.DeleteBucket(name) }

// ForEach visits the buckets in the order of their names.
func (t *Tx) ForEach(f func(name []byte, b *Bucket) error) error {
	return t.bolt.ForEach(func(name []byte, b *bbolt.Bucket) error { return f(name, t.bucket(name, b)) })
}

// Tx is the transaction of a bucket.
func (b *Bucket) Tx() *Tx { return b.tx }

// Get is the value of a key, valid while the transaction lasts; nil: there is none.
func (b *Bucket) Get(key []byte) []byte {
	v := b.bolt.Get(key)
	if v == nil {
		return nil
	}
	return b.checked(key, v)
}

// Put writes a row.
func (b *Bucket) Put(key, value []byte) error {
	if b.plain(key) {
		return b.bolt.Put(key, value)
	}
	stored := make([]byte, 0, len(value)+sumLen)
	return b.bolt.Put(key, binary.BigEndian.AppendUint32(append(stored, value...), b.sum(key, value)))
}

// Delete removes a row, also one that is not there.
func (b *Bucket) Delete(key []byte) error { return b.bolt.Delete(key) }

// ForEach visits the rows in the order of their keys. The bucket must not change meanwhile.
func (b *Bucket) ForEach(f func(key, value []byte) error) error {
	return b.bolt.ForEach(func(k, v []byte) error {
		if v == nil {
			return damage("bucket %s: a bucket in it", b.name)
		}
		return f(k, b.checked(k, v))
	})
}

// Last is the last row; nil: there is none.
func (b *Bucket) Last() (key, value []byte) {
	k, v := b.bolt.Cursor().Last()
	if k == nil {
		return nil, nil
	}
	return k, b.checked(k, v)
}

// Before is the value of a row as it would be if the file had not got its checksums; false: there
// would be no such row.
func (b *Bucket) Before(key, value []byte) ([]byte, bool) {
	switch {
	case !b.tx.summed || string(b.name) != metaBucket:
		return value, true
	case string(key) == sumsKey:
		return nil, false
	case string(key) == versionKey && len(value) > 0:
		value = append([]byte(nil), value...)
		value[len(value)-1]--
	}
	return value, true
}

// plain reports whether a row has no checksum.
func (b *Bucket) plain(key []byte) bool {
	return !b.tx.summed || string(b.name) == metaBucket && string(key) == versionKey
}

// sum is the checksum of a row.
func (b *Bucket) sum(key, value []byte) uint32 {
	head := make([]byte, 0, 4+len(b.name)+len(key))
	head = append(binary.BigEndian.AppendUint16(head, uint16(len(b.name))), b.name...)
	head = append(binary.BigEndian.AppendUint16(head, uint16(len(key))), key...)
	return crc32.Update(crc32.Update(0, sumTable, head), sumTable, value)
}

// checked is the value of a stored row.
func (b *Bucket) checked(key, stored []byte) []byte {
	if b.plain(key) {
		return stored
	}
	n := len(stored) - sumLen
	if n < 0 || binary.BigEndian.Uint32(stored[n:]) != b.sum(key, stored[:n]) {
		panic(wrongRow{damage("bucket %s: the row of %.80q has changed", b.name, key)})
	}
	return stored[:n:n]
}
