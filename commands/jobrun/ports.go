package jobrun

import (
	"context"
	"errors"

	"blockstack/commands/prompt"
	"blockstack/commands/session"
	"blockstack/home"
	"blockstack/home/unlock"
	"blockstack/txbuilder/registrar"
	"blockstack/txbuilder/registrar/conduct"
	"blockstack/txbuilder/registrar/schedule"
)

// ServiceOf carries requests out for a command: it asks and tells on the terminal.
func ServiceOf(e *session.Session, noMine bool) *conduct.Service {
	return &conduct.Service{
		Engine: engine{engineOf(e), e}, Keys: keys{e}, Blocks: home.JobBlocks{Home: e.Home, NoMine: noMine}, Consent: asker{e}, Teller: teller{e},
		Moved: func(ctx context.Context) (bool, error) {
			rules, err := e.Registry(ctx)
			return err == nil && home.MovedNames(e.Config, rules), err
		},
		Passes:    home.Passes,
		LeftAlone: func(err error) bool { return home.Locked(err) || home.Unanswered(err) || prompt.Unanswered(err) },
		Meant:     &e.Asked,
	}
}

// engineOf is the registrar of the command's home.
func engineOf(e *session.Session) home.JobEngine {
	return home.JobEngine{Home: e.Home, Request: e.JobRequest(ShowEvents(e))}
}

// engine is the registrar for requests: a plan that fails says whose a preorder is, and where the
// money is.
type engine struct {
	home.JobEngine
	e *session.Session
}

// Plan says what a request would do.
func (g engine) Plan(ctx context.Context, req registrar.Request) (*registrar.Estimate, error) {
	est, err := Plan(ctx, g.e, req)
	if err != nil {
		if w, werr := g.e.Wallet(ctx); werr == nil {
			err = session.ExplainFunds(ctx, g.e, w, err)
		}
	}
	return est, err
}

// Plan says what a request would do.
func Plan(ctx context.Context, e *session.Session, req registrar.Request) (*registrar.Estimate, error) {
	est, err := engineOf(e).Plan(ctx, req)
	return est, NameOwner(ctx, e, err)
}

// keys are the keys of the command's wallet.
type keys struct{ e *session.Session }

// WatchOnly reports whether the wallet has none.
func (k keys) WatchOnly(ctx context.Context) (bool, error) {
	w, err := k.e.Wallet(ctx)
	return err == nil && w.WatchOnly(), err
}

// Unlock makes the wallet sign.
func (k keys) Unlock(ctx context.Context) error {
	w, err := k.e.Wallet(ctx)
	if err != nil {
		return err
	}
	if err := k.e.Keys.Unlock(ctx, w); errors.Is(err, prompt.ErrNobody) || errors.Is(err, unlock.ErrNobody) {
		return nobody{err}
	} else if err != nil {
		return err
	}
	return nil
}

// Copies makes the copies of the journal readable.
func (k keys) Copies(ctx context.Context) (bool, error) {
	w, err := k.e.Wallet(ctx)
	if err != nil || k.e.Said.NoInput && !k.e.Keys.HasPassword() {
		return false, err
	}
	return true, k.e.Keys.UnlockHere(ctx, w)
}

// nobody is the fault of a question for the password that nobody could be asked.
type nobody struct{ error }

// Unwrap is the fault.
func (n nobody) Unwrap() error { return n.error }

// Is says that nobody could be asked.
func (nobody) Is(target error) bool { return target == conduct.ErrNobody }

// terms are what the options say of how a request is carried out.
func (o Options) terms(e *session.Session) conduct.Terms {
	until := map[string]schedule.Until{WaitNone: schedule.Recorded, WaitBroadcast: schedule.Sent, WaitConfirmed: schedule.Mined, WaitDone: schedule.Over}
	return conduct.Terms{DryRun: o.DryRun, RateGiven: o.FeeRate != "", Until: until[o.Until(e.Config)], Timeout: o.Timeout}
}
