package watched

import (
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"

	"blockstack/storage/dbfile"
	"blockstack/wallet/scripts"
)

// Watched are the keys that the chain is looked through for.
type Watched struct {
	Accounts []WatchedAccount
	Singles  []scripts.Key // owner and revealer keys
}

// WatchedAccount is a payment account, and how many keys of its branches are watched.
type WatchedAccount struct {
	Kind            scripts.Kind
	Key             *hdkeychain.ExtendedKey
	Receive, Change uint32
}

// Watched lists the keys that the chain is looked through for. Shared scripts are beside them.
func (ks *Keys) Watched() (w Watched, err error) {
	err = ks.book.View(func(tx *dbfile.Tx) error {
		for _, kind := range scripts.Kinds() {
			a := WatchedAccount{Kind: kind, Key: ks.deriver.Account(kind)}
			if a.Key == nil {
				continue
			}
			for branch, n := range map[uint32]*uint32{scripts.Receive: &a.Receive, scripts.Change: &a.Change} {
				c, err := getCounts(tx, scripts.PaymentBranch(kind, branch))
				if err != nil {
					return fmt.Errorf("watch account %s: %w", kind, err)
				}
				*n = c.derived
			}
			w.Accounts = append(w.Accounts, a)
		}
		for _, role := range []scripts.Role{scripts.Owner, scripts.Revealer} {
			if err := ks.watchedRole(tx, role, &w); err != nil {
				return fmt.Errorf("watch %s keys: %w", role, err)
			}
		}
		return nil
	})
	return w, err
}

// watchedRole adds the keys of a role.
func (ks *Keys) watchedRole(tx *dbfile.Tx, role scripts.Role, w *Watched) error {
	n, err := ks.derived(tx, scripts.RoleBranch(role))
	if err != nil {
		return err
	}
	for i := range n {
		k, err := ks.keyAt(tx, scripts.RoleBranch(role), i)
		if errors.Is(err, scripts.ErrNeedKeys) {
			continue
		}
		if err != nil {
			return err
		}
		w.Singles = append(w.Singles, k)
	}
	return nil
}

// EachWatched derives every key that is watched.
func (ks *Keys) EachWatched(f func(scripts.Key) error) error {
	return ks.book.View(func(tx *dbfile.Tx) error {
		for _, b := range scripts.Branches() {
			if b.Role() == scripts.Payment && ks.deriver.Account(b.Kind()) == nil {
				continue
			}
			n, err := ks.derived(tx, b)
			if err != nil {
				return err
			}
			for i := range n {
				k, err := ks.deriver.Key(b, i)
				switch {
				case scripts.IsInvalidChild(err) || scripts.IsMissing(err):
					continue
				case err != nil:
					return err
				}
				if err := f(k); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// Total is how many keys are derived on all branches together.
func (ks *Keys) Total() (total uint64, err error) {
	err = ks.book.View(func(tx *dbfile.Tx) error {
		for _, b := range scripts.Branches() {
			n, err := getCounts(tx, b)
			if err != nil {
				return err
			}
			total += uint64(n.derived)
		}
		return nil
	})
	return total, err
}
