package coins

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// Txs reads transactions out of the books, all in one look. What is not there is left out.
func (c *Coins) Txs(ctx context.Context, ids []chainhash.Hash) (txs map[chainhash.Hash]*wire.MsgTx, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	err = c.read(func(s store) error {
		txs = make(map[chainhash.Hash]*wire.MsgTx, len(ids))
		for i := range ids {
			d, err := s.TxDetails(s.ns, &ids[i])
			if err != nil {
				return err
			}
			if d != nil {
				txs[ids[i]] = d.MsgTx.Copy()
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read transactions: %w", err)
	}
	return txs, nil
}
