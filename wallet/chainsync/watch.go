package chainsync

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcwallet/chain"
)

// Backend is where a connection to the chain comes from.
type Backend interface {
	// WalletClient returns a client that was not started. Sync starts and stops it.
	WalletClient(ctx context.Context) (chain.Interface, error)
}

const (
	watchEvery   = 2 * time.Second
	watchTimeout = 10 * time.Second // of one question
	watchMisses  = 2                // unanswered questions in a row that end a sync
)

// tipper is a backend that can be asked directly whether it is there. A *chain.Node is one.
type tipper interface {
	Tip(ctx context.Context) (int32, chainhash.Hash, error)
}

// whileConnected runs f on a connection that is open, and calls end when ctx ends or the backend
// does not answer any more.
func whileConnected(ctx context.Context, b Backend, end func(), f func(context.Context) (outcome, error)) (next outcome, err error) {
	if t, ok := b.(tipper); ok {
		if err := answers(ctx, t); err != nil { // the connection may be an old one
			return 0, err
		}
	}
	err = watching(ctx, b, end, func(ctx context.Context) (err error) {
		next, err = f(ctx)
		return err
	})
	return next, err
}

// watching runs f, and calls end when ctx ends or the backend does not answer any more. The clients
// of btcwallet know no context, and while their node is away they wait for it without end; stopped,
// they fail at once.
func watching(ctx context.Context, b Backend, end func(), f func(context.Context) error) error {
	watch, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := context.AfterFunc(watch, end)
	if t, ok := b.(tipper); ok {
		go func() { cancel(keepAsking(watch, t)) }()
	}
	err := f(watch)
	if !stop() { // stopped already: whatever f says, this is why
		if cause := context.Cause(watch); cause != nil {
			return fmt.Errorf("sync: %w", cause)
		}
	}
	return err
}

// keepAsking asks for the tip now and then, until it is not told or ctx ends.
func keepAsking(ctx context.Context, t tipper) error {
	misses := 0
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(watchEvery):
		}
		err := answers(ctx, t)
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

func answers(ctx context.Context, t tipper) error {
	ctx, cancel := context.WithTimeout(ctx, watchTimeout)
	defer cancel()
	if _, _, err := t.Tip(ctx); err != nil {
		return fmt.Errorf("%w: %w", ErrDisconnected, err)
	}
	return nil
}

// lost makes of the error of a connection that ended by itself an ErrDisconnected. again says that
// its node is there: it was restarted, or has sent us away, and the connection can be made anew.
func lost(ctx context.Context, b Backend, l *link, err error) (again bool, _ error) {
	client, ok := l.Interface.(interface{ Lost() bool })
	if !ok || ctx.Err() != nil {
		return false, err
	}
	l.settled(ctx)
	if !client.Lost() {
		return false, err
	}
	if t, ok := b.(tipper); ok {
		if gone := answers(ctx, t); gone != nil {
			return false, gone
		}
		again = true
	}
	if !errors.Is(err, ErrDisconnected) {
		err = fmt.Errorf("%w: %w", ErrDisconnected, err)
	}
	return again, err
}
