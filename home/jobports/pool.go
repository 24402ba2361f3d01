package jobports

import (
	"context"
	"errors"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet/chain"
)

// maxPool is how many unconfirmed transactions are looked through. A node is asked for each by
// itself, so a full memory pool of a public network is left alone, and the plan says that nobody
// looked.
const maxPool = 2000

// Unconfirmed lists the transactions of the node's memory pool.
func (c Chain) Unconfirmed(ctx context.Context) (txs []*wire.MsgTx, complete bool, err error) {
	whole, err := c.Node.PoolLoaded(ctx)
	if err != nil {
		return nil, false, err
	}
	ids, err := c.Node.MempoolTxs(ctx)
	if err != nil || len(ids) > maxPool {
		return nil, false, err
	}
	for _, id := range ids {
		if tx := c.pooled[id]; tx != nil {
			txs = append(txs, tx)
			continue
		}
		tx, err := c.Node.Tx(ctx, id)
		switch {
		case errors.Is(err, chain.ErrTxNotFound), errors.Is(err, chain.ErrNoTxIndex):
			continue // it has left the pool meanwhile
		case errors.Is(err, chain.ErrCannotTell):
			whole = false
			continue
		}
		if err != nil {
			return nil, false, err
		}
		c.pooled[id] = tx
		txs = append(txs, tx)
	}
	return txs, whole, nil
}

// refusal is a node's refusal in the words of jobs; other errors stay what they are.
func refusal(err error) error {
	var no *chain.Refused
	if !errors.As(err, &no) {
		return err
	}
	class := registrar.RefusedOther
	switch no.Code {
	case chain.InsufficientFee:
		class = registrar.RefusedFee
	case chain.NoRoom:
		class = registrar.RefusedRow
	case chain.MissingInputs, chain.Conflict:
		class = registrar.RefusedCoins
	}
	return &registrar.Refused{Txid: no.Txid, Class: class, Reason: no.Reason}
}

// RelayFees is what the node's memory pool wants.
func (c Chain) RelayFees(ctx context.Context) (registrar.RelayFees, error) {
	f, err := c.Node.RelayFees(ctx)
	return registrar.RelayFees{Floor: txbuilder.FeeRate(f.Floor), Increment: txbuilder.FeeRate(f.Increment)}, err
}

// HangingFees is what hangs unconfirmed on a transaction.
func (c Chain) HangingFees(ctx context.Context, txid chainhash.Hash) (btcutil.Amount, error) {
	return c.Node.HangingFees(ctx, txid)
}
