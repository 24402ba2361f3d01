package money

import (
	"context"
	"errors"

	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder/payments/send"
	"blockstack/wallet/chain"
)

// Sender is a connection that transactions are sent through: a node or ordinary peers.
type Sender interface {
	Broadcast(ctx context.Context, tx *wire.MsgTx) (chain.Outcome, error)
}

// Node is a connection as payments see it. At, where it is not nil, is called before and after each
// sending: tests end the process there.
type Node struct {
	Sender
	At func()
}

// Broadcast offers a transaction.
func (n Node) Broadcast(ctx context.Context, tx *wire.MsgTx) (send.Outcome, error) {
	reach(n.At)
	outcome, err := n.Sender.Broadcast(ctx, tx)
	reach(n.At)
	var refused *chain.Refused
	if errors.As(err, &refused) {
		return 0, &send.Refused{Txid: refused.Txid, ByPeers: refused.ByPeers, Err: err}
	}
	if err != nil {
		return 0, err
	}
	switch outcome {
	case chain.Accepted:
		return send.Accepted, nil
	case chain.Offered:
		return send.Offered, nil
	}
	return send.Known, nil
}
