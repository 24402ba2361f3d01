package coins

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/storage/dbfile"
)

// Identities is how many owner keys were handed out or used; the first one
// counts always, if the wallet has owner keys.
func (c *Coins) Identities(ctx context.Context) (n uint32, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if err := c.look(); err != nil {
		return 0, err
	}
	err = c.book.view(func(tx *dbfile.Tx) error {
		k, err := c.counts(tx, roleBranch(Owner))
		n = min(max(1, k.used, k.next), k.derived, c.scripts.length(Owner))
		return err
	})
	return n, err
}

// handOutAll counts all keys of a role as handed out.
func handOutAll(tx *dbfile.Tx, role Role) error {
	k, err := getCounts(tx, roleBranch(role))
	if err != nil {
		return err
	}
	k.next = k.derived
	return putCounts(tx, roleBranch(role), k)
}

// NewIdentity hands out the next owner key. ErrGap: as many as the gap were
// handed out and never used, and a restore from the seed would miss the next.
// ErrNeedKeys: it must be derived first (AddKeys).
func (c *Coins) NewIdentity(ctx context.Context) (key Key, err error) {
	if err := ctx.Err(); err != nil {
		return Key{}, err
	}
	if err := c.look(); err != nil {
		return Key{}, err
	}
	b := roleBranch(Owner)
	err = c.book.update(func(tx *dbfile.Tx) error {
		k, err := c.counts(tx, b)
		if err != nil {
			return err
		}
		index := max(1, k.used, k.next)
		if index >= k.used+c.gap(tx) {
			return fmt.Errorf("%w: %d identities in a row own nothing yet", ErrGap, index-k.used)
		}
		if key, err = c.keyAt(tx, b, index); err != nil {
			return err
		}
		k.next = index + 1
		if err := putCounts(tx, b, k); err != nil {
			return err
		}
		return c.updateShort(tx)
	})
	return key, err
}

// PaymentKeys is how many keys of a branch of a payment account are watched.
func (c *Coins) PaymentKeys(ctx context.Context, kind Kind, b uint32) (n uint32, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	err = c.book.view(func(tx *dbfile.Tx) error {
		if c.scripts.account(kind) == nil {
			return nil
		}
		k, err := getCounts(tx, paymentBranch(kind, b))
		n = k.derived
		return err
	})
	return n, err
}

// NewPaymentKey is the payment key of a place, from its public key.
func NewPaymentKey(net *chaincfg.Params, kind Kind, b, index uint32, pub *btcec.PublicKey) (Key, error) {
	return newKey(net, paymentBranch(kind, b), index, pub)
}
