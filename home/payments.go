package home

import (
	"context"
	"errors"

	"blockstack/home/money"
	"blockstack/names"
	"blockstack/names/index"
	"blockstack/profile"
	"blockstack/profile/lookup"
	"blockstack/txbuilder/payments"
	"blockstack/txbuilder/payments/send"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet"
)

// PayRequest is one request that has to do with payments.
type PayRequest struct {
	// Node opens what transactions are sent through, for as long as the request lasts.
	Node func(ctx context.Context) (Bitcoin, error)
	// Reserved is told which coins jobs need. Nil: nobody.
	Reserved func(registrar.Reservations)
}

// Payments pay from a wallet of this home.
func (h *Home) Payments(w *wallet.Wallet, q PayRequest) (*payments.Service, error) {
	return payments.New(payments.Config{
		Net: h.Config.Net(), Network: h.Config.Network, Wallet: money.Wallet{Wallet: w}, Past: h.Past(w), Book: money.Book{Wallet: w, At: h.atWrite},
		Names: payingNames{h}, Jobs: h.JobCoins(w, q.Reserved), Node: h.Sender(q.Node),
	})
}

// Past is what a wallet knows of the payments that were made.
func (h *Home) Past(w *wallet.Wallet) money.Past {
	return money.Past{Wallet: w, Dir: h.Config.NetworkPath()}
}

// Sender is what transactions are sent through.
func (h *Home) Sender(open func(ctx context.Context) (Bitcoin, error)) func(ctx context.Context) (send.Node, error) {
	return func(ctx context.Context) (send.Node, error) {
		n, err := open(ctx)
		if err != nil {
			return nil, err
		}
		return money.Node{Sender: n, At: h.atWrite}, nil
	}
}

// JobCoins keeps the coins of jobs while a payment is built, recorded and sent.
func (h *Home) JobCoins(w *wallet.Wallet, reserved func(registrar.Reservations)) payments.Jobs {
	return jobCoins{h, w, reserved}
}

type jobCoins struct {
	home     *Home
	wallet   *wallet.Wallet
	reserved func(registrar.Reservations)
}

// Reserve tells the wallet which coins unfinished jobs need.
func (j jobCoins) Reserve(ctx context.Context) (done func() error, err error) {
	kept, done, err := j.home.Reserve(ctx, j.wallet)
	if err == nil && j.reserved != nil {
		j.reserved(kept)
	}
	return done, err
}

// payingNames look names up that are paid.
type payingNames struct{ home *Home }

// Payee looks a name up, and the addresses in its profile.
func (p payingNames) Payee(ctx context.Context, n names.Name) (found payments.NamePayee, err error) {
	var to *lookup.Payee
	err = p.home.WithIndex(ctx, func(x *index.Index) error {
		l, err := p.home.Lookup(x, true)
		if err != nil {
			return err
		}
		to, err = l.Payee(ctx, n)
		return err
	})
	if err != nil {
		return found, err
	}
	p.home.TellAnswer(to.Answer)
	found = payments.NamePayee{Owner: to.Record.Owner, OwnerAddress: to.Record.OwnerAddress, Addresses: to.Addresses, ExactUntil: to.ExactUntil}
	switch {
	case errors.Is(to.None, profile.ErrNoPayee):
		found.Why = "its profile names no bitcoin address"
	case to.None != nil:
		found.Why = "it has no profile"
	}
	return found, nil
}

// OwnedBy counts the names that a script owns.
func (p payingNames) OwnedBy(ctx context.Context, script []byte) (n int, err error) {
	err = p.home.WithIndex(ctx, func(x *index.Index) error {
		list, err := NamesOf(ctx, x, script)
		for _, r := range list {
			if r.Status != names.Expired && r.Status != names.Available {
				n++
			}
		}
		return err
	})
	return n, err
}

// NamesOf lists all names that a script owns, in whatever state.
func NamesOf(ctx context.Context, x *index.Index, script []byte) ([]names.Record, error) {
	var all []names.Record
	var after names.Name
	for {
		list, err := x.NamesOfFrom(ctx, script, after, index.MaxPage)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
		if len(list) < index.MaxPage {
			return all, nil
		}
		after = list[len(list)-1].Name
	}
}
