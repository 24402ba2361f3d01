package sweep

import (
	"context"

	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder/payments"
	"blockstack/txbuilder/payments/send"
)

// Place is where a key may have been paid, and how large what spends a coin there is at most.
type Place struct {
	Address string
	Script  []byte
	Redeem  []byte // the script inside P2SH; nil: none
	Witness []byte // the script inside P2WSH; nil: none
	Base    int64  // bytes of the signature script
	Wit     int64  // bytes of the witness, with its count; 0: none
	MayOwn  bool   // it may own names without that being known: one key signs
}

// Found is an output at one of the places that nothing in the chain has spent.
type Found struct {
	OutPoint wire.OutPoint
	Tx       *wire.MsgTx // the transaction that made it
	Height   int32
	Coinbase bool
}

// Chain is searched for coins.
type Chain interface {
	// Tip is the newest block.
	Tip(ctx context.Context) (payments.Tip, error)
	// Find looks for unspent outputs at places, from a block on.
	Find(ctx context.Context, places []Place, since int32) ([]Found, error)
}

// Names knows who owns names.
type Names interface {
	// OwnedAt lists the names of each of some scripts, but for expired ones.
	OwnedAt(ctx context.Context, scripts [][]byte) ([][]string, error)
}

// Wallet receives what is moved.
type Wallet interface {
	// Receive is an address of the wallet, and its script.
	Receive(ctx context.Context) (address string, script []byte, err error)
	// Sync looks at the chain.
	Sync(ctx context.Context) error
}

// Config is what a sweep needs.
type Config struct {
	Net    *chaincfg.Params
	Chain  Chain
	Names  Names
	Wallet Wallet
	Book   send.Book
	Jobs   payments.Jobs
	Node   send.Node
}

// Service sweeps into one wallet. It keeps no state between calls.
type Service struct{ cfg Config }

// New makes a service.
func New(cfg Config) *Service { return &Service{cfg} }
