package wallet

import "context"

// Mark is keychain.Mark: a code over a text, by the keys in this process or in an agent. ErrLocked.
func Mark(ctx context.Context, w *Wallet, text []byte) ([]byte, error) {
	switch {
	case w.keys == nil:
		return nil, ErrNoKeychain
	case w.keys.Locked() && w.agent != nil:
		return w.agent.Mark(ctx, text)
	}
	return w.keys.Mark(text)
}
