package watched

import (
	"context"
	"fmt"

	"blockstack/storage/dbfile"
	"blockstack/wallet/scripts"
)

// Addresses hands out keys, so that none is shown twice and none too far out for a restore.
type Addresses struct{ keys *Keys }

// NewAddresses hands out some keys.
func NewAddresses(ks *Keys) *Addresses { return &Addresses{ks} }

// ReceiveKey is the receiving key to show now: the last one handed out while it is unused, else the
// next.
func (a *Addresses) ReceiveKey(ctx context.Context, kind scripts.Kind) (scripts.Key, error) {
	return a.handOut(ctx, kind, func(k counts) uint32 {
		if k.next > k.used {
			return k.next - 1
		}
		return k.used
	})
}

// NewReceiveKey is a receiving key that was never handed out. ErrGap: as many as the gap are unused
// already, and a restore from the seed would miss the next.
func (a *Addresses) NewReceiveKey(ctx context.Context, kind scripts.Kind) (scripts.Key, error) {
	return a.handOut(ctx, kind, func(k counts) uint32 { return max(k.used, k.next) })
}

func (a *Addresses) handOut(ctx context.Context, kind scripts.Kind, choose func(counts) uint32) (key scripts.Key, err error) {
	if err := ctx.Err(); err != nil {
		return scripts.Key{}, err
	}
	if kind.Purpose() == 0 {
		return scripts.Key{}, fmt.Errorf("unknown kind of address %q", kind)
	}
	if err := a.keys.look(); err != nil {
		return scripts.Key{}, err
	}
	b := scripts.PaymentBranch(kind, scripts.Receive)
	var now counts
	err = a.keys.book.View(func(tx *dbfile.Tx) (err error) {
		if now, err = a.keys.counts(tx, b); err == nil {
			key, err = a.keys.keyAt(tx, b, choose(now))
		}
		return err
	})
	if err != nil || choose(now) < now.next {
		return key, err // handed out before: nothing to write
	}
	err = a.keys.book.Update(func(tx *dbfile.Tx) error {
		k, err := a.keys.counts(tx, b)
		if err != nil {
			return err
		}
		index := choose(k)
		if index >= k.used+a.keys.gap(tx) {
			return fmt.Errorf("%w: %d %s addresses were given out and none of them was paid", scripts.ErrGap, k.next-k.used, kind)
		}
		k.next = max(k.next, index+1)
		if err := putCounts(tx, b, k); err != nil {
			return err
		}
		key, err = a.keys.keyAt(tx, b, index)
		return err
	})
	return key, err
}

// ChangeKey is the first change key that no transaction of ours has used.
func (a *Addresses) ChangeKey(ctx context.Context, kind scripts.Kind) (key scripts.Key, err error) {
	if err := ctx.Err(); err != nil {
		return scripts.Key{}, err
	}
	if err := a.keys.look(); err != nil {
		return scripts.Key{}, err
	}
	b := scripts.PaymentBranch(kind, scripts.Change)
	err = a.keys.book.View(func(tx *dbfile.Tx) error {
		k, err := a.keys.counts(tx, b)
		if err == nil {
			key, err = a.keys.keyAt(tx, b, k.used)
		}
		return err
	})
	return key, err
}

// Identities is how many owner keys were handed out or used; the first one counts always, if the
// wallet has owner keys.
func (a *Addresses) Identities(ctx context.Context) (n uint32, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if err := a.keys.look(); err != nil {
		return 0, err
	}
	err = a.keys.book.View(func(tx *dbfile.Tx) error {
		k, err := a.keys.counts(tx, scripts.RoleBranch(scripts.Owner))
		n = min(max(1, k.used, k.next), k.derived, a.keys.deriver.Length(scripts.Owner))
		return err
	})
	return n, err
}

// NewIdentity hands out the next owner key. ErrGap: as many as the gap were handed out and never
// used, and a restore from the seed would miss the next. ErrNeedKeys: it must be derived first
// (AddKeys).
func (a *Addresses) NewIdentity(ctx context.Context) (key scripts.Key, err error) {
	if err := ctx.Err(); err != nil {
		return scripts.Key{}, err
	}
	if err := a.keys.look(); err != nil {
		return scripts.Key{}, err
	}
	b := scripts.RoleBranch(scripts.Owner)
	err = a.keys.book.Update(func(tx *dbfile.Tx) error {
		k, err := a.keys.counts(tx, b)
		if err != nil {
			return err
		}
		index := max(1, k.used, k.next)
		if index >= k.used+a.keys.gap(tx) {
			return fmt.Errorf("%w: %d identities in a row own nothing yet", scripts.ErrGap, index-k.used)
		}
		if key, err = a.keys.keyAt(tx, b, index); err != nil {
			return err
		}
		k.next = index + 1
		if err := putCounts(tx, b, k); err != nil {
			return err
		}
		return updateShort(tx)
	})
	return key, err
}
