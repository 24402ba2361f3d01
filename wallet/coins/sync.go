package coins

import (
	"context"
	"errors"
	"fmt"
)

const (
	maxRounds   = 64 // connections within one sync
	maxRepair   = 3  // tries to repair in place before the tracker is built again
	maxRebuilds = 8  // of the tracker, when what was built is no good again
	maxStalls   = 5  // connections that did not reach the tip
	// maxContradictions is the same when the tracker itself refuses blocks; then it is built again.
	maxContradictions = 1
	maxDrops          = 3 // connections that ended while the node is there
)

// Sync brings the coins up to date with the tip of the chain and closes the
// connection again, so that other processes can have the files. While a
// connection that Follow made is open, it waits until that one has caught up.
//
// A payment to us that waits in the memory pool is found when the backend lists
// its pool and the pool is of moderate size; else it is seen when it is mined.
func (c *Coins) Sync(ctx context.Context, b Backend) error {
	c.syncing.Lock()
	defer c.syncing.Unlock()
	following := c.attached() != nil
	err := c.catchUp(ctx, b)
	if !following || err != nil {
		err = errors.Join(err, c.detach())
	}
	return err
}

// Follow brings the coins up to date and stays connected: new blocks and
// payments are seen as they come, until Close. Other processes cannot use the
// wallet meanwhile.
func (c *Coins) Follow(ctx context.Context, b Backend) error {
	c.syncing.Lock()
	defer c.syncing.Unlock()
	if err := c.catchUp(ctx, b); err != nil {
		return errors.Join(err, c.detach())
	}
	return nil
}

func (c *Coins) attached() *link {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.link
}

// catchUp connects and reconnects until the tracker agrees with the chain.
// c.syncing is held; on return without an error the connection is open.
func (c *Coins) catchUp(ctx context.Context, b Backend) error {
	repairs, rebuilds, stalls, drops := 0, 0, 0, 0
	for range maxRounds {
		if l := c.attached(); l == nil || !l.alive() {
			if err := c.detach(); err != nil {
				return err
			}
			err := c.attach(ctx, b)
			if errors.Is(err, errRebuild) && rebuilds < maxRebuilds {
				rebuilds++
				if err := c.rebuild(err); err != nil {
					return err
				}
				continue
			}
			if err != nil {
				return err
			}
		}
		next, err := c.watched(ctx, b, c.settle)
		if errors.Is(err, errRebuild) && rebuilds < maxRebuilds {
			rebuilds++
			if err := errors.Join(c.detach(), c.rebuild(err)); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			anew, cause := c.lost(ctx, b, c.attached(), err)
			if drops++; !anew || drops > maxDrops {
				return cause
			}
			next, err = again, nil
		}
		switch next {
		case settled:
			return nil
		case repair:
			if repairs++; repairs > maxRepair {
				err = c.rebuild(errNoRepair)
			}
		case stalled:
			if stalls++; stalls > maxContradictions && c.attached().refusals.Load() > 0 && rebuilds < maxRebuilds {
				rebuilds++
				err = c.rebuild(errRefuses)
			} else if stalls > maxStalls {
				err = c.waitErr(c.attached(), ErrUnstable)
			}
		case again:
		}
		if err = errors.Join(err, c.detach()); err != nil {
			return err
		}
	}
	return fmt.Errorf("%w: gave up after %d scans", ErrUnstable, maxRounds)
}

// outcome says what has to follow a scan.
type outcome int

const (
	settled outcome = iota // nothing
	again                  // scan again: the tracker must be built again
	repair                 // connect again: tracker and chain differ
	stalled                // connect again: the tip was not reached
)

// settle waits for the end of a scan and does what btcwallet does not.
func (c *Coins) settle(ctx context.Context) (outcome, error) {
	l := c.attached()
	err := c.wait(ctx, l)
	if errors.Is(err, errStalled) {
		return stalled, nil
	}
	if err != nil {
		return 0, err
	}
	bad, err := firstWrong(l)
	if err != nil && !errors.Is(err, errRebuild) {
		return 0, fmt.Errorf("compare the wallet with the chain: %w", err)
	}
	if err != nil || bad >= 0 {
		return repair, nil
	}
	pool, err := c.readPool(ctx, l)
	if err != nil {
		return 0, err
	}
	if err := c.addPool(l, pool); err != nil {
		return 0, err
	}
	late, err := c.learn()
	if err != nil {
		return 0, err
	}
	if late {
		return again, nil
	}
	if err := c.watchNew(); err != nil {
		return 0, err
	}
	return settled, c.resend(l, pool)
}
