package payments

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/payments/paid"
)

// Plan is a payment that can be looked at: its transaction, unsigned, and what the payer has to
// agree to.
type Plan struct {
	Order  Order
	Payees []Payee
	Tx     *txbuilder.Plan
	// Concerns are what the payer has to agree to, in the order in which he is asked.
	Concerns []Concern

	from     choice
	agreed   []Concern
	twin     chainhash.Hash // an earlier payment of the same; zero: there is none
	recorded bool
}

// Agree notes that the payer agrees to one of the concerns.
func (p *Plan) Agree(c Concern) { p.agreed = append(p.agreed, c) }

// Recorded says whether the payment is on disk, or may be: another command with its request finds
// it.
func (p *Plan) Recorded() bool { return p.recorded }

// Amount is what the payees get.
func (p *Plan) Amount() btcutil.Amount { return p.Tx.Total() - p.Tx.Fee }

// Cost is the fee beside what is paid.
func (p *Plan) Cost() txbuilder.Cost { return txbuilder.Cost{Fee: p.Tx.Fee, Moved: p.Amount()} }

// open refuses what the payer has not agreed to. What is signed elsewhere asks nothing about
// uncertain owners.
func (p *Plan) open(elsewhere bool) error {
	var list []Concern
	for _, c := range p.Concerns {
		if _, uncertain := c.(*Uncertain); !slices.Contains(p.agreed, c) && !(uncertain && elsewhere) {
			list = append(list, c)
		}
	}
	if len(list) > 0 {
		return &NeedsApproval{list}
	}
	return nil
}

// record is what is remembered of a payment.
func (p *Plan) record(now time.Time) paid.Record {
	r := paid.Record{Request: p.Order.Request, Time: now, SubtractFee: p.Order.SubtractFee}
	for _, q := range p.Payees {
		t := paid.Target{Address: q.Address, Script: q.Script, Amount: q.Amount, Max: q.All, Label: q.Label}
		if !q.Name.IsZero() {
			t.Name = q.Name.String()
		}
		r.Targets = append(r.Targets, t)
	}
	return r
}

// Plan makes the transaction of a payment, unsigned, and holds it to what it may cost.
func (s *Service) Plan(ctx context.Context, o Order, payees []Payee) (*Plan, error) {
	p := &Plan{Order: o}
	var err error
	if p.Payees, err = s.settle(ctx, payees); err != nil {
		return nil, err
	}
	if p.from, err = choose(ctx, o.From, s.cfg.Wallet, s.cfg.Names); err != nil {
		return nil, err
	}
	if err := s.holding(ctx, func() (err error) {
		p.Tx, err = s.build(ctx, p)
		return err
	}); err != nil {
		return nil, err
	}
	p.Concerns, err = concernsOf(ctx, s.cfg.Past, p, s.cfg.Now())
	return p, err
}

// build makes the transaction of a plan from the coins of this moment, while the jobs' coins are
// kept.
func (s *Service) build(ctx context.Context, p *Plan) (*txbuilder.Plan, error) {
	tip, err := s.cfg.Wallet.Tip(ctx)
	if err != nil {
		return nil, err
	}
	source, funding, err := p.from.funding(ctx, s.cfg.Wallet)
	if err != nil {
		return nil, err
	}
	b, err := txbuilder.New(txbuilder.Config{Net: s.cfg.Net, Coins: source, Height: tip.Height})
	if err != nil {
		return nil, err
	}
	funding.Rate = p.Order.Rate
	r := txbuilder.PaymentRequest{Funding: funding, All: p.Order.all(), SubtractFee: p.Order.SubtractFee,
		LockTime: txbuilder.LockTime(tip.Height, tip.Time, s.cfg.Now())}
	for i := range p.Payees {
		q := &p.Payees[i]
		text := fmt.Sprintf("payment to %s", q)
		if i == 0 {
			r.To, r.Amount, r.Text = q.Script, q.Amount, text
			continue
		}
		r.More = append(r.More, txbuilder.Payee{To: q.Script, Amount: q.Amount, Text: text})
	}
	tx, err := b.Payment(ctx, r)
	if err != nil {
		return nil, err
	}
	return tx, WithinBudget(tx.Total(), p.Order.Most)
}
