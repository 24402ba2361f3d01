package commands

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/commands/fault"
	"blockstack/commands/voice"
	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/wallet"
	"blockstack/wallet/coins"
	"blockstack/wallet/labels"
)

// A payment that is signed elsewhere: its PSBT is written, and the coins that it spends are held until it comes back.

const (
	holdDefault = 24 * time.Hour
	holdLeast   = time.Minute
	holdMost    = 30 * 24 * time.Hour
)

// checkHold refuses a --hold that is no sensible time.
func checkHold(d time.Duration) error {
	if d < holdLeast || d > holdMost {
		return fault.Usage("--hold %s is not in %s..%s", d, holdLeast, holdMost)
	}
	return nil
}

// preparePayment plans a payment again from the coins of this moment, holds them, and writes its unsigned transaction with what an
// offline wallet needs to sign it.
func preparePayment(ctx context.Context, env *Env, w *wallet.Wallet, p *payment, view *payView) error {
	if err := (jobOptions{PSBT: p.PSBT}).checkPSBTFile(); err != nil {
		return err
	}
	r, err := holdPayment(ctx, env, w, p, view)
	if err != nil {
		return err
	}
	if err := writePrepared(env, r.PSBT, p.PSBT, view); err != nil {
		return fmt.Errorf("%w; %w", err, w.Payments().Drop(context.WithoutCancel(ctx), *r))
	}
	return nil
}

// holdPayment is preparePayment up to the file.
func holdPayment(ctx context.Context, env *Env, w *wallet.Wallet, p *payment, view *payView) (r *labels.PaymentRecord, err error) {
	done, err := env.Reservations(ctx, w)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, done()) }()
	if err := errors.Join(unanswered(ctx, w, p.RequestID), noNewTwin(ctx, env, w, p)); err != nil {
		return nil, err
	}
	plan, fresh, err := buildPayment(ctx, env, w, p)
	if err != nil {
		return nil, err
	}
	if err := w.Annotate(ctx, plan.Packet); err != nil {
		return nil, err
	}
	*view = fresh
	record := p.record()
	record.Tx, record.Until = plan.Packet.UnsignedTx, time.Now().Add(p.Hold)
	if record.PSBT, err = txbuilder.EncodePacket(plan.Packet); err != nil {
		return nil, err
	}
	p.Recorded = true
	if err := w.Payments().Prepare(ctx, record); err != nil {
		return nil, err
	}
	view.setHeld(record.Until)
	return &record, nil
}

// setHeld says until when the coins are held.
func (v *payView) setHeld(until time.Time) {
	text := voice.Time(until)
	v.HeldUntil, v.State = &text, "prepared"
}

// writePrepared writes a prepared payment and prints it.
func writePrepared(env *Env, raw []byte, path string, view *payView) error {
	text, err := env.putPSBT(path, raw)
	if err != nil {
		return err
	}
	env.Out.Note("its coins are held until %s; to use them before that, release what is listed by: blockstack wallet coins --reserved", *view.HeldUntil)
	if text != "" && !env.Out.JSON() {
		return nil
	}
	view.PSBT = path
	if text != "" {
		view.PSBT = text
	}
	return printPayment(env, *view)
}

// prepareAgain writes a payment again that was prepared for the same request and was never sent.
func prepareAgain(ctx context.Context, env *Env, w *wallet.Wallet, p *labels.PaymentRecord, o payOptions) error {
	txid := p.Tx.TxHash()
	switch {
	case o.DryRun:
	case o.PSBT == "":
		return fault.New("conflict", "the request %s was prepared to be signed elsewhere, and was not sent", voice.Clean(o.RequestID)).
			Hint("write it again: the same command with --psbt FILE").Detail("unsigned_txid", txid.String())
	default:
		if err := (jobOptions{PSBT: o.PSBT}).checkPSBTFile(); err != nil {
			return err
		}
	}
	f, err := parsePSBT(p.PSBT)
	if err != nil {
		return err
	}
	r, err := w.Inspect(ctx, f.Packet)
	if err != nil {
		return err
	}
	if err := checkPrepared(p, f.Packet.UnsignedTx, r); err != nil {
		return err
	}
	if err := env.checkPreparedNames(ctx, p, o); err != nil {
		return err
	}
	if !o.DryRun {
		p.Until = time.Now().Add(o.Hold)
		if err := w.Payments().Renew(ctx, *p, p.Until); err != nil {
			return err
		}
	}
	view := viewAgain(p, &coins.Entry{Txid: txid, Tx: p.Tx, Height: -1, Fee: r.Fee, FeeKnown: r.FeeKnown})
	view.Txid, view.Txids = "", []string{}
	if size, ok := txbuilder.SignedSize(f.Packet); ok && r.FeeKnown {
		view.VSize, view.FeeRate = size, rateText(txbuilder.RateOf(r.Fee, size))
	}
	view.setHeld(p.Until)
	if o.DryRun {
		view.DryRun, view.PSBT = true, base64.StdEncoding.EncodeToString(p.PSBT)
		return printPayment(env, view)
	}
	return writePrepared(env, p.PSBT, o.PSBT, &view)
}

// rememberPrepared keeps what a prepared payment that was sent now was for, and ends the holding of its coins.
func rememberPrepared(ctx context.Context, w *wallet.Wallet, tx *wire.MsgTx) error {
	p, found, err := w.Payments().Sent(ctx, tx)
	if err != nil || !found {
		return err
	}
	var payees []payee
	for _, t := range p.Targets {
		q := payee{Address: t.Address, Script: t.Script, Amount: t.Amount, Label: t.Label}
		if t.Name != "" {
			if q.Name, err = names.Parse(t.Name); err != nil {
				return err
			}
		}
		payees = append(payees, q)
	}
	return remember(ctx, w, tx, payees)
}

// checkPrepared makes sure that what was prepared pays its targets what was asked for, and the rest back to ourselves: the row
// that it is read from may have been written by another program.
func checkPrepared(p *labels.PaymentRecord, tx *wire.MsgTx, r *wallet.Inspection) error {
	left := make(map[string]btcutil.Amount)
	all := make(map[string]bool)
	for _, t := range p.Targets {
		left[string(t.Script)] += t.Amount
		all[string(t.Script)] = all[string(t.Script)] || t.Max
	}
	changed := tx.TxHash() != p.Tx.TxHash()
	for _, out := range r.Outputs {
		script := string(out.Script)
		if left[script] -= out.Amount; out.Ours && left[script] < 0 {
			left[script] = 0
		}
		changed = changed || left[script] < 0 && !all[script]
	}
	if changed {
		return fault.New("damaged", "what this home remembers of the request %s pays somebody else, too; it is not handed out", voice.Clean(p.Request)).
			Hint("see which coins it holds, and let them go one by one: blockstack wallet coins --reserved").Hint("pay with another request id")
	}
	return nil
}

// checkPreparedNames asks when a name is paid elsewhere now than what was prepared pays it.
func (e *Env) checkPreparedNames(ctx context.Context, p *labels.PaymentRecord, o payOptions) error {
	for _, t := range p.Targets {
		if t.Name == "" {
			continue
		}
		now, err := e.findPayees(ctx, []bill{{Target: t.Name, Amount: t.Amount, All: t.Max}}, o)
		if err != nil {
			return err
		}
		if bytes.Equal(now[0].Script, t.Script) {
			continue
		}
		act := fmt.Sprintf("hand out a payment that pays %s at %s, not at %s as it would be now", t.Name, e.addressOf(t.Script), now[0].Address)
		if err := e.ConfirmDangerous(ctx, act, t.Name); err != nil {
			return err
		}
	}
	return nil
}
