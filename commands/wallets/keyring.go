package wallets

import (
	"context"
	"errors"

	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/wallet/keychain"
	"blockstack/wallet/keyring"
	"blockstack/wallet/secret"
)

// The states that wallet password --keyring takes.
const (
	keyringOn  = "on"
	keyringOff = "off"
)

// setKeyring lets the keyring of the system open the keychain, or no longer. The secret is in the
// keyring before the keychain knows it, and the keychain forgets it first: what is left over opens
// nothing.
func setKeyring(ctx context.Context, env *session.Session, keys *keychain.Keychain, state string) error {
	if state == keyringOn { // one that is not there is said before the password is asked for
		if old, err := keyring.Get(ctx, keys.ID()); err == nil {
			old.Wipe()
		} else if !errors.Is(err, keyring.ErrNotFound) {
			return err
		}
	}
	password, err := env.Keys.UnlockKeychain(ctx, keys)
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
