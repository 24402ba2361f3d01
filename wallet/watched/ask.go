package watched

import (
	"context"
	"fmt"

	"blockstack/storage/dbfile"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
)

// RoleKey is the owner or revealer key of an index. ErrNeedKeys: it was not derived ahead.
func (ks *Keys) RoleKey(ctx context.Context, role scripts.Role, index uint32) (scripts.Key, error) {
	if role != scripts.Owner && role != scripts.Revealer {
		return scripts.Key{}, fmt.Errorf("role %q has no single keys", role)
	}
	return ks.at(ctx, scripts.RoleBranch(role), index)
}

// PaymentKey is the key at a branch and index of a payment account.
func (ks *Keys) PaymentKey(ctx context.Context, kind scripts.Kind, b, index uint32) (scripts.Key, error) {
	return ks.at(ctx, scripts.PaymentBranch(kind, b), index)
}

func (ks *Keys) at(ctx context.Context, b scripts.Branch, index uint32) (k scripts.Key, err error) {
	if err := ctx.Err(); err != nil {
		return scripts.Key{}, err
	}
	err = ks.book.View(func(tx *dbfile.Tx) (err error) {
		k, err = ks.keyAt(tx, b, index)
		return err
	})
	return k, err
}

// Derived is the number of keys of a role that are watched.
func (ks *Keys) Derived(ctx context.Context, role scripts.Role) (n uint32, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	err = ks.book.View(func(tx *dbfile.Tx) error {
		n, err = ks.derived(tx, scripts.RoleBranch(role))
		return err
	})
	return n, err
}

// Rows is how many keys of a role labels.db says that it has. Only those that are believed count;
// see Derived.
func (ks *Keys) Rows(ctx context.Context, role scripts.Role) (n uint32, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	err = ks.book.View(func(tx *dbfile.Tx) error {
		k, err := getCounts(tx, scripts.RoleBranch(role))
		n = k.derived
		return err
	})
	return n, err
}

// PaymentKeys is how many keys of a branch of a payment account are watched.
func (ks *Keys) PaymentKeys(ctx context.Context, kind scripts.Kind, b uint32) (n uint32, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	err = ks.book.View(func(tx *dbfile.Tx) error {
		if ks.deriver.Account(kind) == nil {
			return nil
		}
		k, err := getCounts(tx, scripts.PaymentBranch(kind, b))
		n = k.derived
		return err
	})
	return n, err
}

// Used is the number of keys of a role up to the last one that the chain has seen: 3 when the key
// with index 2 is the last.
func (ks *Keys) Used(ctx context.Context, role scripts.Role) (n uint32, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	err = ks.book.View(func(tx *dbfile.Tx) error {
		k, err := getCounts(tx, scripts.RoleBranch(role))
		n = k.used
		return err
	})
	return n, err
}

// SealedKey is the public half of the key that opens sealed boxes. ErrNeedKeys: the wallet was made
// before there was one; the next unlock adds it.
func (ks *Keys) SealedKey(ctx context.Context) (key [32]byte, err error) {
	if err := ctx.Err(); err != nil {
		return key, err
	}
	if v := ks.deriver.Believed().SealedKey; len(v) == len(key) {
		return [32]byte(v), nil
	}
	err = ks.book.View(func(tx *dbfile.Tx) error {
		v := labels.MetaOf(tx).SealedKey()
		switch {
		case v == nil:
			return fmt.Errorf("key of sealed boxes: %w", scripts.ErrNeedKeys)
		case len(v) != len(key):
			return fmt.Errorf("%w: key of sealed boxes", labels.ErrMalformed)
		}
		key = [32]byte(v)
		return nil
	})
	return key, err
}

// Wanted is how many keys of a role should be watched: the gap beyond the last one that was used,
// and beyond index.
func (ks *Keys) Wanted(ctx context.Context, role scripts.Role, index uint32) (n uint32, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	err = ks.book.View(func(tx *dbfile.Tx) error {
		k, err := getCounts(tx, scripts.RoleBranch(role))
		if err != nil {
			return err
		}
		gap := labels.MetaOf(tx).Gap()
		k.derived = min(k.derived, ks.deriver.Length(role))
		if n = max(k.derived, k.needed(gap)+gap, index+1+gap); k.derived < k.needed(gap) {
			n = max(n, 2*k.derived) // every further scan costs as much as this one
		}
		return err
	})
	return n, err
}
