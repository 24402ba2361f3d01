package chainsync

import (
	"context"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"
)

// lagsAfter is how long a connection that Follow made may stand still below the tip.
const lagsAfter = 10 * time.Second

// connectionWatch looks after a connection that Follow made: its client may have ended by itself,
// or have lost what it should have told, and nobody asks.
type connectionWatch struct {
	end  context.CancelFunc
	done chan struct{}
}

// keep begins to look after the connection, until letGo. c.syncing is held.
func (c *Sync) keep(b Backend) {
	c.letGo()
	ctx, cancel := context.WithCancel(context.Background())
	k := &connectionWatch{end: cancel, done: make(chan struct{})}
	c.mu.Lock()
	c.watch = k
	c.mu.Unlock()
	go func() {
		defer close(k.done)
		c.keepUp(ctx, b)
	}()
}

// letGo ends that. What it returns is closed when it has ended; nil: nobody did.
func (c *Sync) letGo() <-chan struct{} {
	c.mu.Lock()
	k := c.watch
	c.watch = nil
	c.mu.Unlock()
	if k == nil {
		return nil
	}
	k.end()
	return k.done
}

// following reports whether a connection is open, or will be again.
func (c *Sync) following() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.link != nil || c.watch != nil
}

// keepUp makes the connection anew whenever it does not keep up. A failure is tried again at the
// next look, and told by the next sync that somebody asks for.
func (c *Sync) keepUp(ctx context.Context, b Backend) {
	var l lag
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(watchEvery):
		}
		if c.keepsUp(ctx, b, &l) {
			continue
		}
		c.anew(ctx, b)
	}
}

// anew makes the connection anew.
func (c *Sync) anew(ctx context.Context, b Backend) {
	c.syncing.Lock()
	defer c.syncing.Unlock()
	if ctx.Err() != nil {
		return
	}
	err := c.detach()
	if err == nil {
		err = c.catchUp(ctx, b)
	}
	if err != nil {
		_ = c.detach()
	}
}

// keepsUp looks at the connection. What cannot be told is no reason to act.
func (c *Sync) keepsUp(ctx context.Context, b Backend, g *lag) bool {
	l := c.attached()
	if l == nil || !l.alive() {
		return false
	}
	t, ok := b.(tipper)
	if !ok {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, watchTimeout)
	defer cancel()
	_, tip, err := t.Tip(ctx)
	return err != nil || !g.stands(time.Now(), l.w.SyncedTo().Hash, tip)
}

// lag is where the tracker was when it was last seen to move.
type lag struct {
	at    chainhash.Hash
	since time.Time
}

// stands says that the tracker is not at the tip and has not moved for long.
func (g *lag) stands(now time.Time, at, tip chainhash.Hash) bool {
	if at == tip || at != g.at {
		g.at, g.since = at, now
		return false
	}
	return now.Sub(g.since) >= lagsAfter
}
