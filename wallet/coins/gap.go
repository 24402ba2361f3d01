package coins

import (
	"context"
	"fmt"

	"blockstack/storage/dbfile"
)

// MaxGap bounds a gap: every key of it is watched on all branches.
const MaxGap = 10_000

// SetGap changes how many unused keys in a row end a search. A larger gap makes the
// next sync look at the chain from the birthday; owner and revealer keys for it are
// derived when the wallet is unlocked (Info.NeedsKeys).
func (c *Coins) SetGap(ctx context.Context, gap uint32) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if gap < 1 || gap > MaxGap {
		return fmt.Errorf("a gap of %d is not in 1..%d", gap, MaxGap)
	}
	c.syncing.Lock() // the keys of a scan that is under way must not change
	defer c.syncing.Unlock()
	err := c.book.update(func(tx *dbfile.Tx) error {
		larger := gap > gapOf(tx)
		if err := tx.Bucket(bucketMeta).Put(metaGap, u32(gap)); err != nil {
			return err
		}
		if !larger {
			return c.updateShort(tx)
		}
		for _, kind := range Kinds() {
			for _, branch := range []uint32{Receive, Change} {
				b := paymentBranch(kind, branch)
				k, err := getCounts(tx, b)
				if err == nil {
					err = extendPayment(tx, c.scripts, b, k.needed(gap))
				}
				if err != nil {
					return err
				}
			}
		}
		if err := c.updateShort(tx); err != nil {
			return err
		}
		return setRescan(tx, "the gap became larger")
	})
	if err != nil {
		return err
	}
	return c.watchNew()
}

// Used is the number of keys of a role up to the last one that the chain has seen:
// 3 when the key with index 2 is the last.
func (c *Coins) Used(ctx context.Context, role Role) (n uint32, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	err = c.book.view(func(tx *dbfile.Tx) error {
		k, err := getCounts(tx, roleBranch(role))
		n = k.used
		return err
	})
	return n, err
}
