package jobrun

import (
	"context"
	"errors"
	"fmt"

	"blockstack/commands/session"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet/scripts"
)

// NameOwner says in an error about a preorder of ours whom of ours it was for.
func NameOwner(ctx context.Context, e *session.Session, err error) error {
	var ours *registrar.PreorderOurs
	if !errors.As(err, &ours) {
		return err
	}
	w, werr := e.Wallet(ctx)
	if werr != nil {
		return err
	}
	a, known, werr := w.ScriptAddress(ctx, ours.Owner)
	if werr != nil || !known {
		return err
	}
	switch a.Role {
	case scripts.Owner:
		ours.For = fmt.Sprintf("identity %d (%s)", a.Index, ours.Address)
	case scripts.Shared:
		ours.For = "the owner of several keys " + ours.Address
	default:
		ours.For = fmt.Sprintf("the %s key %s", a.Role, ours.Address)
	}
	return ours // the text around it was made before
}

// whereIs says in which block a preorder is.
func whereIs(p *registrar.Pending) string {
	if p.Height == 0 {
		return "in no block yet"
	}
	return fmt.Sprintf("in block %d", p.Height)
}
