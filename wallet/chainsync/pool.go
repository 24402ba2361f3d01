package chainsync

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

	"blockstack/storage/dbfile"
	node "blockstack/wallet/chain"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
	"blockstack/wallet/tracker"
	"blockstack/wallet/watched"
)

// maxPool is the largest memory pool whose transactions are fetched one by one.
const maxPool = 5000

// pooler is a client that can list its node's memory pool.
type pooler interface {
	GetRawMempool() ([]*chainhash.Hash, error)
	GetRawTransaction(*chainhash.Hash) (*btcutil.Tx, error)
}

// loader is a pooler that knows whether its node has read the whole pool that it kept while it was
// stopped.
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

// readPool reads the memory pool. Without it, a payment that was made while we were away would stay
// unseen until it is mined: no backend reports it.
func readPool(ctx context.Context, l *link) (pool, error) {
	p := pool{ids: make(map[chainhash.Hash]bool)}
	client, ok := l.Interface.(pooler)
	if !ok {
		return p, nil
	}
	err := walletdb.View(l.db, func(tx walletdb.ReadTx) (err error) {
		p.before, err = l.w.TxStore.UnminedTxHashes(tx.ReadBucket(tracker.TxBucket))
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

// addPool records the transactions of the pool that concern us and forgets payments from others
// that have left it without being mined.
func addPool(book *labels.Book, keys *watched.Keys, l *link, p pool) error {
	if !p.known {
		return nil
	}
	type own struct {
		tx   *wire.MsgTx
		keys map[uint32]scripts.Key
	}
	var (
		paying []own
		sent   = make(map[chainhash.Hash]bool)
	)
	err := book.View(func(btx *dbfile.Tx) error {
		list, err := labels.SentTxs(btx)
		if err != nil {
			return err
		}
		for _, tx := range list {
			sent[tx.TxHash()] = true
		}
		for _, tx := range p.txs {
			o := own{tx, make(map[uint32]scripts.Key)}
			for i, out := range tx.TxOut {
				k, ok, err := keys.Find(btx, out.PkScript)
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
		s, ns := l.w.TxStore, tx.ReadWriteBucket(tracker.TxBucket)
		for _, o := range paying {
			ours := len(o.keys) > 0
			for _, in := range o.tx.TxIn {
				if ours {
					break
				}
				ours, err = tracker.IsCredit(s, ns, in.PreviousOutPoint)
				if err != nil {
					return err
				}
			}
			if ours {
				if err := tracker.InsertUnmined(s, ns, o.tx, o.keys); err != nil {
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

// dropAbsent forgets unconfirmed transactions of others that the node no longer has: it was
// replaced or has expired. One that is mined after all comes back with its block. Our own stay
// until another takes their coins.
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
