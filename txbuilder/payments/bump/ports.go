package bump

import (
	"context"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/payments"
	"blockstack/txbuilder/payments/paid"
	"blockstack/txbuilder/payments/send"
)

// Wallet pays and signs.
type Wallet interface {
	txbuilder.Coins
	txbuilder.Signer
	// Tip is the block up to which the coins are known.
	Tip(ctx context.Context) (payments.Tip, error)
	// Coins lists all coins.
	Coins(ctx context.Context) ([]payments.Coin, error)
	// CheckSigned makes sure that a transaction of the wallet was signed as it is.
	CheckSigned(ctx context.Context, tx *wire.MsgTx) error
}

// Past is what the wallet knows of its transactions.
type Past interface {
	// History lists the transactions that moved the wallet's coins.
	History(ctx context.Context) ([]paid.Entry, error)
	// Replaced says which transactions of the wallet that are not in the history were replaced, and
	// by which.
	Replaced(ctx context.Context) (map[chainhash.Hash]chainhash.Hash, error)
	// Names says which names each transaction paid, by address.
	Names(ctx context.Context) (map[chainhash.Hash]map[string]string, error)
}

// Book keeps what the chain does not tell of a transaction.
type Book interface {
	Remember(ctx context.Context, r payments.Remembered) error
}

// Jobs have transactions and coins of their own.
type Jobs interface {
	payments.Jobs
	// JobOf is the job that has signed a transaction, in any version; nil: none has.
	JobOf(ctx context.Context, txid chainhash.Hash) (*Job, error)
}

// Job is a job that has signed a transaction.
type Job struct{ ID, Subject string }

// Node is what transactions are sent through.
type Node interface {
	send.Node
	// Fees is what its memory pool wants; where that is not known, what nodes want by default.
	Fees(ctx context.Context) (Fees, error)
	// HangingFees is what all unconfirmed descendants of a transaction pay; 0 where that is not
	// known.
	HangingFees(ctx context.Context, txid chainhash.Hash) (btcutil.Amount, error)
	// Tx is a transaction of the network, if that is known.
	Tx(ctx context.Context, txid chainhash.Hash) (tx *wire.MsgTx, known bool)
}

// Fees is what a memory pool wants.
type Fees struct {
	Increment txbuilder.FeeRate // what a replacement pays for its own size on top of all that it evicts
	Least     txbuilder.FeeRate // to begin at
}

// Config is what bumping needs.
type Config struct {
	Net    *chaincfg.Params
	Wallet Wallet
	Past   Past
	Book   Book
	Kept   send.Wallet
	Jobs   Jobs
	// Node opens what transactions are sent through.
	Node func(ctx context.Context) (Node, error)
}

// Service bumps transactions of one wallet. It keeps no state between calls.
type Service struct{ cfg Config }

// New makes a service.
func New(cfg Config) *Service { return &Service{cfg} }
