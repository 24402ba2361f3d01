package coins

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
)

// Freeze keeps payments from using a coin, for a reason in words.
func (c *Coins) Freeze(ctx context.Context, op wire.OutPoint, reason string) error {
	list, err := c.List(ctx)
	if err != nil {
		return err
	}
	for _, coin := range list {
		if coin.OutPoint == op {
			return c.Book.Freeze(ctx, op, reason)
		}
	}
	return fmt.Errorf("freeze %s: %w", op, labels.ErrUnknownCoin)
}

// ImportLabels sets labels, and says of coins whether payments may use them, all at once or not at
// all. What is said of a coin that the wallet does not know yet is kept, and counts from the moment
// that it comes.
func (c *Coins) ImportLabels(ctx context.Context, list []labels.Label, spendable map[wire.OutPoint]bool, reason string) (labels.Imported, error) {
	have, err := c.List(ctx)
	if err != nil {
		return labels.Imported{}, err
	}
	ours := make(map[wire.OutPoint]bool, len(have))
	for i := range have {
		ours[have[i].OutPoint] = have[i].Key.Role == scripts.Payment
	}
	return c.Book.Import(ctx, list, spendable, reason, ours)
}
