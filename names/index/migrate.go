package index

import (
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// migrations turn a file of an older version into one of the next: migrations[i] starts from version i+1. The version of a file is
// one more than the number of migrations. They run in one transaction with the note of the new version.
var migrations = []func(tx *bolt.Tx) error{
	namesAsPlaces,
}

// schemaVersion is the version of the files that this program writes.
func schemaVersion() uint64 { return uint64(len(migrations)) + 1 }

// namesAsPlaces: until version 1 the bucket names held a copy of the name-row of the last operation instead of its place, and so did
// the undo data.
func namesAsPlaces(tx *bolt.Tx) error {
	place := func(name string, row []byte) ([]byte, error) {
		r, err := decodeNameRow(name, row)
		if err != nil {
			return nil, err
		}
		return opKey(r.At), nil
	}
	if err := rewrite(tx, bNames, func(key, value []byte) ([]byte, error) { return place(nameOfKey(key), value) }); err != nil {
		return err
	}
	return rewrite(tx, bUndo, func(_, value []byte) ([]byte, error) {
		list, err := decodeUndo(value)
		for i, e := range list {
			if err == nil && e.table == bNames && e.value != nil {
				list[i].value, err = place(nameOfKey(e.key), e.value)
			}
		}
		return encodeUndo(list), err
	})
}

// rewrite changes the value of every key of a bucket.
func rewrite(tx *bolt.Tx, b bucket, change func(key, value []byte) ([]byte, error)) error {
	t := tx.Bucket(bucketNames[b])
	if t == nil {
		return fmt.Errorf("%w: bucket %s is missing", ErrCorrupt, bucketNames[b])
	}
	changed := make(map[string][]byte) // a bucket must not change while it is read
	err := t.ForEach(func(key, value []byte) error {
		after, err := change(key, value)
		if err != nil {
			return fmt.Errorf("%s %q: %w", bucketNames[b], key, err)
		}
		changed[string(key)] = after
		return nil
	})
	if err != nil {
		return err
	}
	table := batch{}
	table.tables[b] = changed
	return table.write(tx)
}
