package rules

import (
	"blockstack/names"
)

// source is the State before the block. Its first error sticks: look-ups after it give nothing, and
// Apply returns it.
type source struct {
	State
	err error
}

// consensus is the consensus hash of a height.
func (s *source) consensus(height int32) (names.ConsensusHash, bool) {
	if s.err != nil {
		return names.ConsensusHash{}, false
	}
	h, ok, err := s.State.Consensus(height)
	s.err = err
	return h, ok && err == nil
}

// table is the rows of one kind with the changes of the block on top.
type table[K comparable, T any] struct {
	src  *source
	read func(K) (*T, error)
	rows map[K]*change[T]
}

// change is a row before the block and now. Both may be nil.
type change[T any] struct {
	old, now *T
	touched  bool
}

func newTable[K comparable, T any](src *source, read func(K) (*T, error)) table[K, T] {
	return table[K, T]{src: src, read: read, rows: make(map[K]*change[T])}
}

// at gives a row with its changes, reading it from the state the first time.
func (t *table[K, T]) at(key K) *change[T] {
	if c := t.rows[key]; c != nil {
		return c
	}
	c := &change[T]{}
	if t.src.err == nil {
		row, err := t.read(key)
		if err != nil {
			t.src.err = err
		} else {
			c.old, c.now = row, row
		}
	}
	t.rows[key] = c
	return c
}

// now is the current row under a key, nil for none.
func (t *table[K, T]) now(key K) *T { return t.at(key).now }

// put sets the row under a key; nil takes it away.
func (t *table[K, T]) put(key K, row *T) {
	c := t.at(key)
	c.now, c.touched = row, true
}
