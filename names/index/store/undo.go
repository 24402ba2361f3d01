package store

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

func (u *undoLog) note(b *Batch, t bucket, key []byte) error {
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
