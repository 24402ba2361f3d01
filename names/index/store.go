package index

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"runtime/debug"
	"slices"
	"syscall"

	bolt "go.etcd.io/bbolt"
	bolterr "go.etcd.io/bbolt/errors"
)

// stored is rows inside a transaction of the file.
type stored struct{ tx *bolt.Tx }

func (s stored) get(b bucket, key []byte) ([]byte, error) {
	t := s.tx.Bucket(bucketNames[b])
	if t == nil {
		return nil, fmt.Errorf("%w: bucket %s is missing", ErrCorrupt, bucketNames[b])
	}
	return t.Get(key), nil
}

func (s stored) each(b bucket, prefix []byte, visit func(key, value []byte) (bool, error)) error {
	return s.from(b, prefix, prefix, visit)
}

// from is each for the keys not before start.
func (s stored) from(b bucket, prefix, start []byte, visit func(key, value []byte) (bool, error)) error {
	t := s.tx.Bucket(bucketNames[b])
	if t == nil {
		return fmt.Errorf("%w: bucket %s is missing", ErrCorrupt, bucketNames[b])
	}
	c := t.Cursor()
	for k, v := c.Seek(start); k != nil && bytes.HasPrefix(k, prefix); k, v = c.Next() {
		more, err := visit(k, v)
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// openFile opens or makes the file.
func openFile(path string, o Options) (*bolt.DB, error) {
	if o.ReadOnly {
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("%s: %w", path, ErrNoIndex)
		}
	}
	var db *bolt.DB
	var file *os.File
	err := guarded(func() (err error) {
		db, err = bolt.Open(path, 0o600, &bolt.Options{
			Timeout: o.Timeout, ReadOnly: o.ReadOnly, FreelistType: bolt.FreelistMapType,
			OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
				var err error
				file, err = os.OpenFile(name, flag, mode)
				return file, err
			},
		})
		return err
	})
	if err != nil && file != nil {
		// A panic leaves the file open, and locked for everybody. Where it is closed already, nothing happens.
		unlock(file)
		_ = file.Close()
	}
	switch {
	case errors.Is(err, bolterr.ErrTimeout):
		return nil, fmt.Errorf("%s: %w", path, ErrBusy)
	case err != nil && !errors.Is(err, ErrCorrupt) && !isSystemError(err):
		// What the system does not complain about is the content of the file.
		return nil, fmt.Errorf("%s: %w: %w", path, ErrCorrupt, err)
	case err != nil:
		return nil, fmt.Errorf("open index %s: %w", path, err)
	}
	return db, nil
}

// isSystemError reports whether an error is one of the operating system.
func isSystemError(err error) bool {
	var path *fs.PathError
	var number syscall.Errno
	return errors.As(err, &path) || errors.As(err, &number)
}

// guarded runs f and turns a panic of the store into ErrCorrupt: bbolt panics on pages that make no sense, and reading a mapped
// file that was cut short is a memory fault.
func guarded(f func() error) (err error) {
	before := debug.SetPanicOnFault(true)
	defer debug.SetPanicOnFault(before)
	defer func() {
		if r := recover(); r != nil {
			if text, ok := r.(string); ok && len(text) > 4 && text[:4] == "bug:" {
				panic(r)
			}
			err = fmt.Errorf("%w: %v", ErrCorrupt, r)
		}
	}()
	return f()
}

// prepare makes a new file ready, brings an older one up to date, and checks that it belongs to the registry.
func (x *Index) prepare() error {
	var version uint64
	err := x.read(func(s stored) error {
		meta := s.tx.Bucket(bucketNames[bMeta])
		if meta == nil {
			return nil
		}
		in := reader{b: meta.Get(keyVersion)}
		version = in.number()
		if err := in.end(); err != nil {
			return fmt.Errorf("version: %w", err)
		}
		if version > schemaVersion() {
			return fmt.Errorf("%w: version %d, this program knows %d", ErrNewerVersion, version, schemaVersion())
		}
		fingerprint := x.p.Fingerprint()
		if string(meta.Get(keyRegistry)) != string(fingerprint[:]) {
			return fmt.Errorf("%w: it holds %q", ErrOtherRegistry, meta.Get(keyNetwork))
		}
		return nil
	})
	if err != nil || version == schemaVersion() {
		return err
	}
	if x.readOnly {
		if version == 0 {
			return ErrNoIndex
		}
		return fmt.Errorf("version %d has to be brought up to date first: %w", version, ErrReadOnly)
	}
	return x.update(func(tx *bolt.Tx) error {
		if version == 0 {
			return x.initialize(tx)
		}
		for ; version < schemaVersion(); version++ {
			if err := migrations[version-1](tx); err != nil {
				return fmt.Errorf("bring version %d up to date: %w", version, err)
			}
		}
		w := writer{}
		w.number(version)
		return tx.Bucket(bucketNames[bMeta]).Put(keyVersion, w.b)
	})
}

// initialize empties the file and writes what stands before the first block.
func (x *Index) initialize(tx *bolt.Tx) error {
	for _, name := range bucketNames {
		if tx.Bucket(name) != nil {
			if err := tx.DeleteBucket(name); err != nil {
				return err
			}
		}
		if _, err := tx.CreateBucket(name); err != nil {
			return err
		}
	}
	b := newBatch(stored{tx})
	p := &puts{b: b}
	version := writer{}
	version.number(schemaVersion())
	fingerprint := x.p.Fingerprint()
	p.put(bMeta, keyVersion, version.b)
	p.put(bMeta, keyRegistry, fingerprint[:])
	p.put(bMeta, keyNetwork, []byte(x.p.Network))
	p.put(bMeta, keyTip, heightKey(x.p.FirstBlock-1))
	if p.err == nil {
		p.err = x.writeGenesis(b)
	}
	if p.err != nil {
		return p.err
	}
	return b.write(tx)
}

// writeGenesis writes the accounts before the first block.
func (x *Index) writeGenesis(b *batch) error {
	p := &puts{b: b}
	for _, r := range x.schedule.genesis() {
		p.put(bAccounts, accountKeyOf(r.Address, r.Unit), r.encode())
		p.put(bAccountLog, accountLogKey(&r), r.encode())
	}
	p.put(bAccounts, accountKeyOf(x.p.BurnAddress, genesisUnit), x.schedule.marker().encode())
	return p.err
}

// write puts a batch into the file, each bucket in the order of its keys.
func (b *batch) write(tx *bolt.Tx) error {
	for i, table := range b.tables {
		if len(table) == 0 {
			continue
		}
		t := tx.Bucket(bucketNames[i])
		if t == nil {
			return fmt.Errorf("%w: bucket %s is missing", ErrCorrupt, bucketNames[i])
		}
		if bucket(i).appended() {
			t.FillPercent = 0.95
		}
		for _, k := range slices.Sorted(maps.Keys(table)) {
			var err error
			if v := table[k]; v == nil {
				err = t.Delete([]byte(k))
			} else {
				err = t.Put([]byte(k), v)
			}
			if err != nil {
				return fmt.Errorf("write to bucket %s: %w", bucketNames[i], err)
			}
		}
	}
	return nil
}

// read runs f in a reading transaction.
func (x *Index) read(f func(s stored) error) error {
	return guarded(func() error { return x.db.View(func(tx *bolt.Tx) error { return f(stored{tx}) }) })
}

// update runs f in a writing transaction.
func (x *Index) update(f func(tx *bolt.Tx) error) error {
	if x.readOnly {
		return ErrReadOnly
	}
	return guarded(func() error { return x.db.Update(f) })
}
