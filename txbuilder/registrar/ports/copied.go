package ports

import (
	"context"

	"github.com/btcsuite/btcd/wire/v2"
)

// CopiedChain sends nothing before the copy of the journal holds it: every way to the node goes
// through here.
type CopiedChain struct {
	Chain
	Copies Copier
}

// Broadcast keeps the copy first.
func (c CopiedChain) Broadcast(ctx context.Context, tx *wire.MsgTx) error {
	if err := c.Copies.Keep(ctx); err != nil {
		return err
	}
	return c.Chain.Broadcast(ctx, tx)
}

// BroadcastAll keeps the copy first.
func (c CopiedChain) BroadcastAll(ctx context.Context, txs []*wire.MsgTx) (int, error) {
	if err := c.Copies.Keep(ctx); err != nil {
		return 0, err
	}
	return BroadcastAll(ctx, c.Chain, txs)
}

// Copier keeps a second copy of the journal in another place.
type Copier interface {
	// Keep returns when the copy holds every job that has signed anything, as the journal holds it
	// now.
	Keep(ctx context.Context) error
}
