package ports

import (
	"context"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder"
)

// MempoolOf is a chain that lists its memory pool, where it can.
func MempoolOf(c Chain) (Mempool, bool) {
	if copied, ok := c.(CopiedChain); ok {
		c = copied.Chain
	}
	p, ok := c.(Mempool)
	return p, ok
}

// PoolOf is the memory pool of a chain, where it can show one.
func PoolOf(c Chain) (Pool, bool) {
	if copied, ok := c.(CopiedChain); ok {
		c = copied.Chain
	}
	p, ok := c.(Pool)
	return p, ok
}

// Pool is a Chain that can show its memory pool. A Chain need not be one: then competitors that are
// in no block yet go unseen, and the plan says so.
type Pool interface {
	// Unconfirmed lists the transactions of the memory pool; complete is false when there are more
	// than can be looked through.
	Unconfirmed(ctx context.Context) (txs []*wire.MsgTx, complete bool, err error)
}

// Chain is what a job needs of Bitcoin.
type Chain interface {
	// Tip is the best block.
	Tip(ctx context.Context) (int32, chainhash.Hash, error)
	// Broadcast offers a transaction. Accepted, already known and already confirmed are all
	// success; a refusal is a *Refused.
	Broadcast(ctx context.Context, tx *wire.MsgTx) error
	// TxStatus says where a transaction is; one that is nowhere is no error.
	TxStatus(ctx context.Context, txid chainhash.Hash) (TxStatus, error)
	// BlockAt is the block of the best chain at a height.
	BlockAt(ctx context.Context, height int32) (*wire.MsgBlock, error)
}

// TxStatus says where a transaction is.
type TxStatus struct {
	InMempool bool
	Height    int32 // block it is in, 0: none
}

// Relay is a Chain that can say what its memory pool wants. A Chain need not be one: then what
// nodes want by default is taken for it, and a refusal shows the rest.
type Relay interface {
	RelayFees(ctx context.Context) (RelayFees, error)
	// HangingFees is what the unconfirmed descendants of a transaction pay together; 0 when it is
	// not in the memory pool.
	HangingFees(ctx context.Context, txid chainhash.Hash) (btcutil.Amount, error)
}

// RelayFees are what a memory pool wants: the lowest rate that it takes, and what a replacement
// pays for its size on top of all that it evicts.
type RelayFees struct{ Floor, Increment txbuilder.FeeRate }

// RelayOf is a chain that says what its pool wants, where it can.
func RelayOf(c Chain) (Relay, bool) {
	if copied, ok := c.(CopiedChain); ok {
		c = copied.Chain
	}
	p, ok := c.(Relay)
	return p, ok
}

// FeesOf are those of the node, and not below what nodes want by default: it is not the only one
// that is to pass the transaction on.
func FeesOf(ctx context.Context, c Chain) (RelayFees, error) {
	fees := RelayFees{txbuilder.RelayRate, txbuilder.RelayRate}
	if node, ok := RelayOf(c); ok {
		f, err := node.RelayFees(ctx)
		if err != nil {
			return fees, err
		}
		fees = RelayFees{max(fees.Floor, f.Floor), max(fees.Increment, f.Increment)}
	}
	return fees, nil
}

// Least is the rate to begin at: above the floor where that has risen, since it may go on rising
// before the transaction arrives.
func (f RelayFees) Least() txbuilder.FeeRate {
	if f.Floor <= txbuilder.RelayRate {
		return txbuilder.RelayRate
	}
	return min(f.Floor+f.Increment, max(f.Floor, txbuilder.MaxRate))
}

// BroadcastAll sends transactions, parents first, until one is refused.
func BroadcastAll(ctx context.Context, c Chain, txs []*wire.MsgTx) (int, error) {
	if all, ok := c.(Sender); ok {
		return all.BroadcastAll(ctx, txs)
	}
	for i, tx := range txs {
		if err := c.Broadcast(ctx, tx); err != nil {
			return i, err
		}
	}
	return len(txs), nil
}

// Mempool is a Chain that can say at once what its memory pool holds. A Chain need not be one: then
// it is asked about each transaction.
type Mempool interface {
	MempoolTxs(ctx context.Context) ([]chainhash.Hash, error)
}

// Sender is a Chain that can take many transactions at once, parents before children, and then
// records them together. A Chain need not be one.
type Sender interface {
	// BroadcastAll offers transactions until one is refused, and says how many were taken.
	BroadcastAll(ctx context.Context, txs []*wire.MsgTx) (int, error)
}
