package commands

import (
	"context"
	"errors"

	"blockstack/commands/voice"
	"blockstack/wallet"
	"blockstack/wallet/keychain"
	"blockstack/wallet/keyring"
	"blockstack/wallet/secret"
)

// The states that wallet password --keyring takes.
const (
	keyringOn  = "on"
	keyringOff = "off"
)

// setKeyring lets the keyring of the system open the keychain, or no longer. The secret is in the keyring before the
// keychain knows it, and the keychain forgets it first: what is left over opens nothing.
func setKeyring(ctx context.Context, env *Env, keys *keychain.Keychain, state string) error {
	if state == keyringOn { // one that is not there is said before the password is asked for
		if old, err := keyring.Get(ctx, keys.ID()); err == nil {
			old.Wipe()
		} else if !errors.Is(err, keyring.ErrNotFound) {
			return err
		}
	}
	password, err := env.unlockKeys(ctx, keys)
	if err != nil {
		return err
	}
	defer password.Wipe()
	keys.Lock()
	if state == keyringOn {
		if err := turnKeyringOn(ctx, keys, password); err != nil {
			return err
		}
	} else {
		if err := keys.RemoveKeyring(ctx, password); err != nil {
			return err
		}
		if err := keyring.Remove(ctx, keys.ID()); err != nil {
			env.Out.Warn("the keychain is rid of it, its entry is left in the keyring and opens nothing: %v", err)
		}
	}
	doc := map[string]any{"keychain": env.Config.KeychainFile(), "keyring": state == keyringOn, "unlockers": len(keys.Unlockers())}
	return env.Out.Result("wallet.password", doc, func(t *voice.Text) {
		if state == keyringOn {
			t.Line("whoever is logged in here can now spend without the wallet password; to undo it: blockstack wallet password --keyring off")
		} else {
			t.Line("only the password opens %s", env.Config.KeychainFile())
		}
	})
}

// turnKeyringOn puts a secret into the keyring, then into the keychain. The password is right.
func turnKeyringOn(ctx context.Context, keys *keychain.Keychain, password *secret.Bytes) error {
	random := keyring.New()
	defer random.Wipe()
	if err := keyring.Put(ctx, keys.ID(), random); err != nil {
		return err
	}
	back, err := keyring.Get(ctx, keys.ID())
	if err != nil {
		return err
	}
	defer back.Wipe()
	if !back.Equal(random) {
		return keyring.ErrUnavailable
	}
	return keys.AddKeyring(ctx, password, random)
}

// useKeyring unlocks a wallet with what the keyring of the system has for it; false: it has nothing, and the password is
// asked for.
func (e *Env) useKeyring(ctx context.Context, w *wallet.Wallet) (bool, error) {
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
