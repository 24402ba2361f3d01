package send

import (
	"context"
	"errors"
	"slices"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// Wallet keeps signed transactions, also such as replace what is in its books.
type Wallet interface {
	// KeptTxs lists what is kept.
	KeptTxs(ctx context.Context) ([]*wire.MsgTx, error)
	// KeepTx writes a transaction to disk and leaves in the books what it replaces.
	KeepTx(ctx context.Context, tx *wire.MsgTx) error
	// AddTx puts a transaction that was taken into the books.
	AddTx(ctx context.Context, tx *wire.MsgTx) error
	// RemoveTx forgets a transaction that will never be mined.
	RemoveTx(ctx context.Context, txid chainhash.Hash) error
}

// Replacing is New for a transaction that may replace another: what it replaces stays in the books
// until the node has accepted it.
func Replacing(ctx context.Context, n Node, w Wallet, tx *wire.MsgTx) (Sent, error) {
	s := Sent{Txid: tx.TxHash()}
	before, err := isKept(ctx, w, s.Txid)
	if err != nil {
		return s, err
	}
	if err := w.KeepTx(ctx, tx); err != nil {
		return s, err
	}
	outcome, err := n.Broadcast(ctx, tx)
	var refused *Refused
	switch {
	case errors.As(err, &refused) && refused.ByPeers:
		return s, &RefusedByPeers{refused}
	case refused != nil:
		return s, errors.Join(err, w.RemoveTx(context.WithoutCancel(ctx), s.Txid))
	case err != nil:
		return s, unknownFate(ctx, s.Txid, err)
	}
	return s.as(outcome, before), w.AddTx(context.WithoutCancel(ctx), tx)
}

// Foreign sends a transaction that moves nothing of the wallet, so that nothing of it is kept.
func Foreign(ctx context.Context, n Node, w Wallet, tx *wire.MsgTx) (Sent, error) {
	s := Sent{Txid: tx.TxHash()}
	before, err := isKept(ctx, w, s.Txid)
	if err != nil {
		return s, err
	}
	outcome, err := n.Broadcast(ctx, tx)
	if err != nil {
		return s, err
	}
	return s.as(outcome, before), nil
}

// as completes what was sent. Peers do not tell whether they knew it: it was sent before if it was
// kept.
func (s Sent) as(outcome Outcome, kept bool) Sent {
	s.Offered = outcome == Offered
	s.Known = outcome == Known || s.Offered && kept
	return s
}

// isKept says whether a transaction was kept before.
func isKept(ctx context.Context, w Wallet, txid chainhash.Hash) (bool, error) {
	kept, err := w.KeptTxs(ctx)
	return slices.ContainsFunc(kept, func(k *wire.MsgTx) bool { return k.TxHash() == txid }), err
}
