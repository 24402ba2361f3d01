package peers

import (
	"context"
	"errors"
	"reflect"
	"time"
	"unsafe"

	"github.com/btcsuite/btcd/wire/v2"
	"github.com/lightninglabs/neutrino"
)

// askEvery is how long no header may come until a peer is asked for what is new.
const askEvery = 5 * time.Second

// headerSync is neutrino's part that follows the headers.
type headerSync interface {
	// SyncPeer is the peer whose headers it takes while it has fewer than that one claims.
	SyncPeer() *neutrino.ServerPeer
}

// headerSyncOf is where neutrino has it; it gives it to nobody.
func headerSyncOf(cs *neutrino.ChainService) (headerSync, error) {
	field := reflect.ValueOf(cs).Elem().FieldByName("blockManager")
	if field.Kind() != reflect.Pointer || field.IsNil() {
		return nil, errors.New("this version of neutrino has no block manager")
	}
	h, ok := reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem().Interface().(headerSync)
	if !ok {
		return nil, errors.New("this version of neutrino has another block manager")
	}
	return h, nil
}

// headerRequests asks peers for headers. neutrino asks for them once per announcement, and whom it
// has asked may be silent, or have announced nothing, or have been a moment too early with its
// branch: then it would wait for the next block.
type headerRequests struct {
	cs      *neutrino.ChainService
	from    headerSync
	heights func() (blocks, filters int32, err error)
	every   time.Duration // between two looks
	// patience is how long a peer may claim more blocks than there are and send none.
	patience time.Duration

	at    int32     // the height of the last header
	since time.Time // when it was first seen
	asked map[*neutrino.ServerPeer]time.Time
}

// start begins to ask. end ends that; what it returns is closed when it has ended.
func (a *headerRequests) start() (end func() <-chan struct{}) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	a.since = time.Now()
	go func() {
		defer close(done)
		tick := time.NewTicker(a.every)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case now := <-tick.C:
				a.look(now)
			}
		}
	}()
	return func() <-chan struct{} {
		cancel()
		return done
	}
}

// look asks one peer, unless headers come by themselves. It is another one each time, and the
// answer of one that has nothing new is empty.
func (a *headerRequests) look(now time.Time) {
	peers := a.cs.Peers()
	blocks, _, err := a.heights()
	if err != nil {
		return // who asks for the tip is told
	}
	if blocks != a.at || len(peers) == 0 {
		a.at, a.since = blocks, now
		return
	}
	if from := a.from.SyncPeer(); from != nil && from.LastBlock() > blocks && now.Sub(a.since) > a.patience {
		from.Disconnect() // neutrino takes another one
		a.since = now
		return
	}
	asked := make(map[*neutrino.ServerPeer]time.Time, len(peers))
	next := peers[0]
	for _, sp := range peers {
		if asked[sp] = a.asked[sp]; asked[sp].Before(asked[next]) {
			next = sp
		}
	}
	a.asked, asked[next] = asked, now
	a.ask(next)
}

// ask sends a question, even if it is the last one again: neutrino's own way keeps that back.
func (a *headerRequests) ask(sp *neutrino.ServerPeer) {
	locator, err := a.cs.BlockHeaders.LatestBlockLocator()
	if err != nil {
		return
	}
	msg := wire.NewMsgGetHeaders()
	for _, hash := range locator {
		if msg.AddBlockLocatorHash(hash) != nil {
			break // long enough
		}
	}
	sp.QueueMessage(msg, nil)
}
