package watched

import (
	"context"
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/storage/dbfile"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
)

// How far a restore from the seed looks: it goes along a branch until as many keys in a row as the
// gap were never paid. An output to a key further out is of ours and as good as lost, so it counts
// as a payment, and no such key is handed out. The numbers in labels.db say which keys were used;
// beyond the first gap they are held to the transactions that are known.

// usedIn is how many keys of each branch are used, where these scripts are paid: up to the last
// one.
func (ks *Keys) usedIn(tx *dbfile.Tx, paid map[string]bool) (map[scripts.Branch]uint32, error) {
	used := make(map[scripts.Branch]uint32)
	for script := range paid {
		at, ok, err := rowOf(tx, []byte(script))
		if err != nil {
			return nil, err
		}
		if !ok || at.Branch.Role() == scripts.Shared || at.Index < used[at.Branch] {
			continue // nothing new, so that the key need not be derived
		}
		if _, ok, err = ks.Find(tx, []byte(script)); err != nil {
			return nil, err
		}
		if ok {
			used[at.Branch] = at.Index + 1
		}
	}
	return used, nil
}

// look finds out which keys the known transactions use, where the numbers in labels.db cannot be
// taken as they are. It is called before those numbers are read: the two files are never held at
// once.
func (ks *Keys) look() error {
	far := false
	paid := make(map[string]bool)
	note := func(t *wire.MsgTx) {
		for _, o := range t.TxOut {
			paid[string(o.PkScript)] = true
		}
	}
	err := ks.book.View(func(tx *dbfile.Tx) error {
		for _, b := range scripts.Branches() {
			n, err := getCounts(tx, b)
			if err != nil && !errors.Is(err, labels.ErrMalformed) {
				return err
			}
			far = far || err != nil || max(n.used, n.next) > ks.gap(tx)
		}
		sent, err := labels.SentTxs(tx)
		for _, t := range sent {
			note(t)
		}
		return err
	})
	if err != nil || !far {
		return err
	}
	if err := ks.chain.EachTx(note); err != nil {
		return fmt.Errorf("read the history: %w", err)
	}
	return ks.book.View(func(tx *dbfile.Tx) error {
		used, err := ks.usedIn(tx, paid)
		ks.deriver.Note(used)
		return err
	})
}

// gap is how many unused keys a restore looks at.
func (ks *Keys) gap(tx *dbfile.Tx) uint32 {
	if g := ks.deriver.Believed().Gap; g > 0 {
		return min(g, labels.MetaOf(tx).Gap())
	}
	return labels.MetaOf(tx).Gap()
}

// counts are the numbers of a branch, as far as they can be. look was called before.
func (ks *Keys) counts(tx *dbfile.Tx, b scripts.Branch) (counts, error) {
	n, err := getCounts(tx, b)
	gap := ks.gap(tx)
	if err != nil || max(n.used, n.next) <= gap {
		return n, err
	}
	if seen := ks.deriver.Used(b); n.used >= seen+gap {
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
	end map[scripts.Branch]uint32 // the first index that is not looked at
}

// Reach is how far a restore looks, as far as this wallet can know.
func (ks *Keys) Reach(ctx context.Context) (*Reach, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := ks.look(); err != nil {
		return nil, err
	}
	r := &Reach{end: make(map[scripts.Branch]uint32)}
	err := ks.book.View(func(tx *dbfile.Tx) error {
		r.gap = ks.gap(tx)
		for _, b := range scripts.Branches() {
			n, err := ks.counts(tx, b)
			if err != nil {
				return err
			}
			if r.end[b] = n.needed(r.gap); b.Role() == scripts.Owner {
				r.end[b] = max(r.end[b], 1+r.gap)
			}
		}
		return nil
	})
	return r, err
}

// Has says whether a restore looks at a key. Scripts of several keys are not found by a restore,
// but by the list.
func (r *Reach) Has(k scripts.Key) bool {
	return k.Role == scripts.Shared || k.Index < r.end[scripts.BranchOf(k)]
}

// Use notes that a key is used for certain. It changes nothing where a restore does not come so
// far.
func (r *Reach) Use(k scripts.Key) {
	if k.Role != scripts.Shared && r.Has(k) {
		b := scripts.BranchOf(k)
		r.end[b] = max(r.end[b], k.Index+1+r.gap)
	}
}
