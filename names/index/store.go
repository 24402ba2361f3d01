package index

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	bolt "go.etcd.io/bbolt"

	"blockstack/names/rules"
	"blockstack/names/state"
	"blockstack/storage/dbfile"
)

// stored is rows inside a transaction of the file.
type stored struct{ tx *bolt.Tx }

func (s stored) get(b bucket, key []byte) ([]byte, error) {
	c, err := s.cursor(b)
	if err != nil {
		return nil, err
	}
	return c.get(key)
}

func (s stored) each(b bucket, prefix []byte, visit func(key, value []byte) (bool, error)) error {
	return s.from(b, prefix, prefix, visit)
}

// from is each for the keys not before start.
func (s stored) from(b bucket, prefix, start []byte, visit func(key, value []byte) (bool, error)) error {
	c, err := s.cursor(b)
	if err != nil {
		return err
	}
	return c.from(prefix, start, visit)
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
	for _, e := range []struct{ theirs, ours error }{{dbfile.ErrDamaged, ErrCorrupt}, {rules.ErrNoConsensus, ErrCorrupt}, {dbfile.ErrNewer, ErrNewerVersion}, {dbfile.ErrBusy, ErrBusy}} {
		if errors.Is(err, e.theirs) && !errors.Is(err, e.ours) {
			return fmt.Errorf("%w: %w", e.ours, err)
		}
	}
	return err
}

// schemaVersion is the version of the files that this program writes. Until version 1 the bucket names held rows instead of places,
// until version 2 rows had no checksums. Older files are not brought up to date but built anew: nothing says whether they are right.
const schemaVersion = 3

// prepare checks that the file is of this version and belongs to the registry.
func (x *Index) prepare() error {
	return x.read(func(s stored) error {
		meta := s.tx.Bucket(bucketNames[bMeta])
		if meta == nil {
			return fmt.Errorf("%w: bucket %s is missing", ErrCorrupt, bucketNames[bMeta])
		}
		in := reader{b: meta.Get(keyVersion)}
		version := in.number()
		switch err := in.end(); {
		case err != nil:
			return fmt.Errorf("version: %w", err)
		case version == 0:
			return fmt.Errorf("%w: no version", ErrCorrupt)
		case version > schemaVersion:
			return fmt.Errorf("%w: version %d, this program knows %d", ErrNewerVersion, version, schemaVersion)
		case version < schemaVersion:
			return fmt.Errorf("%w: version %d, this program writes %d", ErrOlderVersion, version, schemaVersion)
		}
		registry, err := s.get(bMeta, keyRegistry)
		if err != nil {
			return err
		}
		if fingerprint := x.p.Fingerprint(); string(registry) != string(fingerprint[:]) {
			network, err := s.get(bMeta, keyNetwork)
			if err != nil {
				return err
			}
			return fmt.Errorf("%w: it holds %q", ErrOtherRegistry, network)
		}
		return nil
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
	version.number(schemaVersion)
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
	for _, r := range x.schedule.Genesis() {
		p.put(bAccounts, accountKeyOf(r.Address, r.Unit), encodeAccount(&r))
		p.put(bAccountLog, accountLogKey(&r), encodeAccount(&r))
	}
	p.put(bAccounts, accountKeyOf(x.p.BurnAddress, state.UnitGenesis), encodeAccount(x.schedule.Marker()))
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
				err = t.Put([]byte(k), withSum(bucket(i), []byte(k), v))
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
