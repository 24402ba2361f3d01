package index

import (
	"context"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"blockstack/names/index/store"
)

// Verified is what Verify looked at.
type Verified = store.Verified

// Difference is where the index does not agree with its own operations. It wraps ErrDiffers.
type Difference = store.Difference

// Verify computes the whole state again from the operations that the index holds, and compares
// every verdict, every hash and every row with what is stored. It needs no blocks, so it cannot see
// operations that were left out. progress may be nil.
func (x *Index) Verify(ctx context.Context, progress func(Progress)) (Verified, error) {
	m := newMeter(progress)
	var done Verified
	err := x.read(func(tx *bolt.Tx) (err error) {
		done, err = store.Verify(ctx, tx, x.p, x.schedule, func(so Verified, height, last int32) {
			m.report(Progress{Phase: PhaseVerify, Height: height, Target: last, Blocks: so.Blocks}, height == last)
		})
		return err
	})
	if err != nil {
		return done, fmt.Errorf("verify: %w", err)
	}
	return done, nil
}
