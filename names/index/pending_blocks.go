package index

import (
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
	bolt "go.etcd.io/bbolt"

	"blockstack/names/index/store"
	"blockstack/names/rules"
	"blockstack/names/state"
	"blockstack/storage/dbfile"
)

// readyBlock is a block of the source whose operations are known.
type readyBlock struct {
	height         int32
	hash, previous chainhash.Hash
	ops            []state.BlockOp
}

// pendingBlocks are blocks that were applied in order, with what they change until it is written.
type pendingBlocks struct {
	x     *Index
	tx    *bolt.Tx // reading transaction under the batch; nil: none is open
	batch *store.Batch
	tip   chainhash.Hash
	empty bool // no block before this one is known
}

func newPendingBlocks(x *Index, tip Tip) *pendingBlocks {
	return &pendingBlocks{x: x, tip: tip.Hash, empty: tip.Empty}
}

// connect applies the next block. Undo data is kept for blocks that are close enough to the target.
func (c *pendingBlocks) connect(b *readyBlock, target int32) error {
	if !c.empty && b.previous != c.tip {
		return errChainChanged
	}
	if c.tx == nil {
		tx, err := c.x.db.Bolt().Begin(false)
		if err != nil {
			return fmt.Errorf("read the index: %w", err)
		}
		c.tx, c.batch = tx, store.NewBatch(tx)
	}
	return fileError(dbfile.Guard(func() error {
		out, err := rules.Apply(c.x.p, c.batch.State(c.x.p), c.x.schedule, b.height, b.ops)
		if err != nil {
			return err
		}
		if err := c.batch.Connect(b.hash, out, b.height > target-store.UndoBlocks); err != nil {
			return err
		}
		c.tip, c.empty = b.hash, false
		return nil
	}))
}

// full reports whether enough is held to be written.
func (c *pendingBlocks) full() bool {
	limit := c.x.o.BatchBytes
	if limit <= 0 {
		limit = defaultBatchBytes
	}
	return c.batch != nil && c.batch.Size() >= limit
}

// flush writes what is held, in one transaction.
func (c *pendingBlocks) flush() error {
	b := c.batch
	if b == nil {
		return nil
	}
	c.close()
	return c.x.write(b.Write)
}

// close forgets what is held. The reading transaction must end before a writing one can grow the
// file.
func (c *pendingBlocks) close() {
	if c.tx != nil {
		// A reading transaction holds nothing that could be lost.
		_ = c.tx.Rollback()
	}
	c.tx, c.batch = nil, nil
}
