package wallet

import (
	"context"
	"fmt"

	"blockstack/wallet/keychain"
	"blockstack/wallet/scripts"
	"blockstack/wallet/secret"
	"blockstack/wallet/watched"
)

// Locked reports whether signing needs the password first.
func (w *Wallet) Locked() bool { return w.vault.locked() }

// Unlock makes the private keys usable until Lock or Close. It derives owner and revealer keys
// ahead when they are running short.
func (w *Wallet) Unlock(ctx context.Context, password *secret.Bytes) error {
	if w.vault.keys == nil {
		return ErrNoKeychain
	}
	return w.unlocked(ctx, w.vault.keys.Unlock(ctx, password))
}

// HasKeyring reports whether a secret in the keyring of an operating system opens the keychain.
func (w *Wallet) HasKeyring() bool { return w.vault.keys != nil && w.vault.keys.HasKeyring() }

// UnlockKeyring is Unlock with the secret from the keyring of the operating system.
func (w *Wallet) UnlockKeyring(ctx context.Context, random *secret.Bytes) error {
	if w.vault.keys == nil {
		return ErrNoKeychain
	}
	return w.unlocked(ctx, w.vault.keys.UnlockKeyring(ctx, random))
}

// unlocked goes on after the keychain was unlocked, or was not.
func (w *Wallet) unlocked(ctx context.Context, err error) error {
	if err != nil {
		return err
	}
	if err := w.prove(ctx); err != nil {
		w.vault.keys.Lock()
		return err
	}
	return w.deriveAllAhead(ctx)
}

// Lock forgets the private keys, and the agent.
func (w *Wallet) Lock() {
	w.vault.use(nil)
	if w.vault.keys != nil {
		w.vault.keys.Lock()
	}
}

// deriveAllAhead is deriveAhead for every role whose keys need the password.
func (w *Wallet) deriveAllAhead(ctx context.Context) error {
	for _, r := range []scripts.Role{scripts.Owner, scripts.Revealer} {
		if err := w.deriveAhead(ctx, r, 0); err != nil {
			return fmt.Errorf("derive %s keys: %w", r, err)
		}
	}
	return nil
}

// deriveAhead makes sure that the keys of a role reach the gap beyond index and beyond the last
// used one. The wallet must be unlocked if keys are missing.
func (w *Wallet) deriveAhead(ctx context.Context, role scripts.Role, index uint32) error {
	have, err := w.coins.Keys.Derived(ctx, role)
	if err != nil {
		return err
	}
	want, err := w.coins.Keys.Wanted(ctx, role, index)
	if err != nil || have >= want {
		return err
	}
	path := keychain.OwnerPath
	if role == scripts.Revealer {
		path = keychain.RevealerPath
	}
	pubs, err := publicKeys(func(i uint32) (Signer, error) { return w.vault.signer(ctx, path(i)) }, have, want)
	if err != nil {
		return err
	}
	if err := watched.NewChanges(w.coins.Keys).AddKeys(ctx, role, have, pubs); err != nil || !w.KeysHere() {
		return err
	}
	return w.prove(ctx) // a locked wallet may believe them from now on
}

// deriveIfUnlocked is deriveAhead of an unlocked wallet. ErrNeedKeys: it is locked.
func (w *Wallet) deriveIfUnlocked(ctx context.Context, role scripts.Role, index uint32) error {
	if w.Locked() {
		return fmt.Errorf("%s key %d: %w", role, index, ErrNeedKeys)
	}
	return w.deriveAhead(ctx, role, index)
}

// KeysHere says whether the seed is unlocked in this process.
func (w *Wallet) KeysHere() bool { return w.vault.here() }

// OpenSealed opens a sealed box. It needs the seed in this process, not in an agent: ErrLocked.
func (w *Wallet) OpenSealed(sealed []byte) ([]byte, error) {
	if w.vault.keys == nil {
		return nil, ErrNoKeychain
	}
	return w.vault.keys.OpenSealed(sealed)
}

// SealedKey is the public half of the key that opens sealed boxes of this seed. It needs no
// password, except once in a wallet that was made before there was such a key: ErrNeedKeys, until
// it is unlocked.
func (w *Wallet) SealedKey(ctx context.Context) (keychain.SealedKey, error) {
	return w.coins.Keys.SealedKey(ctx)
}
