package payments

import (
	"context"
	"errors"

	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder/payments/paid"
	"blockstack/txbuilder/payments/send"
)

// Signed are transactions that were signed elsewhere.
type Signed struct {
	Past Past
	Book Book
	Jobs Jobs
	Kept send.Wallet
	// Node opens what they are sent through.
	Node func(ctx context.Context) (send.Node, error)
}

// Deprived lists the unconfirmed payments that a transaction would undo, and that pay somebody else
// what it does not pay him.
func (s *Signed) Deprived(ctx context.Context, tx *wire.MsgTx) ([]paid.Entry, error) {
	history, err := s.Past.History(ctx)
	if err != nil {
		return nil, err
	}
	payments, err := s.Past.Payments(ctx)
	if err != nil {
		return nil, err
	}
	return paid.Deprived(history, payments, tx), nil
}

// Send sends a transaction; ours says that it moves coins of the wallet. If it was prepared here,
// what it was for is remembered, and its coins are held no longer.
func (s *Signed) Send(ctx context.Context, tx *wire.MsgTx, ours bool) (sent send.Sent, err error) {
	n, err := s.Node(ctx)
	if err != nil {
		return sent, err
	}
	done, err := s.Jobs.Reserve(ctx)
	if err != nil {
		return sent, err
	}
	sent, err = s.send(ctx, n, tx, ours)
	return sent, errors.Join(err, done())
}

// send is Send while the jobs' coins are kept.
func (s *Signed) send(ctx context.Context, n send.Node, tx *wire.MsgTx, ours bool) (send.Sent, error) {
	if !ours {
		return send.Foreign(ctx, n, s.Kept, tx)
	}
	sent, err := send.Replacing(ctx, n, s.Kept, tx)
	if err != nil {
		return sent, err
	}
	if err := s.rememberPrepared(context.WithoutCancel(ctx), tx); err != nil {
		return sent, &SentBut{sent.Txid, "not all about it could be kept", err}
	}
	return sent, nil
}

// rememberPrepared keeps what a prepared payment that was sent now was for, and ends the holding of
// its coins.
func (s *Signed) rememberPrepared(ctx context.Context, tx *wire.MsgTx) error {
	r, found, err := s.Book.Sent(ctx, tx)
	if err != nil || !found {
		return err
	}
	return remember(ctx, s.Book, tx, r)
}
