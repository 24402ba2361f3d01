package payments

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/payments/paid"
	"blockstack/txbuilder/payments/send"
)

// Payment is a payment that was sent.
type Payment struct {
	send.Sent
	Summary Summary
}

// Pay builds a plan's transaction again from the coins of this moment, signs it, records it, and
// only then sends it. A payment whose fate is unknown stays recorded: it is the same transaction
// that is sent again, never a second one.
//
// Once it was sent, whatever goes wrong is a *SentBut, so that nobody pays again for it, and the
// end of ctx does not keep what it was for from being remembered.
func (s *Service) Pay(ctx context.Context, p *Plan) (*Payment, error) {
	if err := p.open(false); err != nil {
		return nil, err
	}
	done, err := s.cfg.Jobs.Reserve(ctx)
	if err != nil {
		return nil, err
	}
	payment, err := s.pay(ctx, p)
	var but *SentBut
	switch closed := done(); {
	case closed == nil:
	case err == nil:
		err = &SentBut{payment.Txid, "not all about it could be kept", closed}
	case errors.As(err, &but):
		but.Err = errors.Join(but.Err, closed)
	default:
		err = errors.Join(err, closed)
	}
	return payment, err
}

// pay is Pay while the jobs' coins are kept.
func (s *Service) pay(ctx context.Context, p *Plan) (*Payment, error) {
	if err := s.stillNew(ctx, p); err != nil {
		return nil, err
	}
	fresh := *p
	var err error
	if fresh.Tx, err = s.build(ctx, p); err != nil {
		return nil, err
	}
	if fresh.Tx.Fee > p.Tx.Fee || fresh.Amount() != p.Amount() {
		return nil, &CoinsChanged{}
	}
	tx, err := s.sign(ctx, fresh.Tx)
	if err != nil {
		return nil, err
	}
	n, err := s.cfg.Node(ctx)
	if err != nil {
		return nil, err
	}
	payment := &Payment{Summary: fresh.Summary()}
	p.recorded = true
	if payment.Sent, err = send.New(ctx, n, tx, recorded{s.cfg.Book, p.record(s.cfg.Now())}); err != nil {
		return nil, err
	}
	if err := remember(context.WithoutCancel(ctx), s.cfg.Book, tx, p.record(s.cfg.Now())); err != nil {
		return payment, &SentBut{payment.Txid, "not all about it could be kept", err}
	}
	return payment, nil
}

// sign turns a plan into its signed transaction.
func (s *Service) sign(ctx context.Context, plan *txbuilder.Plan) (*wire.MsgTx, error) {
	if err := s.cfg.Wallet.Sign(ctx, plan.Packet); err != nil {
		return nil, err
	}
	return plan.Finish()
}

// stillNew makes sure that no other command has paid the same since the payer agreed, or answered
// the request.
func (s *Service) stillNew(ctx context.Context, p *Plan) error {
	return errors.Join(s.unanswered(ctx, p.Order.Request), noNewTwin(ctx, s.cfg.Past, p, s.cfg.Now()))
}

// unanswered is ErrAnswered when another command has answered a request. What is seen while the
// jobs' coins are kept stays so.
func (s *Service) unanswered(ctx context.Context, request string) error {
	if request == "" {
		return nil
	}
	_, found, err := s.cfg.Past.ByRequest(ctx, request)
	if found {
		return fmt.Errorf("request %s: %w", request, ErrAnswered)
	}
	return err
}

// remember keeps what the chain does not tell: which names a transaction paid, and what it was for.
func remember(ctx context.Context, b Book, tx *wire.MsgTx, r paid.Record) error {
	m := Remembered{Txid: tx.TxHash(), Time: time.Now(), Names: map[string]string{}}
	for _, t := range r.Targets {
		if t.Name != "" {
			m.Names[t.Name] = t.Address
		}
		if t.Label == "" {
			continue
		}
		l := Label{Output: -1, Text: t.Label}
		if len(r.Targets) > 1 {
			l.Output = outputOf(tx, t.Script, -1)
		}
		m.Labels = append(m.Labels, l)
	}
	return b.Remember(ctx, m)
}

// recorded keeps the transaction of a payment with what it is for.
type recorded struct {
	book   Book
	record paid.Record
}

// Add keeps a payment before it is sent.
func (b recorded) Add(ctx context.Context, tx *wire.MsgTx) error {
	return b.book.Record(ctx, tx, b.record)
}

// Remove forgets a payment that no node takes.
func (b recorded) Remove(ctx context.Context, tx *wire.MsgTx) error { return b.book.Forget(ctx, tx) }
