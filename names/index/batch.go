package index

import (
	"slices"
)

// rows is what can be asked of stored rows: the file inside a transaction, or a batch on top of one.
type rows interface {
	// get gives a row's value, nil when it is not there. The value is only good until the transaction ends.
	get(b bucket, key []byte) ([]byte, error)
	// each calls visit for the keys that begin with prefix, in order, until it says stop.
	each(b bucket, prefix []byte, visit func(key, value []byte) (more bool, err error)) error
}

// batch is the changes of many blocks on top of stored rows. Nothing reaches the file before it is written as a whole.
type batch struct {
	base   rows
	tables [bucketCount]map[string][]byte   // nil value: deleted
	groups [bucketCount]map[string][]string // keys in tables by their group prefix, where the bucket has groups
	size   int                              // bytes held, roughly
	undo   *undoLog                         // of the block that is being connected; nil: none is kept
}

func newBatch(base rows) *batch {
	b := &batch{base: base}
	for i := range b.tables {
		b.tables[i] = make(map[string][]byte)
		if bucket(i).groupLen() > 0 {
			b.groups[i] = make(map[string][]string)
		}
	}
	return b
}

// rowOverhead is roughly what a row takes beside its key and value.
const rowOverhead = 96

func (b *batch) get(t bucket, key []byte) ([]byte, error) {
	if v, ok := b.tables[t][string(key)]; ok {
		return v, nil
	}
	return b.base.get(t, key)
}

// each supports prefixes as long as the bucket's group, which is what the rules need.
func (b *batch) each(t bucket, prefix []byte, visit func(key, value []byte) (bool, error)) error {
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
func (b *batch) put(t bucket, key, value []byte) error {
	if value == nil {
		value = []byte{}
	}
	return b.set(t, key, value)
}

// remove takes a row away.
func (b *batch) remove(t bucket, key []byte) error { return b.set(t, key, nil) }

func (b *batch) set(t bucket, key, value []byte) error {
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

// undoLog collects what a block changes: the value that each key had before.
//
//	undo-row = number *entry
//	entry    = byte (bucket) bytes (key) (0 / 1 bytes (value))
type undoLog struct {
	seen map[string]bool
	n    uint64
	w    writer
}

func newUndoLog() *undoLog { return &undoLog{seen: make(map[string]bool)} }

func (u *undoLog) note(b *batch, t bucket, key []byte) error {
	id := string(rune(t)) + string(key)
	if u.seen[id] {
		return nil
	}
	u.seen[id] = true
	old, err := b.get(t, key)
	if err != nil {
		return err
	}
	u.add(undoEntry{table: t, key: key, value: old})
	return nil
}

func (u *undoLog) add(e undoEntry) {
	u.n++
	u.w.byte(byte(e.table))
	u.w.bytes(e.key)
	if e.value == nil {
		u.w.byte(0)
		return
	}
	u.w.byte(1)
	u.w.bytes(e.value)
}

func (u *undoLog) encode() []byte {
	w := writer{}
	w.number(u.n)
	w.fixed(u.w.b)
	return w.b
}

// undoEntry is a key and the value it had.
type undoEntry struct {
	table bucket
	key   []byte
	value []byte // nil: it was not there
}

func encodeUndo(list []undoEntry) []byte {
	log := newUndoLog()
	for _, e := range list {
		log.add(e)
	}
	return log.encode()
}

func decodeUndo(b []byte) ([]undoEntry, error) {
	in := reader{b: b}
	var list []undoEntry
	for range in.count(3) {
		e := undoEntry{table: bucket(in.byte()), key: in.bytes()}
		if e.table >= bucketCount || e.table == bUndo {
			in.fail("unknown bucket")
		}
		switch in.byte() {
		case 0:
		case 1:
			if e.value = in.bytes(); e.value == nil {
				e.value = []byte{}
			}
		default:
			in.fail("unknown flag")
		}
		list = append(list, e)
	}
	return list, in.end()
}
