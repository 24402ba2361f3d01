package wallet

import (
	"context"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/coins"
)

// KeepTx writes a signed transaction to disk before it is sent; AddTx follows
// when the node has accepted it, RemoveTx when the node has refused it.
func (w *Wallet) KeepTx(ctx context.Context, tx *wire.MsgTx) error { return w.coins.KeepTx(ctx, tx) }

// KeptTxs lists our own transactions that are not deep in the chain yet, also
// ones that were recorded and never sent.
func (w *Wallet) KeptTxs(ctx context.Context) ([]*wire.MsgTx, error) { return w.coins.KeptTxs(ctx) }

// SetLabels sets all labels of a list, or none.
func (w *Wallet) SetLabels(ctx context.Context, list []coins.Label) error {
	return w.coins.SetLabels(ctx, list)
}

// ImportLabels sets labels, and freezes coins or lets payments use them, all at once or not at all. A coin that the
// wallet does not know yet is frozen when it comes.
func (w *Wallet) ImportLabels(ctx context.Context, list []coins.Label, spendable map[wire.OutPoint]bool, reason string) (coins.Imported, error) {
	return w.coins.ImportLabels(ctx, list, spendable, reason)
}

// Frozen lists the coins that were frozen, with the reasons; also those that have not come yet.
func (w *Wallet) Frozen(ctx context.Context) (map[wire.OutPoint]string, error) {
	return w.coins.Frozen(ctx)
}

// LastPayee is where the last payment to a name went.
func (w *Wallet) LastPayee(ctx context.Context, name string) (coins.Payee, bool, error) {
	return w.coins.LastPayee(ctx, name)
}

// Paid remembers that a transaction paid names (the keys) at addresses.
func (w *Wallet) Paid(ctx context.Context, txid chainhash.Hash, at time.Time, addresses map[string]string) error {
	return w.coins.Paid(ctx, txid, at, addresses)
}

// PaidNames says which names our transactions paid, by transaction and address.
func (w *Wallet) PaidNames(ctx context.Context) (map[chainhash.Hash]map[string]string, error) {
	return w.coins.PaidNames(ctx)
}

// Account is the extended public key of a payment account.
func (w *Wallet) Account(ctx context.Context, kind coins.Kind) (*hdkeychain.ExtendedKey, error) {
	return w.coins.Account(ctx, kind)
}

// Identities is how many identities there are: those that were handed out and
// those that turned up on the chain, without a hole between them.
func (w *Wallet) Identities(ctx context.Context) (uint32, error) { return w.coins.Identities(ctx) }

// NewIdentity hands out the address of the next identity. ErrGap: too many are
// unused. ErrNeedKeys: unlock the wallet, which derives more, and try again.
func (w *Wallet) NewIdentity(ctx context.Context) (Address, error) {
	k, err := w.coins.NewIdentity(ctx)
	if err != nil {
		return Address{}, err
	}
	return w.address(k)
}
