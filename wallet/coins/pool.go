package coins

import (
	"context"
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/rpcclient"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/walletdb"
	"github.com/btcsuite/btcwallet/wtxmgr"

	node "blockstack/wallet/chain"

	"blockstack/storage/dbfile"
)

// maxPool is the largest memory pool whose transactions are fetched one by one.
const maxPool = 5000

// pooler is a client that can list its node's memory pool.
type pooler interface {
	GetRawMempool() ([]*chainhash.Hash, error)
	GetRawTransaction(*chainhash.Hash) (*btcutil.Tx, error)
}

// loader is a pooler that knows whether its node has read the whole pool that it kept while it was stopped.
type loader interface {
	PoolLoaded() (bool, error)
}

// pool is what a node's memory pool held.
type pool struct {
	known  bool // the backend can tell
	whole  bool // what is not in it is not in the node's pool
	ids    map[chainhash.Hash]bool
	txs    []*wire.MsgTx     // those that may concern us, parents first
	before []*chainhash.Hash // what the tracker had as unconfirmed before the pool was read
}

// readPool reads the memory pool. Without it, a payment that was made while we
// were away would stay unseen until it is mined: no backend reports it.
func (c *Coins) readPool(ctx context.Context, l *link) (pool, error) {
	p := pool{ids: make(map[chainhash.Hash]bool)}
	client, ok := l.Interface.(pooler)
	if !ok {
		return p, nil
	}
	err := walletdb.View(l.db, func(tx walletdb.ReadTx) (err error) {
		p.before, err = l.w.TxStore.UnminedTxHashes(tx.ReadBucket(txBucket))
		return err
	})
	if err != nil {
		return p, fmt.Errorf("list unconfirmed transactions: %w", err)
	}
	p.whole = true
	if l, ok := l.Interface.(loader); ok { // before the list: what is loaded in between is no harm
		if p.whole, err = l.PoolLoaded(); err != nil {
			return p, fmt.Errorf("list the memory pool: %w", err)
		}
	}
	ids, err := client.GetRawMempool()
	if err != nil {
		return p, fmt.Errorf("list the memory pool: %w", err)
	}
	p.known = true
	txs := make(map[chainhash.Hash]*wire.MsgTx)
	for _, id := range ids {
		p.ids[*id] = true
		if len(ids) > maxPool {
			continue
		}
		if err := ctx.Err(); err != nil {
			return p, err
		}
		tx, err := client.GetRawTransaction(id)
		switch {
		case err == nil:
		case unanswered(err): // a part of the pool is not the pool
			return p, fmt.Errorf("read the memory pool: %w: %w", ErrDisconnected, err)
		default:
			continue // mined or dropped since
		}
		txs[*id] = tx.MsgTx()
	}
	p.txs = wtxmgr.DependencySort(txs)
	return p, nil
}

// unanswered says that the node has not answered a question at all.
func unanswered(err error) bool {
	return errors.Is(err, node.ErrUnreachable) || errors.Is(err, context.Canceled) ||
		errors.Is(err, rpcclient.ErrClientDisconnect) || errors.Is(err, rpcclient.ErrClientShutdown)
}

