package store

import (
	"fmt"
	"maps"
	"slices"

	bolt "go.etcd.io/bbolt"

	"blockstack/names"
)

// rows is what can be asked of stored rows: the file inside a transaction, or a batch on top of
// one.
type rows interface {
	// get gives a row's value, nil when it is not there. The value is only good until the
	// transaction ends.
	get(b bucket, key []byte) ([]byte, error)
	// each calls visit for the keys that begin with prefix, in order, until it says stop.
	each(b bucket, prefix []byte, visit func(key, value []byte) (more bool, err error)) error
}

// Batch is the changes of many blocks on top of stored rows. Nothing reaches the file before it is
// written as a whole.
type Batch struct {
	base   rows
	tables [bucketCount]map[string][]byte   // nil value: deleted
	groups [bucketCount]map[string][]string // keys in tables by their group prefix, where the bucket has groups
	size   int                              // bytes held, roughly
	undo   *undoLog                         // of the block that is being connected; nil: none is kept
}

// NewBatch begins a batch on top of the rows that a transaction shows; nil stands for no rows at
// all.
func NewBatch(tx *bolt.Tx) *Batch {
	if tx == nil {
		return newBatch(noRows{})
	}
	return newBatch(stored{tx})
}

func newBatch(base rows) *Batch {
	b := &Batch{base: base}
	for i := range b.tables {
		b.tables[i] = make(map[string][]byte)
		if bucket(i).groupLen() > 0 {
			b.groups[i] = make(map[string][]string)
		}
	}
	return b
}

// noRows are the rows of a file that has none.
type noRows struct{}

func (noRows) get(bucket, []byte) ([]byte, error) { return nil, nil }

func (noRows) each(bucket, []byte, func(k, v []byte) (bool, error)) error { return nil }

// Size is roughly how many bytes the batch holds.
func (b *Batch) Size() int { return b.size }

// State is what the rules read: the stored rows with the changes of the batch.
func (b *Batch) State(p *names.Params) *View { return &View{p: p, rows: b} }

// rowOverhead is roughly what a row takes beside its key and value.
const rowOverhead = 96

func (b *Batch) get(t bucket, key []byte) ([]byte, error) {
	if v, ok := b.tables[t][string(key)]; ok {
		return v, nil
	}
	return b.base.get(t, key)
}

// each supports prefixes as long as the bucket's group, which is what the rules need.
func (b *Batch) each(t bucket, prefix []byte, visit func(key, value []byte) (bool, error)) error {
	table := b.tables[t]
	var own []string
	for _, k := range b.groups[t][string(prefix)] {
		if table[k] != nil {
			own = append(own, k)
		}
	}
	slices.Sort(own)
	more := true
	err := b.base.each(t, prefix, func(key, value []byte) (bool, error) {
		var err error
		for more && len(own) > 0 && own[0] < string(key) {
			more, err = visit([]byte(own[0]), table[own[0]])
			if own = own[1:]; err != nil {
				return false, err
			}
		}
		if _, changed := table[string(key)]; more && !changed {
			more, err = visit(key, value)
		}
		return more, err
	})
	for err == nil && more && len(own) > 0 {
		more, err = visit([]byte(own[0]), table[own[0]])
		own = own[1:]
	}
	return err
}

// put sets a row. The value is kept, and is never nil afterwards.
func (b *Batch) put(t bucket, key, value []byte) error {
	if value == nil {
		value = []byte{}
	}
	return b.set(t, key, value)
}

// remove takes a row away.
func (b *Batch) remove(t bucket, key []byte) error { return b.set(t, key, nil) }

func (b *Batch) set(t bucket, key, value []byte) error {
	if b.undo != nil {
		if err := b.undo.note(b, t, key); err != nil {
			return err
		}
	}
	k := string(key)
	old, known := b.tables[t][k]
	b.tables[t][k] = value
	b.size += len(value) - len(old)
	if !known {
		b.size += len(k) + rowOverhead
		if n := t.groupLen(); n > 0 && len(k) >= n {
			b.groups[t][k[:n]] = append(b.groups[t][k[:n]], k)
		}
	}
	return nil
}

// Write puts a batch into the file, each bucket in the order of its keys.
func (b *Batch) Write(tx *bolt.Tx) error {
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
