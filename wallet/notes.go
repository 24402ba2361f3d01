package wallet

import (
	"context"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/coins"
	"blockstack/wallet/labels"
)

// Notes is the face of a wallet that remembers what neither seed nor chain has: labels, frozen
// coins, whom names were paid through.
type Notes struct{ coins *coins.Coins }

// SetLabel labels a transaction, an address or an output.
func (n *Notes) SetLabel(ctx context.Context, l labels.Label) error {
	return n.coins.Book.SetLabel(ctx, l)
}

// Labels lists all labels.
func (n *Notes) Labels(ctx context.Context) ([]labels.Label, error) { return n.coins.Book.Labels(ctx) }

// Freeze keeps payments from using a coin.
func (n *Notes) Freeze(ctx context.Context, op wire.OutPoint, reason string) error {
	return n.coins.Freeze(ctx, op, reason)
}

// Unfreeze lets payments use a coin again.
func (n *Notes) Unfreeze(ctx context.Context, op wire.OutPoint) error {
	return n.coins.Book.Unfreeze(ctx, op)
}

// SetLabels sets all labels of a list, or none.
func (n *Notes) SetLabels(ctx context.Context, list []labels.Label) error {
	return n.coins.Book.SetLabels(ctx, list)
}

// ImportLabels sets labels, and freezes coins or lets payments use them, all at once or not at all.
// A coin that the wallet does not know yet is frozen when it comes.
func (n *Notes) ImportLabels(ctx context.Context, list []labels.Label, spendable map[wire.OutPoint]bool, reason string) (labels.Imported, error) {
	return n.coins.ImportLabels(ctx, list, spendable, reason)
}

// Frozen lists the coins that were frozen, with the reasons; also those that have not come yet.
func (n *Notes) Frozen(ctx context.Context) (map[wire.OutPoint]string, error) {
	return n.coins.Book.Frozen(ctx)
}

// LastPayee is where the last payment to a name went.
func (n *Notes) LastPayee(ctx context.Context, name string) (labels.Payee, bool, error) {
	return labels.NewPayees(n.coins.Book).Last(ctx, name)
}

// Paid remembers that a transaction paid names (the keys) at addresses.
func (n *Notes) Paid(ctx context.Context, txid chainhash.Hash, at time.Time, addresses map[string]string) error {
	return labels.NewPayees(n.coins.Book).Paid(ctx, txid, at, addresses)
}

// PaidNames says which names our transactions paid, by transaction and address.
func (n *Notes) PaidNames(ctx context.Context) (map[chainhash.Hash]map[string]string, error) {
	return labels.NewPayees(n.coins.Book).Names(ctx)
}
