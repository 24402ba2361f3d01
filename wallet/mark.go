package wallet

import (
	"context"
)

// Mark is keychain.Mark: a code over a text, by the keys in this process or in an agent. ErrLocked.
func Mark(ctx context.Context, w *Wallet, text []byte) ([]byte, error) {
	switch {
	case w.vault.keys == nil:
		return nil, ErrNoKeychain
	case w.vault.keys.Locked() && w.vault.agent != nil:
		return w.vault.agent.Mark(ctx, text)
	}
	return w.vault.keys.Mark(text)
}
