package commands

import (
	"context"

	"blockstack/commands/voice"
	"blockstack/wallet"
)

// UnlockedWallet is SyncedWallet with the password given.
func (e *Env) UnlockedWallet(ctx context.Context) (*wallet.Wallet, error) {
	w, err := e.SyncedWallet(ctx)
	if err != nil {
		return nil, err
	}
	return w, e.Unlock(ctx, w)
}

// Unlock makes the wallet sign: with the password that the configuration gives, else through a running agent, else with
// what the keyring of the system has, else with the password that it asks for.
func (e *Env) Unlock(ctx context.Context, w *wallet.Wallet) error {
	switch {
	case w.WatchOnly(): // no password helps
		return wallet.ErrNoKeychain
	case !w.Locked():
		return nil
	}
	if !e.HasPassword() {
		if ok, err := e.useAgent(ctx, w); ok || err != nil {
			return err
		}
		if ok, err := e.useKeyring(ctx, w); ok || err != nil {
			return err
		}
	}
	return e.unlockWith(ctx, w)
}

// unlocked says what an unlock found out about the files of the wallet.
func (e *Env) unlocked(w *wallet.Wallet, err error) error {
	if err != nil {
		return err
	}
	if n := w.Repaired(); n > 0 {
		e.Out.Warn("%s of labels.db did not say what your keys say about your scripts; they had no effect and were written anew: "+
			"another program has written there, or the file was damaged", voice.Count(n, "row"))
	}
	if why := w.ListError(); why != nil {
		e.Out.Warn("the list of your scripts in the keychain file could not be extended, so newer ones are not known while the wallet is locked: %v", why)
	}
	return nil
}
