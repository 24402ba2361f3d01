package paying

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/commands/faults"
	"blockstack/commands/jobrun"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/home"
	"blockstack/names"
	"blockstack/names/index"
	"blockstack/txbuilder/payments"
	"blockstack/txbuilder/payments/bills"
	"blockstack/wallet"
)

// runPay pays.
func runPay(ctx context.Context, env *session.Session, o payOptions) error {
	if w, err := env.Wallet(ctx); err == nil && w.WatchOnly() && o.PSBT == "" && !o.DryRun {
		return fmt.Errorf("pay: %w", wallet.ErrNoKeychain)
	}
	var err error
	if o.Order.Bills, err = o.readBills(env.In); err != nil {
		return err
	}
	p := &paying{env: env, o: o}
	if o.Order.Request != "" {
		if err := p.open(ctx, true); err != nil {
			return err
		}
		if done, err := p.again(ctx); done || err != nil {
			return p.explain(ctx, err)
		}
	}
	err = p.anew(ctx)
	if err != nil && o.Order.Request != "" && (p.plan == nil || !p.plan.Recorded()) {
		err = p.answeredMeanwhile(ctx, err)
	}
	return p.explain(ctx, err)
}

// paying is a payment under way.
type paying struct {
	env      *session.Session
	o        payOptions
	wallet   *wallet.Wallet
	payments *payments.Service
	plan     *payments.Plan
}

// open opens the wallet, at the tip of the chain if that is wanted.
func (p *paying) open(ctx context.Context, synced bool) (err error) {
	if synced {
		p.wallet, err = p.env.SyncedWallet(ctx)
	} else {
		p.wallet, err = p.env.Wallet(ctx)
	}
	if err != nil {
		return err
	}
	p.payments, err = session.PaymentsOf(p.env, p.wallet)
	return err
}

// anew makes a payment that no request was answered with yet.
func (p *paying) anew(ctx context.Context) error {
	env, o := p.env, &p.o
	if err := p.open(ctx, false); err != nil {
		if without := p.withoutWallet(ctx); without != nil { // no wallet helps
			return without
		}
		return err
	}
	payees, err := p.payees(ctx, o.Order)
	if err != nil {
		return err
	}
	if o.Order.Rate, err = session.ChosenRate(ctx, env, o.FeeRate, o.Blocks); err != nil {
		return err
	}
	if err := p.open(ctx, true); err != nil {
		return err
	}
	if p.plan, err = p.payments.Plan(ctx, o.Order, payees); err != nil {
		return err
	}
	warnOfNewPayees(env, p.plan.Payees)
	view := viewPayment(p.plan.Summary())
	view.RequestID = o.Order.Request
	if o.DryRun {
		view.DryRun = true
		return printPayment(env, view)
	}
	if err := agreeToPlan(ctx, env, p.plan); err != nil {
		return err
	}
	if o.PSBT != "" {
		return p.prepare(ctx)
	}
	if err := p.confirm(ctx); err != nil {
		return err
	}
	if err := env.Keys.Unlock(ctx, p.wallet); err != nil {
		return err
	}
	return p.send(ctx)
}

// withoutWallet is what stops a payment before a wallet is missed: a name that cannot be paid, or
// no node to ask.
func (p *paying) withoutWallet(ctx context.Context) error {
	o := &p.o
	if !slices.ContainsFunc(o.Order.Bills, isForName) {
		_, err := session.ChosenRate(ctx, p.env, o.FeeRate, o.Blocks)
		return err
	}
	return p.env.WithIndex(ctx, func(x *index.Index) error {
		l, err := p.env.Home.Lookup(x, true)
		if err != nil {
			return err
		}
		for _, b := range o.Order.Bills {
			n, err := names.Parse(b.Target)
			if err != nil {
				continue // an address
			}
			if _, err := l.Payee(ctx, n); err != nil {
				return err
			}
		}
		return nil
	})
}

// payees finds out who is paid, and asks what has to be decided about it.
func (p *paying) payees(ctx context.Context, o payments.Order) ([]payments.Payee, error) {
	list, err := p.find(ctx, o)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if err := decidePayee(ctx, p.env, p.payments, &list[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// find finds out who is paid. The index is opened once for a list, not for each of its names.
func (p *paying) find(ctx context.Context, o payments.Order) (list []payments.Payee, err error) {
	if !slices.ContainsFunc(o.Bills, isForName) {
		return p.payments.Payees(ctx, o)
	}
	err = p.env.WithIndex(ctx, func(*index.Index) error {
		list, err = p.payments.Payees(ctx, o)
		return err
	})
	return list, err
}

// isForName says whether a bill is to be paid to a name.
func isForName(b bills.Bill) bool {
	_, err := names.Parse(b.Target)
	return err == nil
}

// confirm shows a plan and asks whether it is to be paid.
func (p *paying) confirm(ctx context.Context) error {
	env, sum := p.env, p.plan.Summary()
	for i := range sum.Payees {
		env.Out.Note("%s to %s", voice.BTC(sum.Payees[i].Amount), &p.plan.Payees[i])
	}
	env.Out.Note("%s in all, fee %s (%s)", voice.BTC(p.plan.Tx.Total()), voice.BTC(sum.Fee), sum.Rate)
	if err := env.Confirm(ctx, "Pay it"); err != nil {
		return err
	}
	return agreeToUncertain(ctx, env, p.plan)
}

// send sends a plan that was agreed to, and waits for its block where that is wanted.
func (p *paying) send(ctx context.Context) error {
	sent, err := p.payments.Pay(ctx, p.plan)
	if err != nil {
		return err
	}
	session.Offered(p.env, sent.Offered)
	view := viewPayment(sent.Summary)
	view.RequestID, view.AlreadyKnown, view.State = p.o.Order.Request, sent.Known, "sent"
	view.setTxid(sent.Txid.String())
	return p.await(ctx, sent.Txid, view)
}

// await waits for a block with the payment when that is wanted, and prints it.
func (p *paying) await(ctx context.Context, txid chainhash.Hash, view payView) error {
	until := p.o.Wait
	if until == "" && p.env.Config.Network == "sandbox" {
		until = jobrun.WaitConfirmed
	}
	if until == jobrun.WaitConfirmed {
		height, err := p.block(ctx, txid)
		if err != nil {
			return &payments.SentBut{Txid: txid, Doing: "waiting for its block", Err: err}
		}
		view.Height, view.State = &height, "confirmed"
	}
	return printPayment(p.env, view)
}

// block waits for the block of a transaction. Meanwhile others can use what this command had open.
func (p *paying) block(ctx context.Context, txid chainhash.Hash) (int32, error) {
	for {
		n, err := p.env.Bitcoin(ctx)
		if err != nil {
			return 0, err
		}
		_, tip, err := n.Tip(ctx)
		if err != nil {
			return 0, err
		}
		if err := home.SyncQuietly(ctx, p.wallet, n); err != nil {
			return 0, err
		}
		height, found, err := p.payments.Height(ctx, txid)
		if err != nil || found {
			return height, err
		}
		if err := p.env.NextMoneyBlock(ctx, n, tip, p.o.NoMine); err != nil {
			return 0, err
		}
	}
}

// explain says what the user is told about an error of a payment.
func (p *paying) explain(ctx context.Context, err error) error {
	if err == nil || p.wallet == nil {
		return err
	}
	var but *payments.SentBut
	if errors.As(err, &but) {
		return faults.SentBut(ctx, but)
	}
	return session.ExplainFunds(ctx, p.env, p.wallet, err)
}
