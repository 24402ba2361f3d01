package wallet

import (
	"context"
)

// Mark is keychain.Mark: a code over a text, by the keys in this process or in an agent. ErrLocked.
func Mark(ctx context.Context, w *Wallet, text []byte) ([]byte, error) {
	if a := w.vault.away(); a != nil {
		return a.Mark(ctx, text)
	}
	if w.vault.keys == nil {
		return nil, ErrNoKeychain
	}
	return w.vault.keys.Mark(text)
}
