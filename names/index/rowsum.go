package index

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"

	bolt "go.etcd.io/bbolt"
)

// sumLen is the length of the checksum at the end of every stored value.
//
//	stored value = value, CRC-32C of (bucket number, length of the key (2), key, value) (4)
//
// It is for bits that change on the disk. Who can write the file can write checksums too: what money follows is computed again
// from transactions.
const sumLen = 4

var sumTable = crc32.MakeTable(crc32.Castagnoli)

// rowSum is the checksum of a row.
func rowSum(b bucket, key, value []byte) uint32 {
	head := [3]byte{byte(b), byte(len(key) >> 8), byte(len(key))}
	sum := crc32.Update(0, sumTable, head[:])
	return crc32.Update(crc32.Update(sum, sumTable, key), sumTable, value)
}

// summed reports whether a row has a checksum. The version has none: it says whether there are any.
func summed(b bucket, key []byte) bool { return b != bMeta || !bytes.Equal(key, keyVersion) }

// withSum is a value as it is stored.
func withSum(b bucket, key, value []byte) []byte {
	if !summed(b, key) {
		return value
	}
	out := make([]byte, len(value), len(value)+sumLen)
	copy(out, value)
	return binary.BigEndian.AppendUint32(out, rowSum(b, key, value))
}

// checkedRow is the value of a stored row whose checksum is right.
func checkedRow(b bucket, key, value []byte) ([]byte, error) {
	if !summed(b, key) {
		return value, nil
	}
	n := len(value) - sumLen
	if n < 0 || binary.BigEndian.Uint32(value[n:]) != rowSum(b, key, value[:n]) {
		return nil, fmt.Errorf("%w: bucket %s: the row of %.80q has changed", ErrCorrupt, bucketNames[b], key)
	}
	return value[:n:n], nil
}

// cursor reads the rows of a bucket and checks them, and also those beside what is not there: a key that has changed, in a row or on the
// way to it, leads to the wrong place, and there a neighbour is wrong or in the wrong order.
type cursor struct {
	b bucket
	c *bolt.Cursor
}

func (s stored) cursor(b bucket) (cursor, error) {
	t := s.tx.Bucket(bucketNames[b])
	if t == nil {
		return cursor{}, fmt.Errorf("%w: bucket %s is missing", ErrCorrupt, bucketNames[b])
	}
	return cursor{b, t.Cursor()}, nil
}

// get is the value of a key, nil when it is not there.
func (c cursor) get(key []byte) ([]byte, error) {
	k, v := c.c.Seek(key)
	if k != nil && bytes.Equal(k, key) {
		return checkedRow(c.b, k, v)
	}
	return nil, c.absent(key, k, v)
}

// absent checks the rows between which a key would be: the one after it, where the cursor is, and the one before.
func (c cursor) absent(key, after, value []byte) error {
	if after != nil {
		if err := c.neighbour(key, after, value, 1); err != nil {
			return err
		}
	}
	if before, value := c.c.Prev(); before != nil {
		return c.neighbour(key, before, value, -1)
	}
	return nil
}

func (c cursor) neighbour(key, k, v []byte, side int) error {
	if bytes.Compare(k, key) != side {
		return fmt.Errorf("%w: bucket %s: keys are not in order", ErrCorrupt, bucketNames[c.b])
	}
	_, err := checkedRow(c.b, k, v)
	return err
}

// from calls visit for the rows that begin with prefix and are not before start.
func (c cursor) from(prefix, start []byte, visit func(key, value []byte) (bool, error)) error {
	k, v := c.c.Seek(start)
	if before, value := c.c.Prev(); before != nil {
		if err := c.neighbour(start, before, value, -1); err != nil {
			return err
		}
	}
	last := start
	if k != nil {
		k, v = c.c.Seek(start)
	}
	for first := true; k != nil; k, v = c.c.Next() {
		if order := bytes.Compare(k, last); order < 0 || order == 0 && !first {
			return fmt.Errorf("%w: bucket %s: keys are not in order", ErrCorrupt, bucketNames[c.b])
		}
		value, err := checkedRow(c.b, k, v)
		if err != nil {
			return err
		}
		if !bytes.HasPrefix(k, prefix) {
			return nil
		}
		if more, err := visit(k, value); err != nil || !more {
			return err
		}
		last, first = k, false
	}
	return nil
}
