package coins

import (
	"context"
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/walletdb"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/storage/dbfile"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
	"blockstack/wallet/tracker"
	"blockstack/wallet/watched"
)

// AddTx records a transaction of ours that was broadcast, so that the coins it spends are not
// offered again and its change is known. An unconfirmed transaction that it replaces is forgotten:
// call it only when the node has accepted the replacement. Calling it again changes nothing.
//
// The transaction is first written to labels.db, so that it survives a tracker that is built again,
// and from then on its inputs count as spent.
func (c *Coins) AddTx(ctx context.Context, tx *wire.MsgTx) error {
	return c.AddTxs(ctx, []*wire.MsgTx{tx})
}

// AddTxs is AddTx for many transactions, parents before children, with one write.
func (c *Coins) AddTxs(ctx context.Context, txs []*wire.MsgTx) error {
	return c.addTxs(ctx, txs, func(*dbfile.Tx) error { return nil })
}

// addTxs is AddTxs that writes more to labels.db, in the same write.
func (c *Coins) addTxs(ctx context.Context, txs []*wire.MsgTx, also func(btx *dbfile.Tx) error) error {
	if err := ctx.Err(); err != nil || len(txs) == 0 {
		return err
	}
	keys := make([]map[uint32]scripts.Key, len(txs))
	for i, tx := range txs {
		var err error
		if keys[i], err = c.Keys.OwnOutputs(tx); err != nil {
			return err
		}
	}
	err := c.Book.Update(func(btx *dbfile.Tx) error {
		for i, tx := range txs {
			if err := labels.ForgetReplaced(btx, tx); err != nil {
				return err
			}
			if err := labels.PutSent(btx, tx); err != nil {
				return err
			}
			for _, k := range keys[i] {
				if err := watched.MarkUsed(btx, k); err != nil {
					return err
				}
			}
		}
		return also(btx)
	})
	if err != nil {
		return fmt.Errorf("record transaction %s: %w", txs[0].TxHash(), err)
	}
	err = c.tracker.Edit(func(s *wtxmgr.Store, ns walletdb.ReadWriteBucket) error {
		for i, tx := range txs {
			if err := tracker.InsertUnmined(s, ns, tx, keys[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, labels.ErrBusy) {
		return nil // the next sync puts them into the tracker
	}
	if err != nil {
		return fmt.Errorf("record transaction %s: %w", txs[0].TxHash(), err)
	}
	return nil
}

// RemoveTx forgets an unconfirmed transaction and all that spend its outputs. It is for a
// transaction that will never be mined.
func (c *Coins) RemoveTx(ctx context.Context, txid chainhash.Hash) error {
	return c.removeTx(ctx, txid, func(*dbfile.Tx) error { return nil })
}

// removeTx is RemoveTx that writes more to labels.db, in the same write.
func (c *Coins) removeTx(ctx context.Context, txid chainhash.Hash, also func(btx *dbfile.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := c.tracker.Edit(func(s *wtxmgr.Store, ns walletdb.ReadWriteBucket) error {
		d, err := s.TxDetails(ns, &txid)
		if err != nil || d == nil || d.Block.Height >= 0 {
			return err
		}
		return s.RemoveUnminedTx(ns, &d.TxRecord)
	})
	if err != nil {
		return fmt.Errorf("forget transaction %s: %w", txid, err)
	}
	return c.Book.Update(func(tx *dbfile.Tx) error {
		if err := labels.ForgetSent(tx, txid); err != nil {
			return err
		}
		return also(tx)
	})
}

// KeepTx writes a signed transaction to labels.db before it is sent, and nothing else: what it
// replaces stays in the books. AddTx follows when the node has accepted it, RemoveTx when the node
// has refused it. Until then a transaction that takes coins of another one does not count.
func (c *Coins) KeepTx(ctx context.Context, tx *wire.MsgTx) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := c.Book.Update(func(btx *dbfile.Tx) error { return labels.PutSent(btx, tx) })
	if err != nil {
		return fmt.Errorf("record transaction %s: %w", tx.TxHash(), err)
	}
	return nil
}

// KeptTxs lists our own transactions whose bytes are kept: those that are not deep in the chain
// yet, also ones that were never sent.
func (c *Coins) KeptTxs(ctx context.Context) ([]*wire.MsgTx, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return labels.Sent(c.Book)
}
