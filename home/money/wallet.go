package money

import (
	"context"

	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder/payments"
	"blockstack/wallet"
	"blockstack/wallet/coins"
	"blockstack/wallet/scripts"
)

// Wallet is a wallet as payments see it.
type Wallet struct{ *wallet.Wallet }

// Tip is the block up to which the coins are known.
func (w Wallet) Tip(ctx context.Context) (payments.Tip, error) {
	t, err := w.Wallet.Tip(ctx)
	return payments.Tip{Height: t.Height, Time: t.Time}, err
}

// Coins lists all coins, also those that payments do not touch.
func (w Wallet) Coins(ctx context.Context) ([]payments.Coin, error) {
	list, err := w.Wallet.Coins(ctx)
	return coinsOf(list), err
}

// CoinsAt lists the coins of one script.
func (w Wallet) CoinsAt(ctx context.Context, script []byte) ([]payments.Coin, error) {
	list, err := w.Wallet.CoinsAt(ctx, script)
	return coinsOf(list), err
}

// Inspect says what a packet pays.
func (w Wallet) Inspect(ctx context.Context, p *psbt.Packet) (payments.Inspection, error) {
	r, err := w.Wallet.Inspect(ctx, p)
	if err != nil {
		return payments.Inspection{}, err
	}
	seen := payments.Inspection{Fee: r.Fee, FeeKnown: r.FeeKnown}
	for _, o := range r.Outputs {
		seen.Outputs = append(seen.Outputs, payments.InspectedOutput{Script: o.Script, Amount: o.Amount, Ours: o.Ours})
	}
	return seen, nil
}

// CheckSigned makes sure that a transaction of the wallet was signed as it is.
func (w Wallet) CheckSigned(ctx context.Context, tx *wire.MsgTx) error {
	return wallet.CheckSigned(ctx, w.Wallet, tx)
}

// coinsOf are the wallet's coins as payments see them.
func coinsOf(list []coins.Coin) []payments.Coin {
	out := make([]payments.Coin, len(list))
	for i := range list {
		out[i] = Coin(&list[i])
	}
	return out
}

// Coin is a coin of the wallet as payments see it.
func Coin(c *coins.Coin) payments.Coin {
	out := payments.Coin{Credit: c.Credit, Role: Role(c.Key.Role), Confirmations: c.Confirmations, Own: c.Own, Immature: c.Immature, Reserved: c.Reserved, Frozen: c.Frozen}
	if c.Key.Role == scripts.Owner {
		out.Identity = c.Key.Index
	}
	if c.Hold != nil {
		out.Hold = &payments.Hold{Holder: c.Hold.Holder, Until: c.Hold.Until}
	}
	return out
}

// Role is what payments call the role of a key.
func Role(r scripts.Role) string {
	switch r {
	case scripts.Payment:
		return payments.RolePayment
	case scripts.Owner:
		return payments.RoleOwner
	}
	return string(r)
}
