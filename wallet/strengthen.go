package wallet

import (
	"context"

	"blockstack/wallet/keychain"
	"blockstack/wallet/secret"
)

// Strengthen writes the password that has just unlocked a wallet again where the keychain file
// keeps it cheaper to try than cost, or in a spelling that is not written any more. false: there is
// nothing to do.
func Strengthen(ctx context.Context, w *Wallet, password *secret.Bytes, cost keychain.Cost) (bool, error) {
	if w.vault.keys == nil {
		return false, nil
	}
	return w.vault.keys.Strengthen(ctx, password, cost)
}
