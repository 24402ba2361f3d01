package commands

import (
	"context"
	"errors"

	"blockstack/commands/profiles"
	"blockstack/commands/voice"
	"blockstack/home"
	"blockstack/home/config"
	"blockstack/names/index"
	"blockstack/profile/lookup"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet"
)

// teller is the Printer as the home tells things to it.
type teller struct{ *voice.Printer }

// Meter begins to show how far something long has come.
func (t teller) Meter(phase, unit string) home.Meter { return t.Progress(phase, unit) }

// keysWithoutQuestions opens the keys of the wallet where nobody has to be asked.
type keysWithoutQuestions struct{ env *Env }

// Open tries the password that the configuration gives, else what the keyring of the system has.
func (k keysWithoutQuestions) Open(ctx context.Context, w *wallet.Wallet) (bool, error) {
	if k.env.HasPassword() {
		return true, k.env.unlockWith(ctx, w)
	}
	return k.env.useKeyring(ctx, w)
}

// use makes the home that a configuration describes the one of the command, until it ends.
func (e *Env) use(cfg *config.Config) {
	e.Home = home.New(cfg, teller{e.Out}, keysWithoutQuestions{e}, e.given)
	e.OnClose(e.Home.Close)
}

// untilClosed keeps what the command has leased until it ends.
type untilClosed[T any] struct {
	value   T
	release func() error // nil: it is not leased
}

// get leases it when it is not yet.
func (u *untilClosed[T]) get(ctx context.Context, lease func(context.Context) (T, func() error, error)) (T, error) {
	if u.release != nil {
		return u.value, nil
	}
	value, release, err := lease(ctx)
	if err == nil {
		u.value, u.release = value, release
	}
	return value, err
}

// end gives it back.
func (u *untilClosed[T]) end() error {
	if u.release == nil {
		return nil
	}
	var none T
	release := u.release
	u.value, u.release = none, nil
	return release()
}

// Index is the name index until the command ends. What waits uses WithIndex instead.
func (e *Env) Index(ctx context.Context) (*index.Index, error) { return e.index.get(ctx, e.Home.Index) }

// Bitcoin is what money is looked for and sent through, until the command ends, or waits for a block.
func (e *Env) Bitcoin(ctx context.Context) (home.Bitcoin, error) {
	return e.bitcoin.get(ctx, e.Home.Bitcoin)
}

// SyncedWallet is the wallet with its coins at the tip of the chain. What they are looked for through stays open: connecting to
// peers anew for the next question takes seconds.
func (e *Env) SyncedWallet(ctx context.Context) (*wallet.Wallet, error) {
	w, err := e.Wallet(ctx)
	if err != nil || e.Config.Offline {
		return w, err
	}
	if _, err := e.Bitcoin(ctx); err != nil {
		return nil, err
	}
	return e.Home.SyncedWallet(ctx)
}

// Profiles is what verbs about profiles have of the command.
func (e *Env) Profiles() *profiles.Env {
	return &profiles.Env{Config: e.Config, Out: e.Out, In: e.In, Rooms: e}
}

// withJobs runs f with everything that jobs need, as the command's own request.
func (e *Env) withJobs(ctx context.Context, notify func(registrar.Event), f func(r *registrar.Registrar) error) error {
	return e.WithJobs(ctx, home.JobRequest{Notify: notify, Agreed: &e.agreed, Reserved: e.keepReserved}, f)
}

// keepReserved notes which coins jobs need.
func (e *Env) keepReserved(kept registrar.Reservations) { e.reserved = kept }

// Reservations opens the journal and tells the wallet which coins unfinished jobs need. Until done is called nobody else
// can reserve coins or spend from this home, so it is called as late as possible and only around what spends.
func (e *Env) Reservations(ctx context.Context, w *wallet.Wallet) (done func() error, err error) {
	kept, done, err := e.Reserve(ctx, w)
	if err == nil {
		e.reserved = kept
	}
	return done, err
}

// reservedWallet is SyncedWallet for looking at: it knows which coins unfinished jobs need at this moment.
func (e *Env) reservedWallet(ctx context.Context) (*wallet.Wallet, error) {
	w, err := e.SyncedWallet(ctx)
	if err != nil {
		return nil, err
	}
	done, err := e.Reservations(ctx, w)
	if err != nil {
		return nil, err
	}
	return w, done()
}

// endLeases gives back what the command has leased.
func (e *Env) endLeases() error { return errors.Join(e.index.end(), e.bitcoin.end()) }

// Lookup finds the profiles of names, until the command ends.
func (e *Env) Lookup(ctx context.Context) (*lookup.Lookup, error) {
	x, err := e.Index(ctx)
	if err != nil {
		return nil, err
	}
	return e.Home.Lookup(x, false)
}
