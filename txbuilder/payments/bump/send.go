package bump

import (
	"context"
	"errors"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder/payments"
	"blockstack/txbuilder/payments/paid"
	"blockstack/txbuilder/payments/send"
)

// Pay signs a plan, records it and sends it. The names and the label of what is replaced become
// those of the replacement.
func (s *Service) Pay(ctx context.Context, w *Waiting, p *Plan) (send.Sent, error) {
	if err := s.cfg.Wallet.Sign(ctx, p.Tx.Packet); err != nil {
		return send.Sent{}, err
	}
	tx, err := p.Tx.Finish()
	if err != nil {
		return send.Sent{}, err
	}
	return s.send(ctx, w, tx, p.Method)
}

// Resend sends the replacement that was signed before.
func (s *Service) Resend(ctx context.Context, w *Waiting) (send.Sent, error) {
	return s.send(ctx, w, w.Signed.Tx, Replacement)
}

// send records and sends.
func (s *Service) send(ctx context.Context, w *Waiting, tx *wire.MsgTx, m Method) (send.Sent, error) {
	n, err := s.cfg.Node(ctx)
	if err != nil {
		return send.Sent{}, err
	}
	done, err := s.cfg.Jobs.Reserve(ctx)
	if err != nil {
		return send.Sent{}, err
	}
	sent, err := send.Replacing(ctx, n, s.cfg.Kept, tx)
	var strangers *send.RefusedByPeers
	if errors.As(err, &strangers) {
		// Nothing is lost with it: it pays nobody else, or the same payees with the same coins.
		err = errors.Join(strangers.Refused, s.cfg.Kept.RemoveTx(context.WithoutCancel(ctx), tx.TxHash()))
	}
	if err = errors.Join(err, done()); err != nil || m != Replacement {
		return sent, err
	}
	return sent, s.inherit(context.WithoutCancel(ctx), &w.Entry, tx.TxHash()) // it is sent: what belongs to it is kept, too
}

// inherit makes what is remembered of a transaction that of its replacement.
func (s *Service) inherit(ctx context.Context, old *paid.Entry, txid chainhash.Hash) error {
	names, err := s.cfg.Past.Names(ctx)
	if err != nil {
		return err
	}
	r := payments.Remembered{Txid: txid, Time: time.Now(), Names: map[string]string{}}
	for address, name := range names[old.Txid] {
		r.Names[name] = address
	}
	if old.Label != "" {
		r.Labels = []payments.Label{{Output: -1, Text: old.Label}}
	}
	return s.cfg.Book.Remember(ctx, r)
}
