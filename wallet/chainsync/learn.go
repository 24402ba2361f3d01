package chainsync

import (
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/storage/dbfile"
	"blockstack/wallet/labels"
	"blockstack/wallet/tracker"
	"blockstack/wallet/watched"
)

// finalDepth is how deep a transaction of ours must be before its bytes are no longer kept in
// labels.db.
const finalDepth = 100

// seen is what the tracker says of the chain.
type seen struct {
	paid  map[string]bool                  // scripts
	depth map[chainhash.Hash]int32         // of mined transactions
	spent map[wire.OutPoint]chainhash.Hash // by mined transactions
}

// learn reads off the tracker which keys were used, and derives further ones. It reports whether
// keys were missing that the scan should have had (late): then the history must be dropped and
// scanned again, because a transaction that is already known would not be looked at again.
func learn(book *labels.Book, keys *watched.Keys, t *tracker.Tracker) (late bool, err error) {
	seen := &seen{paid: make(map[string]bool), depth: make(map[chainhash.Hash]int32), spent: make(map[wire.OutPoint]chainhash.Hash)}
	err = t.View(func(s tracker.Store) error {
		return s.RangeTransactions(s.NS, 0, -1, func(list []wtxmgr.TxDetails) (bool, error) {
			for i := range list {
				d := &list[i]
				for _, o := range d.MsgTx.TxOut {
					seen.paid[string(o.PkScript)] = true
				}
				if d.Block.Height < 0 {
					continue
				}
				seen.depth[d.Hash] = s.Tip.Height - d.Block.Height + 1
				for _, in := range d.MsgTx.TxIn {
					seen.spent[in.PreviousOutPoint] = d.Hash
				}
			}
			return false, nil
		})
	})
	if err != nil {
		return false, fmt.Errorf("read the history: %w", err)
	}
	stale := false
	check := func(tx *dbfile.Tx) (err error) {
		stale, _, err = apply(keys, tx, seen, false)
		return err
	}
	if err := book.View(check); err != nil || !stale {
		return false, err // the usual case: nothing to write
	}
	err = book.Update(func(tx *dbfile.Tx) error {
		_, late, err = apply(keys, tx, seen, true)
		return err
	})
	return late, err
}

// apply brings the book in line with the chain: the scripts that are paid, how deep transactions of
// ours are, and who has spent which coins. Without write it only says whether there is something to
// write.
func apply(keys *watched.Keys, tx *dbfile.Tx, seen *seen, write bool) (changed, late bool, err error) {
	changed, late, err = watched.NewChanges(keys).Learn(tx, seen.paid, write)
	if err != nil {
		return false, false, err
	}
	gone, err := finished(tx, seen)
	if err != nil || len(gone) == 0 {
		return changed, late, err
	}
	for _, d := range gone {
		if !write {
			break
		}
		if d.By != (chainhash.Hash{}) {
			if err := labels.PutReplaced(tx, d.Tx, d.By); err != nil {
				return false, false, err
			}
		}
		if err := labels.ForgetSent(tx, d.Tx.TxHash()); err != nil {
			return false, false, err
		}
	}
	return true, late, nil
}

// finished lists our own transactions whose bytes need not be kept: deep in the chain, or
// impossible because another one that spends the same coin is, which By names then.
func finished(tx *dbfile.Tx, seen *seen) ([]labels.Replaced, error) {
	sent, err := labels.SentTxs(tx)
	if err != nil {
		return nil, err
	}
	var gone []labels.Replaced
	for _, t := range sent {
		hash := t.TxHash()
		if seen.depth[hash] >= finalDepth {
			gone = append(gone, labels.Replaced{Tx: t})
			continue
		}
		for _, in := range t.TxIn {
			if by, ok := seen.spent[in.PreviousOutPoint]; ok && by != hash && seen.depth[by] >= finalDepth {
				gone = append(gone, labels.Replaced{Tx: t, By: by})
				break
			}
		}
	}
	return gone, nil
}
