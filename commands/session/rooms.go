package session

import (
	"context"
	"errors"

	"blockstack/commands/voice"
	"blockstack/home"
	"blockstack/home/config"
	"blockstack/names"
	"blockstack/names/index"
	"blockstack/profile/lookup"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet"
)

// teller is the Printer as the home tells things to it.
type teller struct{ *voice.Printer }

// Meter begins to show how far something long has come.
func (t teller) Meter(phase, unit string) home.Meter { return t.Progress(phase, unit) }

// Use makes the home that a configuration describes the one of the command, until it ends.
func (e *Session) Use(cfg *config.Config) {
	e.useKeys(cfg)
	e.Home = home.New(cfg, teller{e.Out}, e.Keys, e.Given)
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
func (e *Session) Index(ctx context.Context) (*index.Index, error) {
	return e.index.get(ctx, e.Home.Index)
}

// Bitcoin is what money is looked for and sent through, until the command ends, or waits for a
// block.
func (e *Session) Bitcoin(ctx context.Context) (home.Bitcoin, error) {
	return e.bitcoin.get(ctx, e.Home.Bitcoin)
}

// SyncedWallet is the wallet with its coins at the tip of the chain. What they are looked for
// through stays open: connecting to peers anew for the next question takes seconds.
func (e *Session) SyncedWallet(ctx context.Context) (*wallet.Wallet, error) {
	w, err := e.Wallet(ctx)
	if err != nil || e.Config.Offline {
		return w, err
	}
	if _, err := e.Bitcoin(ctx); err != nil {
		return nil, err
	}
	return e.Home.SyncedWallet(ctx)
}

// WithJobs runs f with everything that jobs need, as the command's own request.
func (e *Session) WithJobs(ctx context.Context, notify func(registrar.Event), f func(r *registrar.Registrar) error) error {
	return e.Home.WithJobs(ctx, e.JobRequest(notify), f)
}

// JobRequest is the command's own request, for what has to do with jobs.
func (e *Session) JobRequest(notify func(registrar.Event)) home.JobRequest {
	return home.JobRequest{Notify: notify, Agreed: &e.agreed, Reserved: e.KeepReserved}
}

// KeepReserved notes which coins jobs need.
func (e *Session) KeepReserved(kept registrar.Reservations) { e.reserved = kept }

// Reserved are the coins that jobs need, as it was when the journal was last opened.
func (e *Session) Reserved() registrar.Reservations { return e.reserved }

// Reservations opens the journal and tells the wallet which coins unfinished jobs need. Until done
// is called nobody else can reserve coins or spend from this home, so it is called as late as
// possible and only around what spends.
func (e *Session) Reservations(ctx context.Context, w *wallet.Wallet) (done func() error, err error) {
	kept, done, err := e.Reserve(ctx, w)
	if err == nil {
		e.reserved = kept
	}
	return done, err
}

// ReservedWallet is SyncedWallet for looking at: it knows which coins unfinished jobs need at this
// moment.
func (e *Session) ReservedWallet(ctx context.Context) (*wallet.Wallet, error) {
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
func (e *Session) endLeases() error { return errors.Join(e.index.end(), e.bitcoin.end()) }

// Lookup finds the profiles of names, until the command ends.
func (e *Session) Lookup(ctx context.Context) (*lookup.Lookup, error) {
	x, err := e.Index(ctx)
	if err != nil {
		return nil, err
	}
	return e.Home.Lookup(x, false)
}

// NamespaceOf looks a namespace up.
func NamespaceOf(ctx context.Context, e *Session, id names.NamespaceID) (ns names.Namespace, err error) {
	err = e.WithIndex(ctx, func(x *index.Index) error {
		ns, err = x.Namespace(ctx, id)
		return err
	})
	return ns, err
}