// addPool records the transactions of the pool that concern us and forgets
// payments from others that have left it without being mined.
func (c *Coins) addPool(l *link, p pool) error {
	if !p.known {
		return nil
	}
	type own struct {
		tx   *wire.MsgTx
		keys map[uint32]Key
	}
	var (
		paying []own
		sent   = make(map[chainhash.Hash]bool)
	)
	err := c.book.view(func(btx *dbfile.Tx) error {
		list, err := sentTxs(btx)
		if err != nil {
			return err
		}
		for _, tx := range list {
			sent[tx.TxHash()] = true
		}
		for _, tx := range p.txs {
			o := own{tx, make(map[uint32]Key)}
			for i, out := range tx.TxOut {
				k, ok, err := c.keyOf(btx, out.PkScript)
				if err != nil {
					return err
				}
				if ok {
					o.keys[uint32(i)] = k
				}
			}
			paying = append(paying, o)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the memory pool: %w", err)
	}
	err = walletdb.Update(l.db, func(tx walletdb.ReadWriteTx) error {
		s, ns := l.w.TxStore, tx.ReadWriteBucket(txBucket)
		for _, o := range paying {
			ours := len(o.keys) > 0
			for _, in := range o.tx.TxIn {
				if ours {
					break
				}
				ours, err = isCredit(s, ns, in.PreviousOutPoint)
				if err != nil {
					return err
				}
			}
			if ours {
				if err := insertUnmined(s, ns, o.tx, o.keys); err != nil {
					return err
				}
			}
		}
		if !p.whole {
			return nil
		}
		return dropAbsent(s, ns, p, sent)
	})
	if err != nil {
		return fmt.Errorf("read the memory pool: %w", err)
	}
	return nil
}

// isCredit reports whether an output was ever ours.
func isCredit(s *wtxmgr.Store, ns walletdb.ReadBucket, op wire.OutPoint) (bool, error) {
	d, err := s.TxDetails(ns, &op.Hash)
	if err != nil || d == nil {
		return false, err
	}
	for _, cr := range d.Credits {
		if cr.Index == op.Index {
			return true, nil
		}
	}
	return false, nil
}

// dropAbsent forgets unconfirmed transactions of others that the node no longer
// has: it was replaced or has expired. One that is mined after all comes back
// with its block. Our own stay until another takes their coins.
func dropAbsent(s *wtxmgr.Store, ns walletdb.ReadWriteBucket, p pool, sent map[chainhash.Hash]bool) error {
	for _, hash := range p.before {
		if p.ids[*hash] || sent[*hash] {
			continue
		}
		d, err := s.TxDetails(ns, hash)
		if err != nil {
			return err
		}
		if d == nil || d.Block.Height >= 0 {
			continue // mined since, or gone with another
		}
		if err := s.RemoveUnminedTx(ns, &d.TxRecord); err != nil {
			return err
		}
	}
	return nil
}

// resend offers our own unconfirmed transactions to the node again, and records
// those that the tracker has lost, unless they are void. A refusal changes nothing here: the
// transaction is signed and may be mined by somebody at any time.
func (c *Coins) resend(l *link, p pool) error {
	sent, err := c.sent()
	if err != nil || len(sent) == 0 {
		return err
	}
	byHash := make(map[chainhash.Hash]*wire.MsgTx)
	for _, tx := range sent {
		byHash[tx.TxHash()] = tx
	}
	if err := c.dropForged(l, byHash); err != nil {
		return err
	}
	st := &standing{inputs: make(map[chainhash.Hash][]uint32), void: make(map[chainhash.Hash]bool)}
	for _, tx := range wtxmgr.DependencySort(byHash) {
		keys, err := c.ownOutputs(tx)
		if err != nil {
			return err
		}
		var known []uint32
		if err := c.book.view(func(btx *dbfile.Tx) (err error) { known, err = ownInputs(btx, tx.TxHash()); return err }); err != nil {
			return err
		}
		open := false // unconfirmed, and no other has taken its coins
		err = walletdb.Update(l.db, func(dbtx walletdb.ReadWriteTx) (err error) {
			open, err = st.place(l.w.TxStore, dbtx.ReadWriteBucket(txBucket), tx, keys, known, p)
			return err
		})
		if err != nil {
			return fmt.Errorf("record transaction %s again: %w", tx.TxHash(), err)
		}
		if open && !p.ids[tx.TxHash()] {
			_, err := l.Interface.SendRawTransaction(tx, false)
			l.note(err)
		}
	}
	return c.save(st)
}

// spentByOther reports whether a transaction that the tracker knows, mined or
// not, spends a coin of tx.
func spentByOther(s *wtxmgr.Store, ns walletdb.ReadBucket, tx *wire.MsgTx) (bool, error) {
	rival := false
	err := s.RangeTransactions(ns, 0, -1, func(list []wtxmgr.TxDetails) (bool, error) {
		for i := range list {
			if conflict(tx, &list[i].MsgTx) {
				rival = true
			}
		}
		return rival, nil
	})
	return rival, err
}
