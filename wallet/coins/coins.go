package coins

import (
	"fmt"
	"os"
	"sync"

	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/chainsync"
	"blockstack/wallet/labels"
	"blockstack/wallet/tracker"
	"blockstack/wallet/watched"
)

// Coins are the coins of one wallet on one network. It is safe for concurrent use.
type Coins struct {
	Book *labels.Book    // labels, frozen coins, what was paid
	Keys *watched.Keys   // whose coins they are
	Sync *chainsync.Sync // how they come

	tracker *tracker.Tracker

	mu       sync.Mutex
	reserved func(wire.OutPoint) bool
}

// Create makes labels.db in dir. The file of the tracker is made by the first sync.
func Create(dir string, net *chaincfg.Params, s watched.Setup) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("create wallet: %w", err)
	}
	return watched.Create(labels.In(dir, net), s)
}

// Open opens the wallet in dir. Nothing is held open until a sync. Until Keys.Believe is called,
// scripts are derived from the public keys in labels.db.
func Open(dir string, net *chaincfg.Params) (*Coins, error) {
	book := labels.In(dir, net)
	keys, err := watched.Open(book)
	if err != nil {
		return nil, err
	}
	c := &Coins{Book: book, Keys: keys, tracker: tracker.In(dir, book, keys)}
	c.Sync = chainsync.New(book, keys, c.tracker)
	keys.Connect(c.Sync)
	return c, nil
}

// OnRebuild has f told when wallet.db is built again though nobody asked for it. To be called
// before a sync.
func (c *Coins) OnRebuild(f func(why error)) { c.tracker.OnRebuild(f) }

// Close ends a connection that Follow left open.
func (c *Coins) Close() error { return c.Sync.Close() }

// Reserve tells which coins are kept for unfinished jobs. Spendable leaves them out. nil: none.
func (c *Coins) Reserve(reserved func(wire.OutPoint) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reserved = reserved
}

func (c *Coins) isReserved(op wire.OutPoint) bool {
	c.mu.Lock()
	f := c.reserved
	c.mu.Unlock()
	return f != nil && f(op)
}
