package index

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"

	bolt "go.etcd.io/bbolt"

	"blockstack/storage/dbfile"
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

// openFile opens the file. One that is not there is made by makeFile first.
func openFile(path string, o Options) (*dbfile.DB, error) {
	db, err := dbfile.Open(path, dbfile.Options{ReadOnly: o.ReadOnly, Wait: o.Timeout, Freelist: bolt.FreelistMapType})
	switch {
	case errors.Is(err, dbfile.ErrNotFound) && o.ReadOnly:
		return nil, fmt.Errorf("%s: %w", path, ErrNoIndex)
	case err != nil:
		return nil, fileError(err)
	}
	return db, nil
}

// fileError says in our words what is wrong with the file.
func fileError(err error) error {
	for _, e := range []struct{ theirs, ours error }{{dbfile.ErrDamaged, ErrCorrupt}, {dbfile.ErrNewer, ErrNewerVersion}, {dbfile.ErrBusy, ErrBusy}} {
		if errors.Is(err, e.theirs) && !errors.Is(err, e.ours) {
			return fmt.Errorf("%w: %w", e.ours, err)
		}
	}
	return err
}

// prepare brings an older file up to date, and checks that it belongs to the registry.
func (x *Index) prepare() error {
	var version uint64
	err := x.read(func(s stored) error {
		meta := s.tx.Bucket(bucketNames[bMeta])
		if meta == nil {
			return fmt.Errorf("%w: bucket %s is missing", ErrCorrupt, bucketNames[bMeta])
		}
		in := reader{b: meta.Get(keyVersion)}
		version = in.number()
		if err := in.end(); err != nil {
			return fmt.Errorf("version: %w", err)
		}
		if version == 0 {
			return fmt.Errorf("%w: no version", ErrCorrupt)
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
		return fmt.Errorf("version %d has to be brought up to date first: %w", version, ErrReadOnly)
	}
	return x.update(func(tx *bolt.Tx) error {
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

// initialize empties a file, or fills a new one, and writes what stands before the first block.
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
	return fileError(x.db.View(func(tx *bolt.Tx) error { return f(stored{tx}) }))
}

// update runs f in a writing transaction.
func (x *Index) update(f func(tx *bolt.Tx) error) error {
	if x.readOnly {
		return ErrReadOnly
	}
	return fileError(x.db.Update(f))
}
