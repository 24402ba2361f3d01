package store

import (
	"bytes"
	"fmt"

	bolt "go.etcd.io/bbolt"
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

// cursor reads the rows of a bucket and checks them, and also those beside what is not there: a key
// that has changed, in a row or on the way to it, leads to the wrong place, and there a neighbour
// is wrong or in the wrong order.
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

// absent checks the rows between which a key would be: the one after it, where the cursor is, and
// the one before.
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
