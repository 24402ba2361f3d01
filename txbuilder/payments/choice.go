package payments

import (
	"context"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/txbuilder"
)

// choice is an order's choice of coins once it is known what names of the payer's need.
type choice struct {
	coins []wire.OutPoint
	owner []byte // the coins at this script …
	keep  int    // … but for so many, one for each name it owns
}

// choose finds out what an order's choice means.
func choose(ctx context.Context, from From, w Wallet, n Names) (choice, error) {
	c := choice{coins: from.Coins}
	if from.Identity == nil {
		return c, nil
	}
	var err error
	if c.owner, err = w.OwnerScript(ctx, *from.Identity); err != nil {
		return c, err
	}
	if c.keep, err = n.OwnedBy(ctx, c.owner); err != nil {
		return c, fmt.Errorf("which names identity %d owns must be known before its coins are spent: %w", *from.Identity, err)
	}
	return c, nil
}

// limited are the wallet's coins, limited to some.
type limited struct {
	Wallet
	credits []wtxmgr.Credit
}

// Spendable lists the chosen coins.
func (c limited) Spendable(context.Context, int32) ([]wtxmgr.Credit, error) { return c.credits, nil }

// funding is what the builder needs to spend the chosen coins. Coins that jobs need are never among
// them.
func (c choice) funding(ctx context.Context, w Wallet) (txbuilder.Coins, txbuilder.Funding, error) {
	switch {
	case c.owner != nil:
		from, err := c.ofOwner(ctx, w)
		return from, txbuilder.Funding{}, err
	case len(c.coins) > 0:
		f, err := c.exactly(ctx, w)
		return w, f, err
	}
	return w, txbuilder.Funding{}, nil
}

// ofOwner are the coins at an owner's script that its names do not need: the smallest stay.
func (c choice) ofOwner(ctx context.Context, w Wallet) (txbuilder.Coins, error) {
	list, err := w.CoinsAt(ctx, c.owner)
	if err != nil {
		return nil, err
	}
	usable := slices.DeleteFunc(list, func(x Coin) bool { return x.Reserved || x.Immature || x.Confirmations == 0 })
	slices.SortStableFunc(usable, func(a, b Coin) int { return int(min(1, max(-1, a.Amount-b.Amount))) })
	from := limited{Wallet: w}
	for i, x := range usable {
		if i >= c.keep {
			from.credits = append(from.credits, x.Credit)
		}
	}
	if len(from.credits) == 0 {
		return nil, &NoneToSpare{Free: len(usable), Names: c.keep}
	}
	return from, nil
}

// exactly are coins that were named one by one.
func (c choice) exactly(ctx context.Context, w Wallet) (txbuilder.Funding, error) {
	f := txbuilder.Funding{Closed: true}
	list, err := w.Coins(ctx)
	if err != nil {
		return f, err
	}
	for _, op := range c.coins {
		i := slices.IndexFunc(list, func(x Coin) bool { return x.OutPoint == op })
		if i < 0 {
			return f, &CoinRefused{OutPoint: op, Why: CoinUnknown}
		}
		if err := mayChoose(&list[i]); err != nil {
			return f, err
		}
		tx, err := w.PrevTx(ctx, op)
		if err != nil {
			return f, err
		}
		f.Inputs = append(f.Inputs, txbuilder.InputOf(tx, int(op.Index)))
	}
	return f, nil
}

// mayChoose refuses a coin that a payment must not spend although it was named.
func mayChoose(c *Coin) error {
	refused := func(why CoinReason) error { return &CoinRefused{OutPoint: c.OutPoint, Why: why, Coin: *c} }
	switch {
	case c.Role == RoleOwner:
		return refused(CoinOfOwner)
	case c.Role != RolePayment:
		return refused(CoinNeverPays)
	case c.Hold != nil:
		return refused(CoinHeld)
	case c.Reserved:
		return refused(CoinNeeded)
	case c.Frozen != "":
		return refused(CoinFrozen)
	case c.Immature:
		return refused(CoinImmature)
	case c.Confirmations == 0 && !c.Own:
		return refused(CoinUnconfirmed)
	}
	return nil
}
