package coins

import (
	"context"
	"fmt"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"
)

const (
	watchEvery   = 2 * time.Second
	watchTimeout = 10 * time.Second // of one question
	watchMisses  = 2                // unanswered questions in a row that end a sync
)

// tipper is a backend that can be asked directly whether it is there. A
// *chain.Node is one.
type tipper interface {
	Tip(ctx context.Context) (int32, chainhash.Hash, error)
}

// watched runs f, and stops the connection when ctx ends or the backend does not
// answer any more. The clients of btcwallet know no context, and while their
// node is away they wait for it without end; stopped, they fail at once.
func (c *Coins) watched(ctx context.Context, b Backend, f func(context.Context) (outcome, error)) (outcome, error) {
	l := c.attached()
	watch, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := context.AfterFunc(watch, l.Stop)
	if t, ok := b.(tipper); ok {
		if err := c.answers(ctx, t); err != nil { // the connection may be an old one
			return 0, err
		}
		go func() { cancel(c.watch(watch, t)) }()
	}
	next, err := f(watch)
	if !stop() { // stopped already: whatever f says, this is why
		if cause := context.Cause(watch); cause != nil {
			return 0, fmt.Errorf("sync: %w", cause)
		}
	}
	return next, err
}

// watch asks for the tip now and then, until it is not told or ctx ends.
func (c *Coins) watch(ctx context.Context, t tipper) error {
	misses := 0
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(watchEvery):
		}
		err := c.answers(ctx, t)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if misses++; err == nil {
			misses = 0
		}
		if misses >= watchMisses {
			return err
		}
	}
}

func (c *Coins) answers(ctx context.Context, t tipper) error {
	ctx, cancel := context.WithTimeout(ctx, watchTimeout)
	defer cancel()
	if _, _, err := t.Tip(ctx); err != nil {
		return fmt.Errorf("%w: %w", ErrDisconnected, err)
	}
	return nil
}
