package money

import (
	"context"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/payments/bump"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet/chain"
)

// pooled is a source of transactions that says what its memory pool wants. Ordinary peers are none.
type pooled interface {
	RelayFees(ctx context.Context) (chain.RelayFees, error)
	HangingFees(ctx context.Context, txid chainhash.Hash) (btcutil.Amount, error)
}

// RelayFees is what the memory pool that we send to wants; where that is not known, what nodes want
// by default.
func RelayFees(ctx context.Context, n any) (registrar.RelayFees, error) {
	fees := registrar.RelayFees{Floor: txbuilder.RelayRate, Increment: txbuilder.RelayRate}
	node, ok := n.(pooled)
	if !ok {
		return fees, nil
	}
	f, err := node.RelayFees(ctx)
	return registrar.RelayFees{Floor: max(fees.Floor, txbuilder.FeeRate(f.Floor)), Increment: max(fees.Increment, txbuilder.FeeRate(f.Increment))}, err
}

// Pool is a connection with its memory pool, as bumps see it.
type Pool struct{ Node }

// Fees is what the memory pool wants.
func (p Pool) Fees(ctx context.Context) (bump.Fees, error) {
	f, err := RelayFees(ctx, p.Sender)
	return bump.Fees{Increment: f.Increment, Least: f.Least()}, err
}

// HangingFees is what all unconfirmed descendants of a transaction pay.
func (p Pool) HangingFees(ctx context.Context, txid chainhash.Hash) (btcutil.Amount, error) {
	node, ok := p.Sender.(pooled)
	if !ok {
		return 0, nil
	}
	return node.HangingFees(ctx, txid)
}

// Tx is a transaction of the network, if that is known.
func (p Pool) Tx(ctx context.Context, txid chainhash.Hash) (*wire.MsgTx, bool) {
	asked, ok := p.Sender.(interface {
		Tx(ctx context.Context, txid chainhash.Hash) (*wire.MsgTx, error)
	})
	if !ok {
		return nil, false
	}
	tx, err := asked.Tx(ctx, txid)
	return tx, err == nil
}
