package wallet

import (
	"context"
	"fmt"

	"blockstack/wallet/coins"
	"blockstack/wallet/keychain"
)

// SetGap changes how many unused keys in a row end a search, of a wallet that is
// unlocked. A larger gap makes the next Sync look at the chain from the birthday.
func (w *Wallet) SetGap(ctx context.Context, gap uint32) error {
	if w.proof == ProofList { // the list says how far out an address may be handed out
		return fmt.Errorf("gap: %w", ErrLocked)
	}
	if err := w.coins.SetGap(ctx, gap); err != nil {
		return fmt.Errorf("gap: %w", err)
	}
	if w.KeysHere() {
		smaller := gap < w.coins.Believed().Gap
		if err := w.listGap(gap); err != nil {
			return fmt.Errorf("gap: %w", err)
		}
		if smaller { // else the next unlock would take the rows of the larger one for somebody else's
			if _, err := w.coins.Heal(ctx, false); err != nil {
				return fmt.Errorf("gap: %w", err)
			}
		}
	}
	if w.Locked() {
		return nil
	}
	return w.deriveAllAhead(ctx)
}

// listGap writes the gap into the list of the keychain file, which says how far out an address may be handed out.
func (w *Wallet) listGap(gap uint32) error {
	p := w.coins.Believed()
	p.Gap = gap
	w.coins.Believe(p)
	return w.keys.SetList(func(now *keychain.List, vouched bool) (*keychain.List, error) {
		home, ok := now.Home(w.homeName())
		if !ok || !vouched || home.Gap == gap {
			return nil, nil // prove makes it
		}
		home.Gap = gap
		now.Homes[w.homeName()] = home
		return now, nil
	})
}

// UsedIdentities is the number of owner keys up to the last one that the chain has
// seen. A key that owns or owned a name is one of them, since every registration and
// every transfer pays the new owner.
func (w *Wallet) UsedIdentities(ctx context.Context) (uint32, error) {
	return w.coins.Used(ctx, coins.Owner)
}

// WatchedIdentities is the number of owner keys that are looked for on the chain.
func (w *Wallet) WatchedIdentities(ctx context.Context) (uint32, error) {
	return w.coins.Derived(ctx, coins.Owner)
}
