package session

import (
	"context"
	"errors"

	"blockstack/wallet"
	"blockstack/wallet/keychain"
)

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
