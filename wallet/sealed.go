package wallet

import (
	"context"
	"errors"
	"fmt"

	"blockstack/wallet/keychain"
)

// SealedKey is the public half of the key that opens sealed boxes of this seed. It
// needs no password, except once in a wallet that was made before there was such a
// key: ErrNeedKeys.
func (w *Wallet) SealedKey(ctx context.Context) (keychain.SealedKey, error) {
	key, err := w.coins.SealedKey(ctx)
	if errors.Is(err, ErrNeedKeys) && w.keys != nil && !w.keys.Locked() {
		if err = w.addSealedKey(ctx); err == nil {
			key, err = w.coins.SealedKey(ctx)
		}
	}
	return key, err
}

// OpenSealed opens a sealed box. It needs the seed in this process, not in an agent:
// ErrLocked.
func (w *Wallet) OpenSealed(sealed []byte) ([]byte, error) {
	if w.keys == nil {
		return nil, ErrNoKeychain
	}
	return w.keys.OpenSealed(sealed)
}

// KeysHere says whether the seed is unlocked in this process.
func (w *Wallet) KeysHere() bool { return w.keys != nil && !w.keys.Locked() }

// addSealedKey keeps the public half for the time when the wallet is locked.
func (w *Wallet) addSealedKey(ctx context.Context) error {
	if _, err := w.coins.SealedKey(ctx); !errors.Is(err, ErrNeedKeys) {
		return err
	}
	key, err := w.keys.SealedKey()
	if err != nil {
		return fmt.Errorf("derive the key of sealed boxes: %w", err)
	}
	return w.coins.AddSealedKey(ctx, key)
}

// Scripts lists every output script of ours that is watched.
func (w *Wallet) Scripts(ctx context.Context) ([][]byte, error) { return w.coins.Scripts(ctx) }
