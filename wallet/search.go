package wallet

import (
	"context"
	"fmt"

	"blockstack/wallet/coins"
)

// SetGap changes how many unused keys in a row end a search, of a wallet that is
// unlocked. A larger gap makes the next Sync look at the chain from the birthday.
func (w *Wallet) SetGap(ctx context.Context, gap uint32) error {
	if err := w.coins.SetGap(ctx, gap); err != nil {
		return fmt.Errorf("gap: %w", err)
	}
	if w.Locked() {
		return nil
	}
	return w.deriveAllAhead(ctx)
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
