package store

import (
	"fmt"

	bolt "go.etcd.io/bbolt"

	"blockstack/names"
	"blockstack/names/rules"
)

// schemaVersion is the version of the files that this program writes. Until version 1 the bucket
// names held rows instead of places, until version 2 rows had no checksums. Older files are not
// brought up to date but built anew: nothing says whether they are right.
const schemaVersion = 3

// Check checks that a file is of this version and belongs to the registry.
func Check(tx *bolt.Tx, p *names.Params) error {
	meta := tx.Bucket(bucketNames[bMeta])
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
	s := stored{tx}
	registry, err := s.get(bMeta, keyRegistry)
	if err != nil {
		return err
	}
	if fingerprint := p.Fingerprint(); string(registry) != string(fingerprint[:]) {
		network, err := s.get(bMeta, keyNetwork)
		if err != nil {
			return err
		}
		return fmt.Errorf("%w: it holds %q", ErrOtherRegistry, network)
	}
	return nil
}

// Initialize empties a file, or fills a new one, and writes what stands before the first block.
func Initialize(tx *bolt.Tx, p *names.Params, schedule *rules.Schedule) error {
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
	b := NewBatch(tx)
	w := &puts{b: b}
	version := writer{}
	version.number(schemaVersion)
	fingerprint := p.Fingerprint()
	w.put(bMeta, keyVersion, version.b)
	w.put(bMeta, keyRegistry, fingerprint[:])
	w.put(bMeta, keyNetwork, []byte(p.Network))
	w.put(bMeta, keyTip, heightKey(p.FirstBlock-1))
	w.genesis(schedule)
	if w.err != nil {
		return w.err
	}
	return b.Write(tx)
}

// genesis writes the accounts before the first block.
func (p *puts) genesis(schedule *rules.Schedule) {
	for _, r := range schedule.Genesis() {
		p.put(bAccounts, accountKeyOf(r.Address, r.Unit), encodeAccount(&r))
		p.put(bAccountLog, accountLogKey(&r), encodeAccount(&r))
	}
	marker := schedule.Marker()
	p.put(bAccounts, accountKeyOf(marker.Address, marker.Unit), encodeAccount(marker))
}
