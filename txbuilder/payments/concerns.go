package payments

import (
	"context"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/payments/paid"
)

// Concern is something that the payer has to agree to before a payment is made: *PayeeChanged,
// *OddFee, *TwinFound or *Uncertain.
type Concern interface{ concern() }

// PayeeChanged says that a name is paid elsewhere than last time.
type PayeeChanged struct{ Payee Payee }

// OddFee says that the fee is out of proportion to what is paid.
type OddFee struct{ Cost txbuilder.Cost }

// TwinFound says that the same was paid before.
type TwinFound struct{ Twin paid.Twin }

// Uncertain says that it is not certain who owns a name that is paid. What is signed elsewhere does
// not ask it.
type Uncertain struct {
	Name  names.Name
	Until int32 // the last height at which it is certain
}

func (*PayeeChanged) concern() {}
func (*OddFee) concern()       {}
func (*TwinFound) concern()    {}
func (*Uncertain) concern()    {}

// concernsOf lists what the payer has to agree to.
func concernsOf(ctx context.Context, past Past, p *Plan, now time.Time) (list []Concern, err error) {
	for _, q := range p.Payees {
		if q.Before != nil {
			list = append(list, &PayeeChanged{q})
		}
	}
	if odd, is := txbuilder.OutOfProportion(p.Cost()); is && !p.Order.RateGiven {
		list = append(list, &OddFee{odd})
	}
	twin, found, err := twinOf(ctx, past, p, now)
	if err != nil {
		return nil, err
	}
	if found {
		p.twin = twin.Txid
		list = append(list, &TwinFound{twin})
	}
	for _, q := range p.Payees {
		if q.ExactUntil != nil {
			list = append(list, &Uncertain{q.Name, *q.ExactUntil})
		}
	}
	return list, nil
}

// twinOf looks for an earlier payment of the same amount to one of the targets. Who gives a request
// id says that it is another one, unless payments may have been made that this home has forgotten.
func twinOf(ctx context.Context, past Past, p *Plan, now time.Time) (t paid.Twin, ok bool, err error) {
	begins, whole, err := past.Begins(ctx)
	if err != nil || p.Order.Request != "" && whole {
		return t, false, err
	}
	var m paid.Memory
	if m.History, err = past.History(ctx); err != nil {
		return t, false, err
	}
	if m.Payments, err = past.Payments(ctx); err != nil {
		return t, false, err
	}
	if m.Names, err = past.Names(ctx); err != nil {
		return t, false, err
	}
	if targets := p.record(now).Targets; p.Order.Request == "" {
		t, ok = m.Twin(targets, now)
	} else {
		t, ok = m.Lost(targets, begins, now)
	}
	return t, ok, nil
}

// noNewTwin makes sure that no other command has paid the same since the payer agreed.
func noNewTwin(ctx context.Context, past Past, p *Plan, now time.Time) error {
	t, found, err := twinOf(ctx, past, p, now)
	if err != nil || !found || t.Txid == p.twin && p.twin != (chainhash.Hash{}) {
		return err
	}
	return &PaidMeanwhile{t}
}
