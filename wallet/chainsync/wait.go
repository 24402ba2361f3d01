package chainsync

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	pollInterval = 3 * time.Millisecond
	stallAfter   = 5 * time.Second  // without progress, the connection is made anew
	silentAfter  = 30 * time.Second // without a question or a notification, the same
	maxFailures  = 20               // of btcwallet's steps, the same
)

// wait returns when the tracker has caught up with the tip of the chain and has dealt with all that
// was told to it. errStalled: it does not get there.
func wait(ctx context.Context, l *link) error {
	moved, at := time.Now(), l.w.SyncedTo()
	alive, moves := time.Now(), l.moves.Load()
	for {
		if err := l.db.Err(); err != nil { // whatever btcwallet holds in memory is not on the disk
			return fmt.Errorf("sync: %w", err)
		}
		best, height, err := l.Interface.GetBestBlock()
		if err != nil {
			l.settled(ctx) // a client that has ended by itself can say why
			return waitErr(l, fmt.Errorf("%w: %w", ErrDisconnected, err))
		}
		if l.w.ChainSynced() {
			if err := l.flush(ctx); err != nil {
				return waitErr(l, err)
			}
			if now := l.w.SyncedTo(); now.Height == height && now.Hash == *best {
				if err := l.db.Err(); err != nil {
					return fmt.Errorf("sync: %w", err)
				}
				return nil
			}
		}
		now := l.w.SyncedTo()
		if now.Height != at.Height || now.Hash != at.Hash {
			moved, at = time.Now(), now
		}
		// A scan of many blocks is no stall; one that has ended without reaching the tip is, and so
		// is one whose steps fail again and again.
		still := time.Since(moved)
		if l.w.ChainSynced() && still > stallAfter || now.Height > height && still > time.Second || l.failures() > maxFailures {
			return errStalled
		}
		if n := l.moves.Load(); n != moves || l.asking.Load() > 0 || now.Height != at.Height {
			alive, moves = time.Now(), n
		}
		if time.Since(alive) > silentAfter {
			return errStalled
		}
		select {
		case <-time.After(pollInterval):
		case <-l.done:
			return waitErr(l, ErrDisconnected)
		case <-ctx.Done():
			return waitErr(l, ctx.Err())
		}
	}
}

// errStalled asks for a new connection.
var errStalled = errors.New("the sync does not reach the tip of the chain")

// gaveUp is the end of a client by itself, for a reason that it says: a node that has deleted a
// block is not a node that is gone. It is ErrDisconnected, and its cause.
type gaveUp struct{ cause error }

func (g *gaveUp) Error() string { return "sync: " + g.cause.Error() }

func (g *gaveUp) Unwrap() []error { return []error{ErrDisconnected, g.cause} }

// waitErr adds what btcwallet would only log. What other calls to a client said after its end does
// not hide why it ended.
func waitErr(l *link, err error) error {
	if cause := l.reason(); cause != nil && errors.Is(err, ErrDisconnected) {
		return &gaveUp{cause: cause}
	}
	if last := l.lastError(); last != nil {
		return fmt.Errorf("sync: %w (last: %w)", err, last)
	}
	return fmt.Errorf("sync: %w", err)
}
