package session

import (
	"context"
	"errors"

	"blockstack/commands/voice"
	"blockstack/wallet"
	"blockstack/wallet/agent"
	"blockstack/wallet/keychain"
	"blockstack/wallet/keyring"
) // UnlockHere makes the seed readable in this process: an agent signs, but opens no copies.
func (e *Session) UnlockHere(ctx context.Context, w *wallet.Wallet) error {
	if w.KeysHere() {
		return nil
	}
	if !e.HasPassword() {
		if ok, err := e.useKeyring(ctx, w); ok || err != nil {
			return err
		}
	}
	return unlockWith(ctx, e, w)
}

// OpenKeychain opens the keychain of this home, for verbs that are about the keychain itself.
func OpenKeychain(ctx context.Context, e *Session) (*keychain.Keychain, error) {
	keys, err := keychain.Open(e.Config.KeychainFile())
	if errors.Is(err, keychain.ErrNotFound) {
		w, werr := e.Wallet(ctx)
		switch {
		case werr == nil && w.WatchOnly():
			return nil, wallet.ErrNoKeychain
		case errors.Is(werr, wallet.ErrKeychainLost):
			return nil, werr
		}
	}
	return keys, err
}

// UseAgent lets a running agent sign for a wallet; false: there is none for it.
func (e *Session) UseAgent(ctx context.Context, w *wallet.Wallet) (bool, error) {
	c := agent.Of(e.Config.Home)
	status, err := c.Status(ctx)
	if err != nil || status.Keychain != w.KeychainID() {
		return false, ctx.Err()
	}
	err = w.UseAgent(ctx, agentKeys{c})
	if errors.Is(err, wallet.ErrListForged) {
		e.Out.Warn("the agent does not vouch for the list of your scripts in the keychain file: it was changed without the password, which is wanted now to make the list anew")
	}
	if errors.Is(err, wallet.ErrNoList) || errors.Is(err, wallet.ErrListForged) {
		return false, nil // only the password makes the list of scripts
	}
	return true, Unlocked(e, w, err)
}

// agentKeys is the agent as the wallet sees it.
type agentKeys struct{ *agent.Client }

// Signer is a key in the agent.
func (a agentKeys) Signer(ctx context.Context, path keychain.Path) (wallet.Signer, error) {
	k, err := a.Key(ctx, path)
	if err != nil {
		return nil, err
	}
	return k, nil
}

// useKeyring unlocks a wallet with what the keyring of the system has for it; false: it has nothing, and the password is
// asked for.
func (e *Session) useKeyring(ctx context.Context, w *wallet.Wallet) (bool, error) {
	if !w.HasKeyring() {
		return false, nil
	}
	random, err := keyring.Get(ctx, w.KeychainID())
	if err != nil {
		if ctx.Err() == nil {
			e.Out.Note("%v; the password opens the wallet as before", err)
		}
		return false, ctx.Err()
	}
	defer random.Wipe()
	switch err := w.UnlockKeyring(ctx, random); {
	case errors.Is(err, keychain.ErrWrongPassword):
		e.Out.Note("what the keyring of the system has does not open this keychain; the password does as before")
		return false, nil
	case err != nil:
		return false, err
	}
	return true, nil
}

// UnlockedWallet is SyncedWallet with the password given.
func (e *Session) UnlockedWallet(ctx context.Context) (*wallet.Wallet, error) {
	w, err := e.SyncedWallet(ctx)
	if err != nil {
		return nil, err
	}
	return w, e.Unlock(ctx, w)
}

// Unlock makes the wallet sign: with the password that the configuration gives, else through a running agent, else with
// what the keyring of the system has, else with the password that it asks for.
func (e *Session) Unlock(ctx context.Context, w *wallet.Wallet) error {
	switch {
	case w.WatchOnly(): // no password helps
		return wallet.ErrNoKeychain
	case !w.Locked():
		return nil
	}
	if !e.HasPassword() {
		if ok, err := e.UseAgent(ctx, w); ok || err != nil {
			return err
		}
		if ok, err := e.useKeyring(ctx, w); ok || err != nil {
			return err
		}
	}
	return unlockWith(ctx, e, w)
}

// Unlocked says what an unlock found out about the files of the wallet.
func Unlocked(e *Session, w *wallet.Wallet, err error) error {
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
