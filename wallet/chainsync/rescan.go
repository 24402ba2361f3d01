package chainsync

import (
	"context"
	"errors"
	"time"

	"blockstack/storage/dbfile"
	"blockstack/wallet/labels"
	"blockstack/wallet/tracker"
)

// Rescan forgets what is known of the chain and looks at everything again from the birthday.
// Labels, frozen coins and our own unconfirmed transactions stay. It is the repair for anything
// odd.
func (c *Sync) Rescan(ctx context.Context, b Backend) error {
	return c.rescan(ctx, b, func() error {
		return c.book.Update(func(tx *dbfile.Tx) error { return labels.MetaOf(tx).SetRescan("asked for") })
	})
}

// RescanSince is Rescan from a block on, whose time is at: what is known of the blocks below it
// stays. From before the birthday on, that becomes the birthday. A block further back than what is
// remembered means everything.
func (c *Sync) RescanSince(ctx context.Context, b Backend, height int32, at time.Time) error {
	if height < 1 {
		height = 1
	}
	return c.rescan(ctx, b, func() error {
		older := false
		err := c.book.Update(func(tx *dbfile.Tx) error {
			m := labels.MetaOf(tx)
			if older = at.Unix() < m.Birthday().Unix(); !older {
				return nil
			}
			if err := m.SetBirthday(at); err != nil {
				return err
			}
			return m.SetRescan("asked for, from before the birthday on")
		})
		if err != nil || older {
			return err
		}
		err = c.tracker.CutAt(height)
		if errors.Is(err, tracker.ErrRebuild) {
			err = c.book.Update(func(tx *dbfile.Tx) error { return labels.MetaOf(tx).SetRescan("asked for") })
		}
		return err
	})
}

// rescan changes something while nothing is connected, then syncs.
func (c *Sync) rescan(ctx context.Context, b Backend, prepare func() error) error {
	c.syncing.Lock()
	defer c.syncing.Unlock()
	c.letGo()
	err := c.detach()
	if err == nil {
		err = prepare()
	}
	if err == nil {
		err = c.catchUp(ctx, b)
	}
	return errors.Join(err, c.detach())
}
