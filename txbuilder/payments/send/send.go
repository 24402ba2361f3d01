package send

import (
	"context"
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/wire/v2"
)

// Book keeps a transaction on disk before it is sent, and forgets it when no node takes it.
type Book interface {
	Add(ctx context.Context, tx *wire.MsgTx) error
	Remove(ctx context.Context, tx *wire.MsgTx) error
}

// New writes a transaction that was just signed into a book and sends it.
func New(ctx context.Context, n Node, tx *wire.MsgTx, book Book) (Sent, error) {
	s := Sent{Txid: tx.TxHash()}
	if err := book.Add(ctx, tx); err != nil {
		err = fmt.Errorf("record %s before it is sent: %w", s.Txid, err)
		if book.Remove(context.WithoutCancel(ctx), tx) != nil { // a part of it may be on disk, and is sent then
			return s, unknownFate(ctx, s.Txid, err)
		}
		return s, err
	}
	outcome, err := n.Broadcast(ctx, tx)
	var refused *Refused
	switch {
	case errors.As(err, &refused) && refused.ByPeers:
		return s, &RefusedByPeers{refused}
	case refused != nil:
		return s, errors.Join(err, book.Remove(context.WithoutCancel(ctx), tx))
	case err != nil:
		return s, unknownFate(ctx, s.Txid, err)
	}
	s.Known, s.Offered = outcome == Known, outcome == Offered
	return s, nil
}
