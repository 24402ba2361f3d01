package coins

import (
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/storage/dbfile"
)

// finalDepth is how deep a transaction of ours must be before its bytes are no
// longer kept in labels.db.
const finalDepth = 100

// learn reads off the tracker which keys were used, and derives further ones. It
// reports whether keys were missing that the scan should have had (late): then
// the history must be dropped and scanned again, because a transaction that is
// already known would not be looked at again.
func (c *Coins) learn() (late bool, err error) {
	var (
		scripts = make(map[string]bool)
		depth   = make(map[chainhash.Hash]int32)
		spent   = make(map[wire.OutPoint]chainhash.Hash) // by mined transactions
	)
	err = c.view(func(s store) error {
		return s.RangeTransactions(s.ns, 0, -1, func(list []wtxmgr.TxDetails) (bool, error) {
			for i := range list {
				d := &list[i]
				for _, o := range d.MsgTx.TxOut {
					scripts[string(o.PkScript)] = true
				}
				if d.Block.Height < 0 {
					continue
				}
				depth[d.Hash] = s.tip.Height - d.Block.Height + 1
				for _, in := range d.MsgTx.TxIn {
					spent[in.PreviousOutPoint] = d.Hash
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
		stale, err = c.apply(tx, scripts, depth, spent, nil)
		return err
	}
	if err := c.book.view(check); err != nil || !stale {
		return false, err // the usual case: nothing to write
	}
	err = c.book.update(func(tx *dbfile.Tx) error {
		_, err := c.apply(tx, scripts, depth, spent, &late)
		return err
	})
	return late, err
}

// apply brings the book in line with the chain. With late nil it only says
// whether there is something to write.
func (c *Coins) apply(tx *dbfile.Tx, scripts map[string]bool, depth map[chainhash.Hash]int32, spent map[wire.OutPoint]chainhash.Hash, late *bool) (changed bool, err error) {
	write := late != nil
	used, err := c.usedIn(tx, scripts)
	if err != nil {
		return false, err
	}
	gap := gapOf(tx)
	for _, b := range branches() {
		n, err := getCounts(tx, b)
		if err != nil {
			return false, err
		}
		if used[b] > n.used {
			changed = true
			if n.used = used[b]; write {
				if err := putCounts(tx, b, n); err != nil {
					return false, err
				}
			}
		}
		if n.derived == 0 || b.role() != Payment || n.derived >= n.needed(gap)+gap/2 {
			continue
		}
		if changed = true; !write {
			continue
		}
		want := n.needed(gap) + gap
		if n.derived < n.used+gap {
			// Twice as many, because every further scan costs as much as this one.
			*late, want = true, max(want, 2*n.derived)
			if err := setRescan(tx, fmt.Sprintf("%s addresses were used up to number %d", b.kind(), n.used-1)); err != nil {
				return false, err
			}
		}
		if err := extendPayment(tx, c.scripts, b, want); err != nil {
			return false, err
		}
	}
	if write {
		if err := c.updateShort(tx); err != nil {
			return false, err
		}
	}
	gone, err := finished(tx, depth, spent)
	if err != nil || len(gone) == 0 {
		return changed, err
	}
	for _, d := range gone {
		if !write {
			break
		}
		if d.By != (chainhash.Hash{}) {
			if err := putReplaced(tx, d.Tx, d.By); err != nil {
				return false, err
			}
		}
		if err := forgetSent(tx, d.Tx.TxHash()); err != nil {
			return false, err
		}
	}
	return true, nil
}

// finished lists our own transactions whose bytes need not be kept: deep in the
// chain, or impossible because another one that spends the same coin is, which By names then.
func finished(tx *dbfile.Tx, depth map[chainhash.Hash]int32, spent map[wire.OutPoint]chainhash.Hash) ([]Replaced, error) {
	sent, err := sentTxs(tx)
	if err != nil {
		return nil, err
	}
	var gone []Replaced
	for _, t := range sent {
		hash := t.TxHash()
		if depth[hash] >= finalDepth {
			gone = append(gone, Replaced{Tx: t})
			continue
		}
		for _, in := range t.TxIn {
			if by, ok := spent[in.PreviousOutPoint]; ok && by != hash && depth[by] >= finalDepth {
				gone = append(gone, Replaced{Tx: t, By: by})
				break
			}
		}
	}
	return gone, nil
}
