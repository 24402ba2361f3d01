package commands

import (
	"context"
	"errors"

	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/chain"
)

// maxPool is how many unconfirmed transactions are looked through. A node is asked for each by itself, so a full memory pool of a
// public network is left alone, and the plan says that nobody looked.
const maxPool = 2000

// Unconfirmed lists the transactions of the node's memory pool.
func (c jobChain) Unconfirmed(ctx context.Context) (txs []*wire.MsgTx, complete bool, err error) {
	whole, err := c.node.PoolLoaded(ctx)
	if err != nil {
		return nil, false, err
	}
	ids, err := c.node.MempoolTxs(ctx)
	if err != nil || len(ids) > maxPool {
		return nil, false, err
	}
	for _, id := range ids {
		if tx := c.pooled[id]; tx != nil {
			txs = append(txs, tx)
			continue
		}
		tx, err := c.node.Tx(ctx, id)
		switch {
		case errors.Is(err, chain.ErrTxNotFound), errors.Is(err, chain.ErrNoTxIndex):
			continue // it has left the pool meanwhile
		case errors.Is(err, chain.ErrCannotTell):
			whole = false
			continue
		}
		if err != nil {
			return nil, false, err
		}
		c.pooled[id] = tx
		txs = append(txs, tx)
	}
	return txs, whole, nil
}
