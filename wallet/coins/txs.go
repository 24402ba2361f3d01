package coins

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/labels"
	"blockstack/wallet/tracker"
)

// PrevTx is the transaction that made an output, which a signer needs whole.
func (c *Coins) PrevTx(ctx context.Context, op wire.OutPoint) (*wire.MsgTx, error) {
	tx, err := c.Tx(ctx, op.Hash)
	if err != nil {
		return nil, err
	}
	if int64(op.Index) >= int64(len(tx.TxOut)) {
		return nil, fmt.Errorf("%s: %w: it has only %d outputs", op, labels.ErrUnknownCoin, len(tx.TxOut))
	}
	return tx, nil
}

// Tx is a transaction of the wallet's history.
func (c *Coins) Tx(ctx context.Context, txid chainhash.Hash) (*wire.MsgTx, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var tx *wire.MsgTx
	err := c.tracker.Read(func(s tracker.Store) error {
		d, err := s.TxDetails(s.NS, &txid)
		if err == nil && d != nil {
			tx = d.MsgTx.Copy()
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("transaction %s: %w", txid, err)
	}
	if tx == nil {
		return nil, fmt.Errorf("%w: %s", labels.ErrUnknownTx, txid)
	}
	return tx, nil
}

// Txs reads transactions out of the books, all in one look. What is not there is left out.
func (c *Coins) Txs(ctx context.Context, ids []chainhash.Hash) (txs map[chainhash.Hash]*wire.MsgTx, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	err = c.tracker.Read(func(s tracker.Store) error {
		txs = make(map[chainhash.Hash]*wire.MsgTx, len(ids))
		for i := range ids {
			d, err := s.TxDetails(s.NS, &ids[i])
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

// Unmined lists the transactions in the books that are in no block and may still be mined, as of
// the last sync, parents first. Our own stay among them when the node's memory pool has dropped
// them.
func (c *Coins) Unmined(ctx context.Context) (list []*wire.MsgTx, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	err = c.tracker.Read(func(s tracker.Store) error {
		byHash, err := s.UnminedTxs(s.NS)
		list = byHash
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list unconfirmed transactions: %w", err)
	}
	return list, nil
}
