package txbuilder

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// PaymentRequest asks for a plain payment to any standard output. The payer's change goes to a
// fresh change address, at a random side of the payment.
type PaymentRequest struct {
	Funding
	To     []byte
	Amount btcutil.Amount
	Text   string // what the payment is for, shown in the plan
	// More are paid by the same transaction.
	More []Payee
	// SubtractFee takes the fee out of the amounts, in equal parts.
	SubtractFee bool
	// LockTime is the block after which it may be mined (the function LockTime); 0: any.
	LockTime uint32
	// All sends everything that Funding.Inputs, or else all spendable coins, hold: Amount is
	// ignored and the fee comes out of it.
	All bool
}

// Payee is one who is paid by a payment.
type Payee struct {
	To     []byte
	Amount btcutil.Amount
	Text   string
}

// payees are all who are paid.
func (r *PaymentRequest) payees() []Payee {
	return append([]Payee{{r.To, r.Amount, r.Text}}, r.More...)
}

// amount is what all of them get.
func (r *PaymentRequest) amount() btcutil.Amount {
	sum := r.Amount
	for _, p := range r.More {
		sum += p.Amount
	}
	return sum
}

// Payment plans a payment.
func (b *Builder) Payment(ctx context.Context, r PaymentRequest) (*Plan, error) {
	d := r.outline()
	res, err := fundPayment(ctx, b.funds, r, d)
	if err != nil {
		return nil, fmt.Errorf("payment: %w", err)
	}
	res.mix()
	return b.plan(ctx, d, res)
}

// outline is the payment before coins are chosen.
func (r PaymentRequest) outline() outline {
	return outline{operation: "payment", funding: r.Funding, lockTime: r.LockTime, layout: func([]byte) (*Layout, error) { return paymentLayout(r), nil }}
}

// mix puts the change of a payment at a random side of it.
func (r *result) mix() {
	if n := len(r.layout.Outputs); r.change == n-1 && n > 1 {
		outs, i := r.layout.Outputs, rand.IntN(n)
		outs[i], outs[n-1] = outs[n-1], outs[i]
		r.change = i
	}
}

// paymentLayout is the payments alone; change comes after them.
func paymentLayout(r PaymentRequest) *Layout {
	l := &Layout{Operation: "payment", Change: -1, OpenChange: true}
	for _, p := range r.payees() {
		if p.Text == "" {
			p.Text = "payment"
		}
		l.Outputs = append(l.Outputs, Output{Role: RolePayment, Script: p.To, Value: p.Amount, Text: p.Text})
	}
	return l
}

// checkPayees refuses payees who cannot be paid.
func (r *PaymentRequest) checkPayees() error {
	if r.All && (len(r.More) > 0 || r.SubtractFee) {
		return fmt.Errorf("%w: everything goes to one payee, and the fee comes out of it", ErrBadRequest)
	}
	for _, p := range r.payees() {
		if err := checkStandard("recipient", p.To); err != nil {
			return err
		}
		if p.Amount < 0 || p.Amount > btcutil.MaxSatoshi {
			return fmt.Errorf("%w: a payment of %d satoshi", ErrBadRequest, int64(p.Amount))
		}
		if least := DustLimit(p.To); p.Amount < least && !r.All {
			return &DustAmount{Where: "amount", Amount: p.Amount, Minimum: least}
		}
	}
	return nil
}

// fundPayment chooses the coins of a payment.
func fundPayment(ctx context.Context, w *funds, r PaymentRequest, d outline) (*result, error) {
	if err := d.funding.Rate.check(); err != nil {
		return nil, err
	}
	if err := r.checkPayees(); err != nil {
		return nil, err
	}
	used := make(map[wire.OutPoint]bool)
	var chosen []*coin
	for _, in := range r.Inputs {
		c, err := given(in)
		if err != nil {
			return nil, err
		}
		if used[c.op] {
			return nil, fmt.Errorf("%w: input %s is given twice", ErrBadRequest, c.op)
		}
		used[c.op] = true
		chosen = append(chosen, c)
	}
	d.change = w.changeOnce(ctx)
	var pool []*coin
	if !r.Closed && (!r.All || len(chosen) == 0) {
		var err error
		if pool, _, err = w.spendable(ctx, false, used); err != nil {
			return nil, err
		}
	}
	switch {
	case r.All:
		return sendAll(d, r, append(chosen, pool...))
	case r.SubtractFee:
		return subtractFee(d, r, chosen, pool)
	case len(chosen) > 0:
		return fundFrom(d, chosen, pool)
	}
	return selectCoins(d, r, pool)
}

// fundFrom completes inputs that were given.
func fundFrom(d outline, chosen, pool []*coin) (*result, error) {
	if len(pool) > 0 {
		return choose(d, chosen, pool, 0)
	}
	res, short, err := try(d, chosen)
	if err == nil && short > 0 {
		have := sum(chosen)
		err = &InsufficientFunds{Need: have + short, Have: have}
	}
	return res, err
}

// sendAll spends every coin that is worth spending to one output.
func sendAll(d outline, r PaymentRequest, coins []*coin) (*result, error) {
	l := paymentLayout(r)
	res := &result{layout: l, change: -1}
	res.size.output(r.To)
	for _, c := range coins {
		if c.value > c.cost(d.funding.Rate) {
			res.coins = append(res.coins, c)
			res.size.add(c)
		}
	}
	res.fee = d.fee(res.size.vsize())
	l.Outputs[0].Value = sum(res.coins) - res.fee
	if least := DustLimit(r.To); l.Outputs[0].Value < least {
		return nil, &InsufficientFunds{Need: least + res.fee, Have: sum(res.coins)}
	}
	return res, nil
}
