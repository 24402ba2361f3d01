package coins

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/storage/dbfile"
)

// KeepTx writes a signed transaction to labels.db before it is sent, and
// nothing else: what it replaces stays in the books. AddTx follows when the node
// has accepted it, RemoveTx when the node has refused it. Until then a
// transaction that takes coins of another one does not count.
func (c *Coins) KeepTx(ctx context.Context, tx *wire.MsgTx) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := c.book.update(func(btx *dbfile.Tx) error { return putSent(btx, tx) })
	if err != nil {
		return fmt.Errorf("record transaction %s: %w", tx.TxHash(), err)
	}
	return nil
}

// KeptTxs lists our own transactions whose bytes are kept: those that are not
// deep in the chain yet, also ones that were never sent.
func (c *Coins) KeptTxs(ctx context.Context) ([]*wire.MsgTx, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return c.sent()
}
