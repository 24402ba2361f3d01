package profiles

import (
	"context"
	"strings"

	"blockstack/commands/fault"
	"blockstack/profile"
	"blockstack/profile/edit"
	"blockstack/wallet"
	"blockstack/wallet/scripts"
)

// identity is an identity of the wallet, by its number.
func (e *Env) identity(ctx context.Context, number uint32) (*edit.Identity, error) {
	w, err := e.Wallet(ctx)
	if err != nil {
		return nil, err
	}
	a, err := w.OwnerAddress(ctx, number)
	if err != nil {
		return nil, err
	}
	return e.identityAt(a)
}

// identityOf is the identity that an owner script belongs to; nil: it is none of ours.
func (e *Env) identityOf(ctx context.Context, owner []byte) (*edit.Identity, error) {
	w, err := e.Wallet(ctx)
	if err != nil {
		return nil, err
	}
	a, ours, err := w.ScriptAddress(ctx, owner)
	if err != nil || !ours {
		return nil, err
	}
	return e.identityAt(a)
}

// identityAt is the identity of an address.
func (e *Env) identityAt(a wallet.Address) (*edit.Identity, error) {
	owner, err := profile.OwnerAddress(a.Text, e.versions())
	if err != nil {
		return nil, err
	}
	return &edit.Identity{Address: a.Text, Owner: owner, Hand: hand{e, a}}, nil
}

// hand signs profiles for an identity of the wallet.
type hand struct {
	env *Env
	at  wallet.Address
}

// Agree shows what changes (all of it where nothing was there) and asks.
func (h hand) Agree(ctx context.Context, s edit.Signing) error {
	out := h.env.Out
	if h.at.Role != scripts.Owner {
		return fault.New("not_owner", "%s is not the address of an identity", h.at.Text)
	}
	if s.Merged != "" {
		out.Note("%s was changed elsewhere meanwhile; both changes are put together", s.Merged)
	}
	out.Note("this is what %s will sign:", h.at.Text)
	if s.Old == nil {
		for line := range strings.Lines(string(s.New.Indented())) {
			out.Show("note", "  "+strings.TrimRight(line, "\n"))
		}
	} else {
		changes := viewChanges(s.Changes())
		for _, c := range changes {
			for _, l := range c.lines() {
				out.Show("note", "  "+l)
			}
		}
		if len(changes) == 0 {
			out.Note("  nothing but the date changes")
		}
	}
	return h.env.Confirm(ctx, "Sign it as "+h.at.Text)
}

// Key unlocks the wallet for the key.
func (h hand) Key(ctx context.Context) (profile.Signer, error) {
	w, err := h.env.Wallet(ctx)
	if err != nil {
		return nil, err
	}
	if err := h.env.Keys.Unlock(ctx, w); err != nil {
		return nil, err
	}
	return w.OwnerSigner(h.at.Index)
}
