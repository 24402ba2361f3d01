package chainsync

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/chain"

	"blockstack/wallet/tracker"
)

// feed is a chain client that only has notifications.
type feed struct {
	chain.Interface
	ch   chan any
	once sync.Once
}

func (f *feed) Notifications() <-chan any { return f.ch }
func (f *feed) Stop()                     { f.once.Do(func() { close(f.ch) }) }
func (f *feed) WaitForShutdown()          {}

func startLink(t *testing.T) (*link, *feed) {
	t.Helper()
	f := &feed{ch: make(chan any)}
	l := newLink(f, nil, &tracker.DB{})
	go l.pump()
	return l, f
}

func ended(t *testing.T, l *link) {
	t.Helper()
	select {
	case <-l.done:
	case <-time.After(time.Minute):
		t.Fatal("the link does not end")
	}
	if l.alive() {
		t.Error("an ended link says that it is alive")
	}
	if err := l.flush(context.Background()); !errors.Is(err, ErrDisconnected) {
		t.Errorf("flush of an ended link: %v", err)
	}
}

func TestLinkEndsWithItsClient(t *testing.T) {
	l, f := startLink(t)
	f.Stop()
	ended(t, l)
	if _, ok := <-l.Notifications(); ok {
		t.Error("the channel was not closed")
	}
	l.Stop()
}

func TestLinkEndsWhenNobodyReads(t *testing.T) {
	l, f := startLink(t)
	f.ch <- chain.BlockConnected{} // the link now waits for a reader
	l.Stop()
	l.Stop()
	ended(t, l)
	l.WaitForShutdown()
}

// A flush returns only when everything before it was read and dealt with.
func TestFlushWaits(t *testing.T) {
	l, f := startLink(t)
	defer l.Stop()
	f.ch <- &chain.RescanProgress{Height: 7}
	flushed := make(chan error, 1)
	go func() { flushed <- l.flush(context.Background()) }()
	var got []any
	for len(got) < 2 {
		select {
		case err := <-flushed:
			t.Fatalf("flushed after %d notifications: %v", len(got), err)
		case n := <-l.Notifications():
			got = append(got, n)
		}
	}
	if err := <-flushed; err != nil {
		t.Error(err)
	}
	if p, ok := got[0].(*chain.RescanProgress); !ok || p.Height != 7 {
		t.Errorf("passed on %v", got[0])
	}
	if _, ok := got[1].(barrier); !ok {
		t.Errorf("the barrier is %v", got[1])
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := l.flush(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// btcwallet must never send, and never learn of an error: it would forget the transaction.
func TestLinkDoesNotSend(t *testing.T) {
	l, _ := startLink(t)
	defer l.Stop()
	if _, err := l.SendRawTransaction(wire.NewMsgTx(2), false); !errors.Is(err, chain.ErrTxAlreadyInMempool) {
		t.Errorf("%v", err)
	}
}
