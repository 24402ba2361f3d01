package wallet

import (
	"context"

	"blockstack/wallet/keychain"
)

// SealedKey is the public half of the key that opens sealed boxes of this seed. It
// needs no password, except once in a wallet that was made before there was such a
// key: ErrNeedKeys, until it is unlocked.
func (w *Wallet) SealedKey(ctx context.Context) (keychain.SealedKey, error) {
	return w.coins.SealedKey(ctx)
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

// Scripts lists every output script of ours that is watched.
func (w *Wallet) Scripts(ctx context.Context) ([][]byte, error) { return w.coins.Scripts(ctx) }
