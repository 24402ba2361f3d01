package jobrun

import (
	"context"
	"errors"

	"blockstack/commands/prompt"
	"blockstack/commands/session"
)

// UnlockToAgree unlocks the wallet for a job that is about to be recorded and may have nothing to sign yet: only the keys mark it as
// agreed to, and without a mark no later command signs for it. Where no password can be had it is left for later.
func UnlockToAgree(ctx context.Context, e *session.Session, external bool) error {
	w, err := e.Wallet(ctx)
	if err != nil || external || w.WatchOnly() {
		return err
	}
	if err := e.Keys.Unlock(ctx, w); err != nil && !errors.Is(err, prompt.ErrNobody) {
		return err
	}
	return nil
}
