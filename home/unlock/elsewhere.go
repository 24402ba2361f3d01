package unlock

import (
	"context"
	"errors"

	"blockstack/wallet"
	"blockstack/wallet/agent"
	"blockstack/wallet/keychain"
	"blockstack/wallet/keyring"
)

// UseAgent lets a running agent sign for a wallet; false: there is none for it.
func (k *Keys) UseAgent(ctx context.Context, w *wallet.Wallet) (bool, error) {
	done, err := k.take(ctx)
	if err != nil {
		return false, err
	}
	defer done()
	return k.useAgent(ctx, w)
}

// useAgent is UseAgent for those whose turn it is.
func (k *Keys) useAgent(ctx context.Context, w *wallet.Wallet) (bool, error) {
	c := agent.Of(k.cfg.Home)
	status, err := c.Status(ctx)
	if err != nil || status.Keychain != w.KeychainID() {
		return false, ctx.Err()
	}
	err = w.UseAgent(ctx, agentKeys{c})
	if errors.Is(err, wallet.ErrListForged) {
		k.ports.Tell.Warn("the agent does not vouch for the list of your scripts in the keychain file: it was changed without the password, which is wanted now to make the list anew")
	}
	if errors.Is(err, wallet.ErrNoList) || errors.Is(err, wallet.ErrListForged) {
		return false, nil // only the password makes the list of scripts
	}
	if err != nil {
		return true, err
	}
	k.Report(w)
	return true, nil
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

// useKeyring unlocks a wallet with what the keyring of the system has for it; false: it has
// nothing, and the password is wanted.
func (k *Keys) useKeyring(ctx context.Context, w *wallet.Wallet) (bool, error) {
	if !w.HasKeyring() {
		return false, nil
	}
	random, err := keyring.Get(ctx, w.KeychainID())
	if err != nil {
		if ctx.Err() == nil {
			k.ports.Tell.Note("%v; the password opens the wallet as before", err)
		}
		return false, ctx.Err()
	}
	defer random.Wipe()
	switch err := w.UnlockKeyring(ctx, random); {
	case errors.Is(err, keychain.ErrWrongPassword):
		k.ports.Tell.Note("what the keyring of the system has does not open this keychain; the password does as before")
		return false, nil
	case err != nil:
		return false, err
	}
	return true, nil
}
