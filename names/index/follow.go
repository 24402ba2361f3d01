package index

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"
	bolt "go.etcd.io/bbolt"

	"blockstack/names/index/store"
	"blockstack/names/state"
)

// Phase is what a long sync is doing.
type Phase string

// The phases.
const (
	PhaseRollback Phase = "rollback" // undoing blocks that the best chain no longer has
	PhaseRebuild  Phase = "rebuild"  // the best chain changed deeper than can be undone: starting again from the first block
	PhaseBlocks   Phase = "blocks"   // reading blocks
	PhaseVerify   Phase = "verify"   // computing everything again from stored operations
	PhaseDone     Phase = "done"     // the index is at the source's tip
)

// Progress is how far a sync has come.
type Progress struct {
	Phase  Phase
	Height int32         // last block that was read
	Target int32         // tip of the source
	Blocks int           // read or undone by this call
	Rate   float64       // blocks per second, of late
	Left   time.Duration // estimate; 0: unknown
}

// Follow brings the index to the tip of a source: blocks that its best chain no longer has are
// undone, then the missing ones are read. It returns when the tip that it found is reached and
// still the same; progress, which may be nil, is called a few times a second at most. It can be
// stopped at any moment, by ctx or by the end of the process, and goes on from there the next time.
//
// A best chain that changed deeper than store.UndoBlocks empties the index and reads all blocks
// again.
func (x *Index) Follow(ctx context.Context, b Blocks, progress func(Progress)) error {
	if x.readOnly {
		return fmt.Errorf("follow: %w", ErrReadOnly)
	}
	x.follow.Lock()
	defer x.follow.Unlock()
	f := &followRun{x: x, b: b, meter: newMeter(progress)}
	for changes := 0; ; {
		target, tipHash, err := b.Tip(ctx)
		if err != nil {
			return fmt.Errorf("follow: tip of the source: %w", err)
		}
		err = f.rollback(ctx, target, tipHash)
		if err == nil {
			err = f.forward(ctx, target)
		}
		if changes++; errors.Is(err, errChainChanged) && changes < maxChanges {
			continue
		}
		if err != nil {
			return fmt.Errorf("follow: %w", err)
		}
		tip, err := x.Tip(ctx)
		if err != nil {
			return fmt.Errorf("follow: %w", err)
		}
		height, hash, err := b.Tip(ctx)
		if err != nil {
			return fmt.Errorf("follow: tip of the source: %w", err)
		}
		if tip.Hash == hash || tip.Empty && height < x.p.FirstBlock {
			f.meter.report(Progress{Phase: PhaseDone, Height: tip.Height, Target: height}, true)
			return nil
		}
		if changes >= maxChanges {
			return fmt.Errorf("follow: %w: the source says that its tip is %s, and shows another block there", errChainChanged, hash)
		}
	}
}

// maxChanges is how often the best chain may change during one call of Follow before the source is
// thought to be at fault.
const maxChanges = 100

// errChainChanged means that the best chain changed while blocks were read: the common block has to
// be found again.
var errChainChanged = errors.New("best chain changed")

// followRun is one call of Follow.
type followRun struct {
	x     *Index
	b     Blocks
	meter *meter
}

// rollback undoes the blocks that are not in the best chain of the source.
func (f *followRun) rollback(ctx context.Context, target int32, targetHash chainhash.Hash) error {
	tip, err := f.x.Tip(ctx)
	if err != nil || tip.Empty {
		return err
	}
	common := min(tip.Height, target)
	for ; common >= f.x.p.FirstBlock; common-- {
		ours, err := f.x.blockAt(ctx, common)
		if err != nil {
			return err
		}
		theirs := targetHash
		if common != target {
			if theirs, err = f.b.HashAt(ctx, common); err != nil {
				return f.lost(ctx, common, chainhash.Hash{}, fmt.Errorf("block hash at height %d: %w", common, err))
			}
		}
		if ours.Hash == theirs {
			break
		}
		if tip.Height-common >= store.UndoBlocks {
			return f.rebuild(tip, target)
		}
	}
	if common == tip.Height {
		return nil
	}
	if common == target && tip.Height-common > store.UndoBlocks {
		return fmt.Errorf("%w: it ends at height %d, the index is at %d", ErrNodeBehind, target, tip.Height)
	}
	undone, err := f.x.undo(common)
	switch {
	case err != nil:
		return err
	case !undone && common == target:
		return fmt.Errorf("%w: it ends at height %d, the index is at %d", ErrNodeBehind, target, tip.Height)
	case !undone:
		return f.rebuild(tip, target)
	}
	f.meter.report(Progress{Phase: PhaseRollback, Height: common, Target: target, Blocks: int(tip.Height - common)}, true)
	return nil
}

// rebuild empties the index.
func (f *followRun) rebuild(tip Tip, target int32) error {
	f.meter.report(Progress{Phase: PhaseRebuild, Height: tip.Height, Target: target}, true)
	if err := f.x.update(f.x.initialize); err != nil {
		return fmt.Errorf("empty the index: %w", err)
	}
	return nil
}

// blockAt is what is kept of the block at a height that the index has read.
func (x *Index) blockAt(ctx context.Context, height int32) (*state.BlockRow, error) {
	var row *state.BlockRow
	err := x.query(ctx, func(r *store.Reader, _ Tip) (err error) {
		row, err = r.Block(height)
		if err == nil && row == nil {
			err = fmt.Errorf("%w: block at height %d is missing", ErrCorrupt, height)
		}
		return err
	})
	return row, err
}

// undo takes back all blocks above a height, in one transaction. It reports false, and changes
// nothing, when some of them cannot be undone any more.
func (x *Index) undo(height int32) (bool, error) {
	undone := true
	err := x.write(func(tx *bolt.Tx) error {
		tip, err := store.NewReader(x.p, tx).Tip()
		if err != nil {
			return err
		}
		b := store.NewBatch(tx)
		for h := tip.Height; h > height && undone && err == nil; h-- {
			undone, err = b.Disconnect(h)
		}
		if err != nil || !undone {
			return err
		}
		return b.Write(tx)
	})
	if err != nil {
		return false, fmt.Errorf("undo blocks down to height %d: %w", height, err)
	}
	return undone, nil
}

// write is update with the test's stop in front of it.
func (x *Index) write(f func(tx *bolt.Tx) error) error {
	if x.beforeWrite != nil {
		if err := x.beforeWrite(); err != nil {
			return err
		}
	}
	return x.update(f)
}

// forward reads the blocks from the index's tip to the target. Many blocks make one write while
// catching up; the last ones are written one by one.
func (f *followRun) forward(ctx context.Context, target int32) error {
	tip, err := f.x.Tip(ctx)
	if err != nil || tip.Height >= target {
		return err
	}
	from := tip.Height + 1
	f.meter.start(from, target)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	blocks := f.fetch(ctx, from, target)
	c := newPendingBlocks(f.x, tip)
	defer c.close()
	for height := from; height <= target; height++ {
		block, err := blocks.next(ctx)
		if err == nil {
			err = c.connect(block, target)
		}
		if err != nil {
			// What was read so far is good: it is kept, whatever stopped us.
			if flushErr := c.flush(); flushErr != nil {
				return flushErr
			}
			return err
		}
		if c.full() || height > target-tipBlocks {
			if err := c.flush(); err != nil {
				return err
			}
		}
		f.meter.report(Progress{Phase: PhaseBlocks, Height: height, Target: target, Blocks: int(height-from) + 1}, height == target)
	}
	return c.flush()
}

// tipBlocks is how many of the last blocks are written one by one.
const tipBlocks = 3
