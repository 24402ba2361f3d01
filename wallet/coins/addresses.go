package coins

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/btcec/v2"

	"blockstack/storage/dbfile"
)

// Lookup finds the key that a script pays to.
func (c *Coins) Lookup(ctx context.Context, script []byte) (Key, bool, error) {
	if err := ctx.Err(); err != nil {
		return Key{}, false, err
	}
	var (
		k  Key
		ok bool
	)
	err := c.book.view(func(tx *dbfile.Tx) (err error) {
		k, ok, err = c.keyOf(tx, script)
		return err
	})
	return k, ok, err
}

// RoleKey is the owner or revealer key of an index. ErrNeedKeys: it was not
// derived ahead.
func (c *Coins) RoleKey(ctx context.Context, role Role, index uint32) (Key, error) {
	if role != Owner && role != Revealer {
		return Key{}, fmt.Errorf("role %q has no single keys", role)
	}
	return c.at(ctx, roleBranch(role), index)
}

// PaymentKey is the key at a branch and index of a payment account.
func (c *Coins) PaymentKey(ctx context.Context, kind Kind, b, index uint32) (Key, error) {
	return c.at(ctx, paymentBranch(kind, b), index)
}

func (c *Coins) at(ctx context.Context, b branch, index uint32) (k Key, err error) {
	if err := ctx.Err(); err != nil {
		return Key{}, err
	}
	err = c.book.view(func(tx *dbfile.Tx) (err error) {
		k, err = c.keyAt(tx, b, index)
		return err
	})
	return k, err
}

// Derived is the number of keys of a role that are watched.
func (c *Coins) Derived(ctx context.Context, role Role) (n uint32, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	err = c.book.view(func(tx *dbfile.Tx) error {
		n, err = c.derived(tx, roleBranch(role))
		return err
	})
	return n, err
}

// Rows is how many keys of a role labels.db says that it has. Only those that are believed count; see Derived.
func (c *Coins) Rows(ctx context.Context, role Role) (n uint32, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	err = c.book.view(func(tx *dbfile.Tx) error {
		k, err := getCounts(tx, roleBranch(role))
		n = k.derived
		return err
	})
	return n, err
}

// Wanted is how many keys of a role should be watched: the gap beyond the last
// one that was used, and beyond index.
func (c *Coins) Wanted(ctx context.Context, role Role, index uint32) (n uint32, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	err = c.book.view(func(tx *dbfile.Tx) error {
		k, err := getCounts(tx, roleBranch(role))
		if err != nil {
			return err
		}
		gap := gapOf(tx)
		k.derived = min(k.derived, c.scripts.length(role))
		if n = max(k.derived, k.needed(gap)+gap, index+1+gap); k.derived < k.needed(gap) {
			n = max(n, 2*k.derived) // every further scan costs as much as this one
		}
		return err
	})
	return n, err
}

// AddKeys appends owner or revealer keys; the first one has index from. If keys
// nearer than the gap were missing, coins of theirs may have been overlooked,
// and the next sync scans again from the birthday.
func (c *Coins) AddKeys(ctx context.Context, role Role, from uint32, pubs []*btcec.PublicKey) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.syncing.Lock() // the keys of a scan that is under way must not change
	defer c.syncing.Unlock()
	err := c.book.update(func(tx *dbfile.Tx) error {
		before, err := getCounts(tx, roleBranch(role))
		if err != nil {
			return err
		}
		if err := extendRole(tx, c.scripts, role, from, pubs); err != nil {
			return err
		}
		if before.derived < before.needed(gapOf(tx)) {
			if err := setRescan(tx, fmt.Sprintf("%s keys were derived late", role)); err != nil {
				return err
			}
		}
		return c.updateShort(tx)
	})
	if err != nil {
		return err
	}
	return c.watchNew()
}

// updateShort notes whether owner or revealer keys are missing. Without a keychain there will never be more.
func (c *Coins) updateShort(tx *dbfile.Tx) error {
	if len(tx.Bucket(bucketMeta).Get(metaKeychain)) == 0 {
		return nil
	}
	for _, r := range []Role{Owner, Revealer} {
		k, err := getCounts(tx, roleBranch(r))
		if err != nil {
			return err
		}
		if k.derived > 0 && k.derived < k.needed(gapOf(tx)) {
			return tx.Bucket(bucketMeta).Put(metaShort, []byte{1})
		}
	}
	return tx.Bucket(bucketMeta).Delete(metaShort)
}

// ReceiveKey is the receiving key to show now: the last one handed out while it
// is unused, else the next.
func (c *Coins) ReceiveKey(ctx context.Context, kind Kind) (Key, error) {
	return c.handOut(ctx, kind, func(k counts) uint32 {
		if k.next > k.used {
			return k.next - 1
		}
		return k.used
	})
}

// NewReceiveKey is a receiving key that was never handed out. ErrGap: as many as
// the gap are unused already, and a restore from the seed would miss the next.
func (c *Coins) NewReceiveKey(ctx context.Context, kind Kind) (Key, error) {
	return c.handOut(ctx, kind, func(k counts) uint32 { return max(k.used, k.next) })
}

func (c *Coins) handOut(ctx context.Context, kind Kind, choose func(counts) uint32) (key Key, err error) {
	if err := ctx.Err(); err != nil {
		return Key{}, err
	}
	if kind.Purpose() == 0 {
		return Key{}, fmt.Errorf("unknown kind of address %q", kind)
	}
	if err := c.look(); err != nil {
		return Key{}, err
	}
	b := paymentBranch(kind, Receive)
	var now counts
	err = c.book.view(func(tx *dbfile.Tx) (err error) {
		if now, err = c.counts(tx, b); err == nil {
			key, err = c.keyAt(tx, b, choose(now))
		}
		return err
	})
	if err != nil || choose(now) < now.next {
		return key, err // handed out before: nothing to write
	}
	err = c.book.update(func(tx *dbfile.Tx) error {
		k, err := c.counts(tx, b)
		if err != nil {
			return err
		}
		index := choose(k)
		if index >= k.used+c.gap(tx) {
			return fmt.Errorf("%w: %d %s addresses were given out and none of them was paid", ErrGap, k.next-k.used, kind)
		}
		k.next = max(k.next, index+1)
		if err := putCounts(tx, b, k); err != nil {
			return err
		}
		key, err = c.keyAt(tx, b, index)
		return err
	})
	return key, err
}

// ChangeKey is the first change key that no transaction of ours has used.
func (c *Coins) ChangeKey(ctx context.Context, kind Kind) (key Key, err error) {
	if err := ctx.Err(); err != nil {
		return Key{}, err
	}
	if err := c.look(); err != nil {
		return Key{}, err
	}
	b := paymentBranch(kind, Change)
	err = c.book.view(func(tx *dbfile.Tx) error {
		k, err := c.counts(tx, b)
		if err == nil {
			key, err = c.keyAt(tx, b, k.used)
		}
		return err
	})
	return key, err
}
