package coins

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/walletdb"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/storage/dbfile"
)

// AddTx records a transaction of ours that was broadcast, so that the coins it
// spends are not offered again and its change is known. An unconfirmed
// transaction that it replaces is forgotten: call it only when the node has
// accepted the replacement. Calling it again changes nothing.
//
// The transaction is first written to labels.db, so that it survives a tracker
// that is built again, and from then on its inputs count as spent.
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
	keys := make([]map[uint32]Key, len(txs))
	for i, tx := range txs {
		var err error
		if keys[i], err = c.ownOutputs(tx); err != nil {
			return err
		}
	}
	err := c.book.update(func(btx *dbfile.Tx) error {
		for i, tx := range txs {
			if err := forgetReplaced(btx, tx); err != nil {
				return err
			}
			if err := putSent(btx, tx); err != nil {
				return err
			}
			for _, k := range keys[i] {
				if err := markUsed(btx, k); err != nil {
					return err
				}
			}
		}
		return also(btx)
	})
	if err != nil {
		return fmt.Errorf("record transaction %s: %w", txs[0].TxHash(), err)
	}
	err = c.edit(func(s *wtxmgr.Store, ns walletdb.ReadWriteBucket) error {
		for i, tx := range txs {
			if err := insertUnmined(s, ns, tx, keys[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, ErrBusy) {
		return nil // the next sync puts them into the tracker
	}
	if err != nil {
		return fmt.Errorf("record transaction %s: %w", txs[0].TxHash(), err)
	}
	return nil
}

// RemoveTx forgets an unconfirmed transaction and all that spend its outputs.
// It is for a transaction that will never be mined.
func (c *Coins) RemoveTx(ctx context.Context, txid chainhash.Hash) error {
	return c.removeTx(ctx, txid, func(*dbfile.Tx) error { return nil })
}

// removeTx is RemoveTx that writes more to labels.db, in the same write.
func (c *Coins) removeTx(ctx context.Context, txid chainhash.Hash, also func(btx *dbfile.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := c.edit(func(s *wtxmgr.Store, ns walletdb.ReadWriteBucket) error {
		d, err := s.TxDetails(ns, &txid)
		if err != nil || d == nil || d.Block.Height >= 0 {
			return err
		}
		return s.RemoveUnminedTx(ns, &d.TxRecord)
	})
	if err != nil {
		return fmt.Errorf("forget transaction %s: %w", txid, err)
	}
	return c.book.update(func(tx *dbfile.Tx) error {
		if err := forgetSent(tx, txid); err != nil {
			return err
		}
		return also(tx)
	})
}

// ownOutputs finds the outputs of tx that pay to us, by output index.
func (c *Coins) ownOutputs(tx *wire.MsgTx) (map[uint32]Key, error) {
	keys := make(map[uint32]Key)
	err := c.book.view(func(btx *dbfile.Tx) error {
		for i, o := range tx.TxOut {
			k, ok, err := c.keyOf(btx, o.PkScript)
			if err != nil {
				return err
			}
			if ok {
				keys[uint32(i)] = k
			}
		}
		return nil
	})
	return keys, err
}

// insertUnmined records an unconfirmed transaction and its outputs that are ours.
func insertUnmined(s *wtxmgr.Store, ns walletdb.ReadWriteBucket, tx *wire.MsgTx, keys map[uint32]Key) error {
	rec, err := wtxmgr.NewTxRecordFromMsgTx(tx, time.Now())
	if err != nil {
		return err
	}
	if _, err := removeConflicts(s, ns, tx); err != nil {
		return err
	}
	known, err := s.InsertTxCheckIfExists(ns, rec, nil)
	if err != nil || known {
		return err
	}
	for i, k := range keys {
		if err := s.AddCredit(ns, rec, nil, i, k.Role == Payment && k.Branch == Change); err != nil {
			return err
		}
	}
	return nil
}

// removeConflicts forgets unconfirmed transactions, and what spends them, that
// spend an input of tx too. It returns the conflicting ones.
func removeConflicts(s *wtxmgr.Store, ns walletdb.ReadWriteBucket, tx *wire.MsgTx) ([]chainhash.Hash, error) {
	unmined, err := s.UnminedTxs(ns)
	if err != nil {
		return nil, err
	}
	var gone []chainhash.Hash
	for _, other := range unmined {
		if !conflict(tx, other) {
			continue
		}
		hash := other.TxHash()
		d, err := s.TxDetails(ns, &hash)
		if err != nil {
			return nil, err
		}
		if d == nil || d.Block.Height >= 0 {
			continue // went with one before
		}
		if err := s.RemoveUnminedTx(ns, &d.TxRecord); err != nil {
			return nil, err
		}
		gone = append(gone, hash)
	}
	return gone, nil
}

// conflict reports whether two different transactions spend the same coin.
func conflict(a, b *wire.MsgTx) bool { return shareInput(a, b) && a.TxHash() != b.TxHash() }

// shareInput reports whether two transactions spend the same coin.
func shareInput(a, b *wire.MsgTx) bool {
	for _, x := range a.TxIn {
		for _, y := range b.TxIn {
			if x.PreviousOutPoint == y.PreviousOutPoint {
				return true
			}
		}
	}
	return false
}

// markUsed notes that a transaction pays to a key.
func markUsed(tx *dbfile.Tx, k Key) error {
	if k.Role == Shared {
		return nil
	}
	b := paymentBranch(k.Kind, k.Branch)
	if k.Role != Payment {
		b = roleBranch(k.Role)
	}
	n, err := getCounts(tx, b)
	if err != nil || k.Index < n.used {
		return err
	}
	n.used = k.Index + 1
	return putCounts(tx, b, n)
}

func putSent(btx *dbfile.Tx, tx *wire.MsgTx) error {
	var raw bytes.Buffer
	if err := tx.Serialize(&raw); err != nil {
		return err
	}
	hash := tx.TxHash()
	return btx.Bucket(bucketSent).Put(hash[:], raw.Bytes())
}

// sent reads sentTxs.
func (c *Coins) sent() (list []*wire.MsgTx, err error) {
	err = c.book.view(func(tx *dbfile.Tx) error {
		list, err = sentTxs(tx)
		return err
	})
	return list, err
}

// sentTxs lists our own transactions that are not yet deep in the chain.
func sentTxs(btx *dbfile.Tx) ([]*wire.MsgTx, error) {
	var out []*wire.MsgTx
	err := btx.Bucket(bucketSent).ForEach(func(k, v []byte) error {
		tx := new(wire.MsgTx)
		if err := tx.Deserialize(bytes.NewReader(v)); err != nil {
			return fmt.Errorf("%w: sent transaction %x: %w", ErrMalformed, k, err)
		}
		out = append(out, tx)
		return nil
	})
	return out, err
}

// forgetReplaced takes the transactions that tx replaces out of the list of sent
// ones, and those that spend their outputs.
func forgetReplaced(btx *dbfile.Tx, tx *wire.MsgTx) error {
	sent, err := sentTxs(btx)
	if err != nil {
		return err
	}
	gone := make(map[chainhash.Hash]bool)
	for _, other := range sent {
		if conflict(tx, other) {
			gone[other.TxHash()] = true
		}
	}
	for changed := len(gone) > 0; changed; {
		changed = false
		for _, other := range sent {
			for _, in := range other.TxIn {
				if gone[in.PreviousOutPoint.Hash] && !gone[other.TxHash()] {
					gone[other.TxHash()], changed = true, true
				}
			}
		}
	}
	for _, other := range sent {
		hash := other.TxHash()
		if !gone[hash] {
			continue
		}
		if err := putReplaced(btx, other, tx.TxHash()); err != nil {
			return err
		}
		if err := forgetSent(btx, hash); err != nil {
			return err
		}
	}
	return nil
}
