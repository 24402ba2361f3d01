package coins

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/wire/v2"
)

// Unmined lists the transactions in the books that are in no block and may still be
// mined, as of the last sync, parents first. Our own stay among them when the node's
// memory pool has dropped them.
func (c *Coins) Unmined(ctx context.Context) (list []*wire.MsgTx, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	err = c.read(func(s store) error {
		byHash, err := s.UnminedTxs(s.ns)
		list = byHash
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list unconfirmed transactions: %w", err)
	}
	return list, nil
}
