package bump

import (
	"context"
	"errors"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/payments"
	"blockstack/txbuilder/payments/paid"
)

// Method says how a transaction is bumped.
type Method string

// The methods.
const (
	Replacement Method = "replacement"
	Child       Method = "child"
)

// Options say how a transaction is bumped.
type Options struct {
	Rate   txbuilder.FeeRate
	Child  bool            // even where it could be replaced
	Closed bool            // take the higher fee out of the change alone
	Most   *btcutil.Amount // what it may cost more; nil: there is no limit
}

// Plan is a bump that can be looked at.
type Plan struct {
	Method Method
	Why    string // why it cannot be replaced; empty: it can, or nobody wants to
	Tx     *txbuilder.Plan
	Extra  btcutil.Amount // what it costs more
}

// Cost is the fee beside what is paid.
func (p *Plan) Cost() txbuilder.Cost {
	return txbuilder.Cost{Fee: p.Tx.Fee, Moved: p.Tx.Total() - p.Tx.Fee}
}

// Rate is the rate to bump to, which must be higher than what is paid now: a rate that was given is
// refused below that, another one is raised.
func (s *Service) Rate(ctx context.Context, w *Waiting, rate txbuilder.FeeRate, given bool) (txbuilder.FeeRate, error) {
	if !w.Entry.FeeKnown {
		return rate, nil
	}
	n, err := s.cfg.Node(ctx)
	if err != nil {
		return 0, err
	}
	fees, err := n.Fees(ctx)
	if err != nil {
		return 0, err
	}
	now := txbuilder.RateOf(w.Entry.Fee, payments.VSize(w.Entry.Tx))
	switch {
	case rate > now:
		return rate, nil
	case given:
		return 0, &RateTooLow{now}
	}
	return max(now+fees.Increment, fees.Least), nil
}

// Plan chooses how to bump, and plans it.
func (s *Service) Plan(ctx context.Context, w *Waiting, o Options) (*Plan, error) {
	n, err := s.cfg.Node(ctx)
	if err != nil {
		return nil, err
	}
	done, err := s.cfg.Jobs.Reserve(ctx)
	if err != nil {
		return nil, err
	}
	p, err := s.plan(ctx, n, w, o)
	if err = errors.Join(err, done()); err != nil {
		return nil, err
	}
	return p, payments.WithinBudget(p.Extra, o.Most)
}

// plan is Plan while the jobs' coins are kept.
func (s *Service) plan(ctx context.Context, n Node, w *Waiting, o Options) (*Plan, error) {
	tip, err := s.cfg.Wallet.Tip(ctx)
	if err != nil {
		return nil, err
	}
	b, err := txbuilder.New(txbuilder.Config{Net: s.cfg.Net, Coins: s.cfg.Wallet, Height: tip.Height})
	if err != nil {
		return nil, err
	}
	lock := txbuilder.LockTime(tip.Height, tip.Time, time.Now())
	p := &Plan{Method: Replacement}
	if p.Why = cannotReplace(w.history, &w.Entry); o.Child || p.Why != "" {
		p.Method = Child
		p.Tx, err = child(ctx, s.cfg.Wallet, n, b, &w.Entry, payment(o, lock))
	} else {
		p.Tx, err = replacement(ctx, s.cfg.Wallet, n, b, &w.Entry, payment(o, lock))
	}
	if err != nil {
		return nil, err
	}
	p.Extra = p.Tx.Fee
	if p.Method == Replacement {
		p.Extra -= w.Entry.Fee
	}
	return p, nil
}

// payment is what is known of a bump's payment before it is known how it is bumped.
func payment(o Options, lock uint32) txbuilder.PaymentRequest {
	return txbuilder.PaymentRequest{Funding: txbuilder.Funding{Rate: o.Rate, Closed: o.Closed}, LockTime: lock}
}

// cannotReplace says why a transaction cannot be replaced; empty: it can.
func cannotReplace(history []paid.Entry, e *paid.Entry) string {
	if !e.FeeKnown {
		return "it is not yours alone to replace"
	}
	for _, in := range e.Tx.TxIn {
		if in.Sequence > wire.MaxTxInSequenceNum-2 {
			return "it does not signal that it may be replaced"
		}
	}
	for i := range history {
		for _, in := range history[i].Tx.TxIn {
			if in.PreviousOutPoint.Hash == e.Txid {
				return "a later transaction spends what it gave back, and would be lost with it"
			}
		}
	}
	return ""
}
