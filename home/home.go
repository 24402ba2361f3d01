package home

import (
	"context"
	"sync"

	"blockstack/home/config"
	"blockstack/names"
	"blockstack/names/index"
	"blockstack/wallet"
	"blockstack/wallet/chain"
	"blockstack/wallet/chain/node"
	"blockstack/wallet/chain/peers"
	"blockstack/wallet/sandbox"
)

// Teller hears what a person should know while something is done. Its methods may be called by
// several goroutines.
type Teller interface {
	// Warn tells of something that may be wrong.
	Warn(format string, args ...any)
	// Note tells of something that was done without being asked for.
	Note(format string, args ...any)
	// Meter begins to show how far long work has come.
	Meter(phase, unit string) Meter
}

// Meter shows how far long work has come.
type Meter interface {
	Update(done, total int64)
	Done()
}

// Keys opens the keys of the wallet, in whatever way its maker has: a password, an agent, a person
// who is asked.
type Keys interface {
	// Open makes the seed readable in this process where that takes no question; false: it would
	// take one.
	Open(ctx context.Context, w *wallet.Wallet) (bool, error)
}

// Home is everything that belongs to one home on one network, opened on first use. It is safe for
// many goroutines.
type Home struct {
	*Sources

	keys    Keys
	wallet  *room[*wallet.Wallet]
	index   *lease[*index.Index]
	journal turn

	atWrite func()
	inexact sync.Once // the warning that names are not certain
}

// Sources are where a home learns what is so: the rules of its names, its node or peers, the
// blocks.
type Sources struct {
	// Config says where everything is.
	Config *config.Config

	tell     Teller
	sandbox  *room[*sandbox.Sandbox]
	registry *room[*names.Params]
	node     *room[*node.Node]
	peers    *lease[*peers.Peers]
	blocks   *room[chain.Blocks]
}

// Given are rooms that are open already, so that the home does not open its own; it does not close
// them either. Nil: there is none.
type Given struct {
	Registry *names.Params
	Node     *node.Node
	// AtWrite is called around each write and each sending of a payment; a test ends the process
	// there.
	AtWrite func()
}

// New is the home that a configuration describes. Nothing is opened yet, and nothing needs to be
// there.
func New(cfg *config.Config, tell Teller, keys Keys, given Given) *Home {
	from := &Sources{
		Config: cfg, tell: tell,
		sandbox: newRoom[*sandbox.Sandbox](), registry: newRoom[*names.Params](), node: newRoom[*node.Node](), peers: newLease[*peers.Peers](),
		blocks: newRoom[chain.Blocks](),
	}
	if given.Registry != nil {
		from.registry.value, from.registry.open = given.Registry, true
	}
	if given.Node != nil {
		from.node.value, from.node.open = given.Node, true
	}
	return &Home{
		Sources: from, keys: keys, atWrite: given.AtWrite,
		wallet: newRoom[*wallet.Wallet](), index: newLease[*index.Index](), journal: newTurn(),
	}
}

// Close closes what was opened. Nobody may use the home any more; leases end with those who have
// them.
func (h *Home) Close() error {
	return joinClosing(h.sandbox.close, h.registry.close, h.node.close, h.blocks.close, h.wallet.close)
}

// Reconnect forgets the connection to the node: it may have come back at another address.
func (from *Sources) Reconnect() error {
	return joinClosing(from.sandbox.close, from.node.close, from.blocks.close)
}
