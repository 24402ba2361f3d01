package chainsync

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/labels"
	"blockstack/wallet/tracker"
	"blockstack/wallet/watched"
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

// Sync brings wallet.db up to date with the chain. It is safe for concurrent use.
type Sync struct {
	book    *labels.Book
	keys    *watched.Keys
	tracker *tracker.Tracker

	syncing sync.Mutex // held by the one that syncs

	mu    sync.Mutex
	link  *link            // nil: not attached
	watch *connectionWatch // nil: nobody follows
}

// New syncs a tracker, which watches keys.
func New(book *labels.Book, keys *watched.Keys, t *tracker.Tracker) *Sync {
	return &Sync{book: book, keys: keys, tracker: t}
}

// Close ends a connection that Follow left open.
func (c *Sync) Close() error {
	kept := c.letGo() // before the lock, which it may hold
	c.syncing.Lock()
	err := c.detach()
	c.syncing.Unlock()
	if kept != nil {
		<-kept
	}
	return err
}

// EachTx calls f with every transaction of ours that is known from the chain.
func (c *Sync) EachTx(f func(tx *wire.MsgTx)) error { return c.tracker.EachTx(f) }

// Changing runs f while no sync is under way. A connection that is open watches what is new then.
func (c *Sync) Changing(f func() error) error {
	c.syncing.Lock()
	defer c.syncing.Unlock()
	if err := f(); err != nil {
		return err
	}
	return c.watchNew()
}

// Once brings the coins up to date with the tip of the chain and closes the connection again, so
// that other processes can have the files. While a connection that Follow made is open, it waits
// until that one has caught up.
//
// A payment to us that waits in the memory pool is found when the backend lists its pool and the
// pool is of moderate size; else it is seen when it is mined.
func (c *Sync) Once(ctx context.Context, b Backend) error {
	c.syncing.Lock()
	defer c.syncing.Unlock()
	following := c.following()
	err := c.catchUp(ctx, b)
	if !following || err != nil {
		c.letGo()
		err = errors.Join(err, c.detach())
	}
	return err
}

// Follow brings the coins up to date and stays connected: new blocks and payments are seen as they
// come, until Close or a sync that fails. A connection that ends or stands still is made anew.
// Other processes cannot use the wallet meanwhile.
func (c *Sync) Follow(ctx context.Context, b Backend) error {
	c.syncing.Lock()
	defer c.syncing.Unlock()
	if err := c.catchUp(ctx, b); err != nil {
		c.letGo()
		return errors.Join(err, c.detach())
	}
	c.keep(b)
	return nil
}

func (c *Sync) attached() *link {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.link
}

// catchUp connects and reconnects until the tracker agrees with the chain. c.syncing is held; on
// return without an error the connection is open.
func (c *Sync) catchUp(ctx context.Context, b Backend) error {
	repairs, rebuilds, stalls, drops := 0, 0, 0, 0
	for range maxRounds {
		if l := c.attached(); l == nil || !l.alive() {
			if err := c.detach(); err != nil {
				return err
			}
			err := c.attach(ctx, b)
			if errors.Is(err, tracker.ErrRebuild) && rebuilds < maxRebuilds {
				rebuilds++
				if err := c.tracker.Rebuild(err); err != nil {
					return err
				}
				continue
			}
			if err != nil {
				return err
			}
		}
		next, err := whileConnected(ctx, b, c.attached().Stop, c.settle)
		if errors.Is(err, tracker.ErrRebuild) && rebuilds < maxRebuilds {
			rebuilds++
			if err := errors.Join(c.detach(), c.tracker.Rebuild(err)); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			anew, cause := lost(ctx, b, c.attached(), err)
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
				err = c.tracker.Rebuild(errNoRepair)
			}
		case stalled:
			if stalls++; stalls > maxContradictions && c.attached().refusals.Load() > 0 && rebuilds < maxRebuilds {
				rebuilds++
				err = c.tracker.Rebuild(errRefuses)
			} else if stalls > maxStalls {
				err = waitErr(c.attached(), ErrUnstable)
			}
		case again:
		}
		if err = errors.Join(err, c.detach()); err != nil {
			return err
		}
	}
	return fmt.Errorf("%w: gave up after %d scans", ErrUnstable, maxRounds)
}

// Why the tracker is built again after it was connected.
var (
	errNoRepair = errors.New("repairing in place did not help")
	errRefuses  = errors.New("the tracker refuses what the chain says")
)

// settle waits for the end of a scan and does what btcwallet does not.
func (c *Sync) settle(ctx context.Context) (outcome, error) {
	l := c.attached()
	err := wait(ctx, l)
	if errors.Is(err, errStalled) {
		return stalled, nil
	}
	if err != nil {
		return 0, err
	}
	bad, err := firstWrong(l)
	if err != nil && !errors.Is(err, tracker.ErrRebuild) {
		return 0, fmt.Errorf("compare the wallet with the chain: %w", err)
	}
	if err != nil || bad >= 0 {
		return repair, nil
	}
	pool, err := readPool(ctx, l)
	if err != nil {
		return 0, err
	}
	if err := addPool(c.book, c.keys, l, pool); err != nil {
		return 0, err
	}
	late, err := learn(c.book, c.keys, c.tracker)
	if err != nil {
		return 0, err
	}
	if late {
		return again, nil
	}
	if err := c.watchNew(); err != nil {
		return 0, err
	}
	return settled, resend(c.book, c.keys, l, pool)
}
