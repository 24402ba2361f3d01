package watched

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/btcec/v2"

	"blockstack/storage/dbfile"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
)

// MaxGap bounds a gap: every key of it is watched on all branches.
const MaxGap = 10_000

// Changes are what is changed about the keys that are watched. What a scan that is under way looks
// for does not change: a change waits for its end.
type Changes struct{ keys *Keys }

// NewChanges are those of some keys.
func NewChanges(ks *Keys) *Changes { return &Changes{ks} }

// AddKeys appends owner or revealer keys; the first one has index from. If keys nearer than the gap
// were missing, coins of theirs may have been overlooked, and the next sync scans again from the
// birthday.
func (c *Changes) AddKeys(ctx context.Context, role scripts.Role, from uint32, pubs []*btcec.PublicKey) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return c.write(func(tx *dbfile.Tx) error { // the keys of a scan that is under way must not change
		before, err := getCounts(tx, scripts.RoleBranch(role))
		if err != nil {
			return err
		}
		if err := extendRole(tx, c.keys.deriver, role, from, pubs); err != nil {
			return err
		}
		if before.derived < before.needed(labels.MetaOf(tx).Gap()) {
			if err := labels.MetaOf(tx).SetRescan(fmt.Sprintf("%s keys were derived late", role)); err != nil {
				return err
			}
		}
		return updateShort(tx)
	})
}

// updateShort notes whether owner or revealer keys are missing. Without a keychain there will never
// be more.
func updateShort(tx *dbfile.Tx) error {
	if labels.MetaOf(tx).Keychain() == "" {
		return nil
	}
	for _, r := range []scripts.Role{scripts.Owner, scripts.Revealer} {
		k, err := getCounts(tx, scripts.RoleBranch(r))
		if err != nil {
			return err
		}
		if k.derived > 0 && k.derived < k.needed(labels.MetaOf(tx).Gap()) {
			return labels.MetaOf(tx).SetShort(true)
		}
	}
	return labels.MetaOf(tx).SetShort(false)
}

// SetGap changes how many unused keys in a row end a search. A larger gap makes the next sync look
// at the chain from the birthday; owner and revealer keys for it are derived when the wallet is
// unlocked (Info.NeedsKeys).
func (c *Changes) SetGap(ctx context.Context, gap uint32) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if gap < 1 || gap > MaxGap {
		return fmt.Errorf("a gap of %d is not in 1..%d", gap, MaxGap)
	}
	return c.write(func(tx *dbfile.Tx) error { // the keys of a scan that is under way must not change
		larger := gap > labels.MetaOf(tx).Gap()
		if err := labels.MetaOf(tx).SetGap(gap); err != nil {
			return err
		}
		if !larger {
			return updateShort(tx)
		}
		for _, kind := range scripts.Kinds() {
			for _, branch := range []uint32{scripts.Receive, scripts.Change} {
				b := scripts.PaymentBranch(kind, branch)
				k, err := getCounts(tx, b)
				if err == nil {
					err = extendPayment(tx, c.keys.deriver, b, k.needed(gap))
				}
				if err != nil {
					return err
				}
			}
		}
		if err := updateShort(tx); err != nil {
			return err
		}
		return labels.MetaOf(tx).SetRescan("the gap became larger")
	})
}

// write writes while no sync is under way; a connection that is open watches then what is new.
func (c *Changes) write(f func(tx *dbfile.Tx) error) error {
	return c.keys.chain.Changing(func() error { return c.keys.book.Update(f) })
}
