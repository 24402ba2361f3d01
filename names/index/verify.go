package index

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/names/rules"
	"blockstack/names/state"
)

// Verified is what Verify looked at.
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

// Verify computes the whole state again from the operations that the index holds, and compares every verdict, every hash and every
// row with what is stored. It needs no blocks, so it cannot see operations that were left out. progress may be nil.
func (x *Index) Verify(ctx context.Context, progress func(Progress)) (Verified, error) {
	var done Verified
	err := x.read(func(s stored) error {
		v := &verifier{x: x, stored: s, m: newMeter(progress)}
		err := v.run(ctx)
		done = v.done
		return err
	})
	if err != nil {
		return done, fmt.Errorf("verify: %w", err)
	}
	return done, nil
}

// verifier builds the state in memory. Rows that are written once are compared and forgotten block by block; the others are
// compared at the end.
type verifier struct {
	x      *Index
	stored stored
	m      *meter
	done   Verified
	counts [bucketCount]int
}

// once reports whether a bucket's rows are written once, so that the stored ones will do for the rules after they were compared.
func (b bucket) once() bool {
	switch b {
	case bBlocks, bOps, bHistory, bRefused, bTxids, bAccountLog:
		return true
	}
	return false
}

// compared serves the blocks and operations that were compared already, which are all that the rules ask for, and nothing else.
type compared struct{ stored }

func (b compared) get(t bucket, key []byte) ([]byte, error) {
	if t == bBlocks || t == bOps {
		return b.stored.get(t, key)
	}
	return nil, nil
}

func (compared) each(bucket, []byte, func(k, v []byte) (bool, error)) error { return nil }

func (v *verifier) run(ctx context.Context) error {
	now := &view{p: v.x.p, rows: v.stored}
	tip, err := now.tip()
	if err != nil {
		return err
	}
	b := newBatch(compared{v.stored})
	if err := v.x.writeGenesis(b); err != nil {
		return err
	}
	v.m.start(v.x.p.FirstBlock, tip.Height)
	for h := v.x.p.FirstBlock; h <= tip.Height; h++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := v.block(now, b, h); err != nil {
			return err
		}
		v.m.report(Progress{Phase: PhaseVerify, Height: h, Target: tip.Height, Blocks: v.done.Blocks}, h == tip.Height)
	}
	return v.state(b)
}

// block computes one block and compares what it writes once.
func (v *verifier) block(now *view, b *batch, height int32) error {
	row, err := now.block(height)
	if err != nil {
		return err
	}
	if row == nil {
		return &Difference{height, "block is missing"}
	}
	ops, err := now.ops(height)
	if err != nil {
		return err
	}
	out, err := rules.Apply(v.x.p, &view{p: v.x.p, rows: b}, v.x.schedule, height, blockOps(ops))
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
		got, err := v.stored.get(t, []byte(k))
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
func (v *verifier) state(b *batch) error {
	want, err := b.get(bMeta, keyDoubt)
	if err != nil {
		return err
	}
	if got, err := v.stored.get(bMeta, keyDoubt); err != nil {
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
		err := v.stored.each(t, nil, func(_, _ []byte) (bool, error) {
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

// ConsensusHashes calls visit with the consensus hash of every height that the index knows, from the one before the first block on.
func (x *Index) ConsensusHashes(ctx context.Context, visit func(height int32, h names.ConsensusHash) error) error {
	err := x.query(ctx, func(v *view, tip Tip) error {
		for _, h := range slices.Sorted(maps.Keys(x.p.InitialConsensus)) {
			if err := visit(h, x.p.InitialConsensus[h]); err != nil {
				return err
			}
		}
		for h := x.p.FirstBlock; h <= tip.Height; h++ {
			row, err := v.block(h)
			if err == nil && row == nil {
				err = fmt.Errorf("%w: block at height %d is missing", ErrCorrupt, h)
			}
			if err == nil {
				err = ctx.Err()
			}
			if err == nil {
				err = visit(h, row.Consensus)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("consensus hashes: %w", err)
	}
	return nil
}
