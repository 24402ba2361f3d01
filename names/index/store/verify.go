package store

import (
	"context"
	"fmt"
	"maps"
	"slices"

	bolt "go.etcd.io/bbolt"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/names/rules"
	"blockstack/names/state"
)

// Verified is what was compared.
type Verified struct {
	Blocks int
	Ops    int // operations, refused and malformed ones included
	Rows   int // stored rows
}

// Difference is where the index does not agree with its own operations. It wraps ErrDiffers.
type Difference struct {
	Height int32  // 0: rows of the state at the tip
	What   string // in words
}

// Error says what differs.
func (d *Difference) Error() string {
	if d.Height == 0 {
		return fmt.Sprintf("%s: %s", ErrDiffers, d.What)
	}
	return fmt.Sprintf("%s: height %d: %s", ErrDiffers, d.Height, d.What)
}

// Unwrap gives ErrDiffers.
func (d *Difference) Unwrap() error { return ErrDiffers }

// Verify computes the whole state again from the operations that a file holds, and compares every
// verdict, every hash and every row with what is stored. It needs no blocks, so it cannot see
// operations that were left out. told is called after each block.
func Verify(ctx context.Context, tx *bolt.Tx, p *names.Params, schedule *rules.Schedule, told func(done Verified, height, last int32)) (Verified, error) {
	v := &verifier{p: p, schedule: schedule, now: NewReader(p, tx)}
	err := v.run(ctx, told)
	return v.done, err
}

// verifier builds the state in memory. Rows that are written once are compared and forgotten block
// by block; the others are compared at the end.
type verifier struct {
	p        *names.Params
	schedule *rules.Schedule
	now      *Reader // what is stored
	done     Verified
	counts   [bucketCount]int
}

// once reports whether a bucket's rows are written once, so that the stored ones will do for the
// rules after they were compared.
func (b bucket) once() bool {
	switch b {
	case bBlocks, bOps, bHistory, bRefused, bTxids, bAccountLog:
		return true
	}
	return false
}

// compared serves the blocks and operations that were compared already, which are all that the
// rules ask for, and nothing else.
type compared struct{ stored }

func (b compared) get(t bucket, key []byte) ([]byte, error) {
	if t == bBlocks || t == bOps {
		return b.stored.get(t, key)
	}
	return nil, nil
}

func (compared) each(bucket, []byte, func(k, v []byte) (bool, error)) error { return nil }

func (v *verifier) run(ctx context.Context, told func(done Verified, height, last int32)) error {
	tip, err := v.now.Tip()
	if err != nil {
		return err
	}
	b := newBatch(compared{v.now.file})
	w := &puts{b: b}
	if w.genesis(v.schedule); w.err != nil {
		return w.err
	}
	for h := v.p.FirstBlock; h <= tip.Height; h++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := v.block(b, h); err != nil {
			return err
		}
		told(v.done, h, tip.Height)
	}
	return v.state(b)
}

// block computes one block and compares what it writes once.
func (v *verifier) block(b *Batch, height int32) error {
	row, err := v.now.Block(height)
	if err != nil {
		return err
	}
	if row == nil {
		return &Difference{height, "block is missing"}
	}
	ops, err := v.now.Ops(height)
	if err != nil {
		return err
	}
	out, err := rules.Apply(v.p, b.State(v.p), v.schedule, height, blockOps(ops))
	if err != nil {
		return err
	}
	if out.OpsHash != row.OpsHash || out.Consensus != row.Consensus {
		return &Difference{height, fmt.Sprintf("consensus hash is %s, stored as %s", out.Consensus, row.Consensus)}
	}
	if err := b.writeOutcome(row.Hash, out); err != nil {
		return err
	}
	v.done.Blocks++
	v.done.Ops += len(ops)
	for t := range bucketCount {
		if !t.once() {
			continue
		}
		if err := v.compare(t, b.tables[t], height); err != nil {
			return err
		}
		clear(b.tables[t])
	}
	return nil
}

// blockOps is the input of Apply that stored operations came from.
func blockOps(rows []state.OpRow) []state.BlockOp {
	ops := make([]state.BlockOp, len(rows))
	for i, r := range rows {
		ops[i] = state.BlockOp{At: r.At, Located: r.Located}
		if r.Located == nil {
			ops[i].Unparsed = &nameop.Unparsed{Opcode: r.Opcode, Reason: r.Detail}
		}
	}
	return ops
}

// compare looks up computed rows in the store.
func (v *verifier) compare(t bucket, computed map[string][]byte, height int32) error {
	for _, k := range slices.Sorted(maps.Keys(computed)) {
		want := computed[k]
		if want == nil {
			continue
		}
		got, err := v.now.file.get(t, []byte(k))
		if err != nil {
			return err
		}
		if got == nil || string(got) != string(want) {
			return &Difference{height, fmt.Sprintf("bucket %s: row %q differs", bucketNames[t], k)}
		}
		v.counts[t]++
	}
	return nil
}

// state compares the rows at the tip, and counts whether the store has rows that nothing explains.
func (v *verifier) state(b *Batch) error {
	want, err := b.get(bMeta, keyDoubt)
	if err != nil {
		return err
	}
	if got, err := v.now.file.get(bMeta, keyDoubt); err != nil {
		return err
	} else if string(got) != string(want) {
		return &Difference{0, "the height from which the state is in doubt differs"}
	}
	for t := range bucketCount {
		if t == bMeta || t == bUndo {
			continue
		}
		if err := v.compare(t, b.tables[t], 0); err != nil {
			return err
		}
		n := 0
		err := v.now.file.each(t, nil, func(_, _ []byte) (bool, error) {
			n++
			return true, nil
		})
		if err != nil {
			return err
		}
		if n != v.counts[t] {
			return &Difference{0, fmt.Sprintf("bucket %s has %d rows, want %d", bucketNames[t], n, v.counts[t])}
		}
		v.done.Rows += n
	}
	return nil
}
