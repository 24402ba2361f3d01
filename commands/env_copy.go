package commands

import (
	"context"

	"blockstack/wallet"
)

// unlockHere makes the seed readable in this process: an agent signs, but opens no copies.
func (e *Env) unlockHere(ctx context.Context, w *wallet.Wallet) error {
	if w.KeysHere() {
		return nil
	}
	if !e.HasPassword() {
		if ok, err := e.useKeyring(ctx, w); ok || err != nil {
			return err
		}
	}
	return e.unlockWith(ctx, w)
}
