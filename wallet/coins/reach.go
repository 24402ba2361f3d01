package coins

import (
	"context"
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/storage/dbfile"
)

// How far a restore from the seed looks: it goes along a branch until as many keys in a row as the gap were never paid.
// An output to a key further out is of ours and as good as lost, so it counts as a payment, and no such key is handed out.
// The numbers in labels.db say which keys were used; beyond the first gap they are held to the transactions that are known.

// usedIn is how many keys of each branch scripts use: up to the last one.
func (c *Coins) usedIn(tx *dbfile.Tx, scripts map[string]bool) (map[branch]uint32, error) {
	used := make(map[branch]uint32)
	for script := range scripts {
		at, ok, err := rowOf(tx, []byte(script))
		if err != nil {
			return nil, err
		}
		if !ok || at.branch.role() == Shared || at.index < used[at.branch] {
			continue // nothing new, so that the key need not be derived
		}
		if _, ok, err = c.keyOf(tx, []byte(script)); err != nil {
			return nil, err
		}
		if ok {
			used[at.branch] = at.index + 1
		}
	}
	return used, nil
}

// look finds out which keys the known transactions use, where the numbers in labels.db cannot be taken as they are. It is
// called before those numbers are read: the two files are never held at once.
func (c *Coins) look() error {
	far := false
	scripts := make(map[string]bool)
	note := func(t *wire.MsgTx) {
		for _, o := range t.TxOut {
			scripts[string(o.PkScript)] = true
		}
	}
	err := c.book.view(func(tx *dbfile.Tx) error {
		for _, b := range branches() {
			n, err := getCounts(tx, b)
			if err != nil && !errors.Is(err, ErrMalformed) {
				return err
			}
			far = far || err != nil || max(n.used, n.next) > c.gap(tx)
		}
		sent, err := sentTxs(tx)
		for _, t := range sent {
			note(t)
		}
		return err
	})
	if err != nil || !far {
		return err
	}
	err = c.read(func(s store) error {
		return s.RangeTransactions(s.ns, 0, -1, func(list []wtxmgr.TxDetails) (bool, error) {
			for i := range list {
				note(&list[i].MsgTx)
			}
			return false, nil
		})
	})
	if err != nil {
		return fmt.Errorf("read the history: %w", err)
	}
	return c.book.view(func(tx *dbfile.Tx) error {
		used, err := c.usedIn(tx, scripts)
		c.scripts.note(used)
		return err
	})
}

// gap is how many unused keys a restore looks at.
func (c *Coins) gap(tx *dbfile.Tx) uint32 {
	if g := c.scripts.believed().Gap; g > 0 {
		return min(g, gapOf(tx))
	}
	return gapOf(tx)
}

// counts are the numbers of a branch, as far as they can be. look was called before.
func (c *Coins) counts(tx *dbfile.Tx, b branch) (counts, error) {
	n, err := getCounts(tx, b)
	gap := c.gap(tx)
	if err != nil || max(n.used, n.next) <= gap {
		return n, err
	}
	if seen := c.scripts.used(b); n.used >= seen+gap {
		n.used = seen
	}
	if n.next > n.used+gap {
		n.next = n.used
	}
	return n, nil
}

// Reach says how far a restore looks for payment keys.
type Reach struct {
	gap uint32
	end map[branch]uint32 // the first index that is not looked at
}

// Reach is how far a restore looks, as far as this wallet can know.
func (c *Coins) Reach(ctx context.Context) (*Reach, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := c.look(); err != nil {
		return nil, err
	}
	r := &Reach{end: make(map[branch]uint32)}
	err := c.book.view(func(tx *dbfile.Tx) error {
		r.gap = c.gap(tx)
		for _, b := range branches() {
			n, err := c.counts(tx, b)
			if err != nil {
				return err
			}
			if r.end[b] = n.needed(r.gap); b.role() == Owner {
				r.end[b] = max(r.end[b], 1+r.gap)
			}
		}
		return nil
	})
	return r, err
}

// branchOf is the branch of a key.
func branchOf(k Key) branch {
	if k.Role != Payment {
		return roleBranch(k.Role)
	}
	return paymentBranch(k.Kind, k.Branch)
}

// Has says whether a restore looks at a key. Scripts of several keys are not found by a restore, but by the list.
func (r *Reach) Has(k Key) bool { return k.Role == Shared || k.Index < r.end[branchOf(k)] }

// Use notes that a key is used for certain. It changes nothing where a restore does not come so far.
func (r *Reach) Use(k Key) {
	if k.Role != Shared && r.Has(k) {
		b := branchOf(k)
		r.end[b] = max(r.end[b], k.Index+1+r.gap)
	}
}
