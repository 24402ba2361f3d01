package registrar

import (
	"context"

	"github.com/btcsuite/btcd/wire/v2"
)

// copiedChain sends nothing before the copy of the journal holds it: every way to the
// node goes through here.
type copiedChain struct {
	Chain
	copies Copier
}

// Broadcast keeps the copy first.
func (c copiedChain) Broadcast(ctx context.Context, tx *wire.MsgTx) error {
	if err := c.copies.Keep(ctx); err != nil {
		return err
	}
	return c.Chain.Broadcast(ctx, tx)
}

// BroadcastAll keeps the copy first.
func (c copiedChain) BroadcastAll(ctx context.Context, txs []*wire.MsgTx) (int, error) {
	if err := c.copies.Keep(ctx); err != nil {
		return 0, err
	}
	return broadcastAll(ctx, c.Chain, txs)
}

// mempoolOf is a chain that lists its memory pool, where it can.
func mempoolOf(c Chain) (Mempool, bool) {
	if copied, ok := c.(copiedChain); ok {
		c = copied.Chain
	}
	p, ok := c.(Mempool)
	return p, ok
}

// poolOf is the memory pool of a chain, where it can show one.
func poolOf(c Chain) (Pool, bool) {
	if copied, ok := c.(copiedChain); ok {
		c = copied.Chain
	}
	p, ok := c.(Pool)
	return p, ok
}
