package paying

import (
	"context"
	"fmt"
	"time"

	"blockstack/commands/fault"
	"blockstack/commands/jobrun"
	"blockstack/commands/psbtfile"
	"blockstack/commands/session"
	"blockstack/txbuilder/payments"
)

// A payment that is signed elsewhere: its PSBT is written, and the coins that it spends are held
// until it comes back.

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

// prepare holds the coins of a plan and writes its unsigned transaction.
func (p *paying) prepare(ctx context.Context) error {
	if err := (jobrun.Options{PSBT: p.o.PSBT}).CheckPSBTFile(); err != nil {
		return err
	}
	e, err := p.payments.Prepare(ctx, p.plan, p.o.Hold)
	if err != nil {
		return err
	}
	view := viewPayment(e.Summary)
	view.RequestID = p.o.Order.Request
	if err := writePrepared(p.env, e, p.o.PSBT, view); err != nil {
		return fmt.Errorf("%w; %w", err, p.payments.Drop(ctx, e))
	}
	return nil
}

// writePrepared writes a prepared payment and prints it.
func writePrepared(env *session.Session, e *payments.ForElsewhere, path string, view payView) error {
	view.setHeld(e.Record.Until)
	text, err := psbtfile.Put(env, path, e.Record.PSBT)
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
	return printPayment(env, view)
}
