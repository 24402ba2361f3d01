package index

import (
	"context"
	"fmt"
	"runtime"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names/index/scan"
)

// pipeline gives blocks in order while several of them are fetched and read at once.
type pipeline struct {
	slots chan chan fetched // in order of height
}

type fetched struct {
	block *readyBlock
	err   error
}

// next is the next block.
func (p *pipeline) next(ctx context.Context) (*readyBlock, error) {
	select {
	case slot, ok := <-p.slots:
		if !ok {
			return nil, context.Cause(ctx)
		}
		select {
		case f := <-slot:
			return f.block, f.err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// fetch starts to fetch the blocks of a range of heights. It ends with ctx.
func (f *followRun) fetch(ctx context.Context, from, to int32) *pipeline {
	workers := f.x.o.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0) + 2
	}
	p := &pipeline{slots: make(chan chan fetched, workers)}
	work := make(chan func(), workers)
	for range workers {
		go func() {
			for job := range work {
				job()
			}
		}()
	}
	go func() {
		defer close(work)
		defer close(p.slots)
		for height := from; height <= to; height++ {
			slot := make(chan fetched, 1)
			job := func() {
				block, err := f.fetchBlock(ctx, height)
				slot <- fetched{block, err}
			}
			select {
			case p.slots <- slot:
			case <-ctx.Done():
				return
			}
			select {
			case work <- job:
			case <-ctx.Done():
				return
			}
		}
	}()
	return p
}

// fetchBlock fetches a block and finds its operations.
func (f *followRun) fetchBlock(ctx context.Context, height int32) (*readyBlock, error) {
	hash, err := f.b.HashAt(ctx, height)
	if err != nil {
		return nil, f.lost(ctx, height, hash, fmt.Errorf("block hash at height %d: %w", height, err))
	}
	raw, err := f.b.RawBlock(ctx, hash)
	if err != nil {
		return nil, f.lost(ctx, height, hash, fmt.Errorf("block %s at height %d: %w", hash, height, err))
	}
	block := &readyBlock{height: height}
	block.hash, block.previous, err = scan.Hashes(raw)
	switch {
	case err != nil:
		return nil, fmt.Errorf("block %s at height %d: %w", hash, height, err)
	case block.hash != hash:
		return nil, fmt.Errorf("block %s at height %d: %w: its hash is %s", hash, height, ErrBadBlock, block.hash)
	}
	if c, ok := f.b.(Checked); !ok || !c.Checked() {
		if err := scan.Check(raw); err != nil {
			return nil, fmt.Errorf("block %s at height %d: %w", hash, height, err)
		}
	}
	block.ops, err = scan.Operations(f.x.p, height, raw, spentOutputs(ctx, f.b, hash))
	if err != nil {
		return nil, f.lost(ctx, height, hash, fmt.Errorf("block %s at height %d: %w", hash, height, err))
	}
	return block, nil
}

// lost tells an error of the source from a best chain that changed under our feet: then the block
// at the height is another one or none, and the common block has to be found again.
func (f *followRun) lost(ctx context.Context, height int32, hash chainhash.Hash, cause error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	target, _, err := f.b.Tip(ctx)
	if err != nil {
		return cause
	}
	if target < height {
		return errChainChanged
	}
	if now, err := f.b.HashAt(ctx, height); err == nil && now != hash && hash != (chainhash.Hash{}) {
		return errChainChanged
	}
	return cause
}

// spentOutputs is where the outputs that a block's transactions spend come from: the source's own
// record of the block when it has one, else each by itself.
func spentOutputs(ctx context.Context, b Blocks, hash chainhash.Hash) scan.Spent {
	records, _ := b.(SpentOutputs)
	if records == nil {
		return func(tx *wire.MsgTx, _, input int) (*wire.TxOut, error) {
			return b.PrevOut(ctx, tx.TxIn[input].PreviousOutPoint)
		}
	}
	last, outs := -1, []*wire.TxOut(nil)
	return func(tx *wire.MsgTx, index, input int) (*wire.TxOut, error) {
		if index != last {
			var err error
			if outs, err = records.SpentBy(ctx, hash, index); err != nil {
				return nil, err
			}
			last = index
		}
		if len(outs) != len(tx.TxIn) {
			return nil, fmt.Errorf("it has %d spent outputs for %d inputs", len(outs), len(tx.TxIn))
		}
		return outs[input], nil
	}
}
