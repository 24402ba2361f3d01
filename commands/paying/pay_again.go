package paying

import (
	"context"
	"encoding/base64"
	"fmt"

	"blockstack/commands/jobrun"
	"blockstack/commands/voice"
	"blockstack/txbuilder/payments"
)

// again answers a request that was answered before: with the same transaction, which is sent again
// where it is in no block. done is false when nothing is known of the request.
func (p *paying) again(ctx context.Context) (done bool, err error) {
	a, err := p.payments.Answer(ctx, p.o.Order, p.o.DryRun)
	switch {
	case err != nil:
		return false, err
	case a == nil:
		return false, p.noteForgotten(ctx)
	case a.State == payments.Prepared:
		return true, p.prepareAgain(ctx, a)
	case a.State == payments.Recorded:
		txid := a.Txid().String()
		return true, printPayment(p.env, payView{DryRun: true, State: string(a.State), Txid: txid, Txids: []string{txid}})
	}
	return true, p.show(ctx, a)
}

// noteForgotten says that a request may have been answered before what this home knows.
func (p *paying) noteForgotten(ctx context.Context) error {
	at, forgot, err := p.payments.Forgotten(ctx)
	if forgot {
		p.env.Out.Note("this home was restored on %s and may not know what was paid before that; it does not know this request id", voice.Time(at))
	}
	return err
}

// answeredMeanwhile answers a request that another command has answered while this one was at it:
// with the transaction of that one, as the same command a moment later would. Whatever stopped this
// one (err) is that other payment's doing, or no longer matters. Without such an answer err stands.
func (p *paying) answeredMeanwhile(ctx context.Context, err error) error {
	if ctx.Err() != nil || p.open(ctx, false) != nil {
		return err
	}
	if known, e := p.payments.Known(ctx, p.o.Order.Request); e != nil || !known {
		return err
	}
	done, e := p.again(ctx)
	if !done && e == nil {
		return err
	}
	return e
}

// show prints a payment that was made before, after sending it again where it is in no block.
func (p *paying) show(ctx context.Context, a *payments.Answer) error {
	view := viewAnswer(a)
	p.env.Out.Note("this request was paid on %s, with transaction %s; nothing is paid again", voice.Time(a.Record.Time), a.Txid())
	if p.o.DryRun {
		view.DryRun = true
		return printPayment(p.env, view)
	}
	if a.State == payments.Confirmed {
		return printPayment(p.env, view)
	}
	if err := p.payments.SendAgain(ctx, a); err != nil {
		return err
	}
	return p.await(ctx, a.Txid(), view)
}

// prepareAgain writes a payment again that was prepared for the same request and was never sent.
func (p *paying) prepareAgain(ctx context.Context, a *payments.Answer) error {
	switch {
	case p.o.DryRun:
	case p.o.PSBT == "":
		return &payments.WaitsForSignature{ID: p.o.Order.Request, Unsigned: a.Txid()}
	default:
		if err := (jobrun.Options{PSBT: p.o.PSBT}).CheckPSBTFile(); err != nil {
			return err
		}
	}
	e, err := p.payments.PreparedAgain(ctx, a)
	if err != nil {
		return err
	}
	if err := p.agreeToMoved(ctx, e); err != nil {
		return err
	}
	view := viewPayment(e.Summary)
	view.AlreadyKnown, view.RequestID = true, a.Record.Request
	if p.o.DryRun {
		view.setHeld(e.Record.Until)
		view.DryRun, view.PSBT = true, base64.StdEncoding.EncodeToString(e.Record.PSBT)
		return printPayment(p.env, view)
	}
	if err := p.payments.Renew(ctx, e, p.o.Hold); err != nil {
		return err
	}
	return writePrepared(p.env, e, p.o.PSBT, view)
}

// agreeToMoved asks when a name is paid elsewhere now than what was prepared pays it.
func (p *paying) agreeToMoved(ctx context.Context, e *payments.ForElsewhere) error {
	o := payments.NamesOf(e)
	o.ToOwner = p.o.Order.ToOwner
	payees, err := p.payees(ctx, o)
	if err != nil {
		return err
	}
	for _, m := range p.payments.MovedSince(e, payees) {
		act := fmt.Sprintf("hand out a payment that pays %s at %s, not at %s as it would be now", m.Name, m.Was, m.Now)
		if err := p.env.ConfirmDangerous(ctx, act, m.Name); err != nil {
			return err
		}
	}
	return nil
}
