package commands

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/commands/fault"
	"blockstack/commands/voice"
	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/wallet"
	"blockstack/wallet/coins"
	"blockstack/wallet/scripts"
)

// coinChoice says which coins a payment spends; its zero value leaves that to the coin selection.
type coinChoice struct {
	Coins []wire.OutPoint // exactly these
	Owner []byte          // those at this owner script …
	Keep  int             // … but for so many, one for each name it owns
}

// parseFrom reads --from: coins, or one identity.
//
//	from = TXID ":" index / "owner:" identity
func (e *Env) parseFrom(ctx context.Context, w *wallet.Wallet, list []string) (coinChoice, error) {
	var c coinChoice
	for _, text := range list {
		number, owner := strings.CutPrefix(text, "owner:")
		if !owner {
			op, err := parseOutPoint(text)
			if err != nil {
				return c, err
			}
			if slices.Contains(c.Coins, op) {
				return c, fault.Usage("--from names the coin %s twice", op)
			}
			c.Coins = append(c.Coins, op)
			continue
		}
		if len(list) > 1 {
			return c, fault.Usage("--from %s cannot be combined with another --from", text)
		}
		n, err := parseCount("--from owner:", number, 0, maxIdentity)
		if err != nil {
			return c, err
		}
		if c.Owner, err = w.OwnerScript(ctx, uint32(n)); err != nil {
			return c, err
		}
		if c.Keep, err = e.namesAt(ctx, c.Owner); err != nil {
			return c, fmt.Errorf("which names identity %d owns must be known before its coins are spent: %w", n, err)
		}
	}
	return c, nil
}

// namesAt counts the names that a script owns, which need a coin there each to be renewed, changed or given away.
func (e *Env) namesAt(ctx context.Context, script []byte) (int, error) {
	x, err := e.Index(ctx)
	if err != nil {
		return 0, err
	}
	list, err := namesOf(ctx, x, script)
	n := 0
	for _, r := range list {
		if r.Status != names.Expired && r.Status != names.Available {
			n++
		}
	}
	return n, err
}

// ownCoins are the wallet's coins, limited to some.
type ownCoins struct {
	*wallet.Wallet
	credits []wtxmgr.Credit
}

// Spendable lists the chosen coins.
func (c ownCoins) Spendable(context.Context, int32) ([]wtxmgr.Credit, error) { return c.credits, nil }

// funding is what the builder needs to spend the chosen coins. Coins that jobs need are never among them.
func (c coinChoice) funding(ctx context.Context, w *wallet.Wallet) (txbuilder.Coins, txbuilder.Funding, error) {
	var f txbuilder.Funding
	switch {
	case c.Owner != nil:
		list, err := w.CoinsAt(ctx, c.Owner)
		if err != nil {
			return nil, f, err
		}
		usable := slices.DeleteFunc(list, func(x coins.Coin) bool { return x.Reserved || x.Immature || x.Confirmations == 0 })
		slices.SortStableFunc(usable, func(a, b coins.Coin) int { return int(min(1, max(-1, a.Amount-b.Amount))) })
		from := ownCoins{Wallet: w}
		for i, x := range usable {
			if i >= c.Keep {
				from.credits = append(from.credits, x.Credit)
			}
		}
		if len(from.credits) == 0 {
			return nil, f, fault.New("insufficient_funds", "there are %s at that address, and each of its %s needs one to be renewed or changed",
				voice.Count(len(usable), "free coin"), voice.Count(c.Keep, "name"))
		}
		return from, f, nil
	case len(c.Coins) > 0:
		list, err := w.Coins(ctx)
		if err != nil {
			return nil, f, err
		}
		for _, op := range c.Coins {
			i := slices.IndexFunc(list, func(x coins.Coin) bool { return x.OutPoint == op })
			if i < 0 {
				return nil, f, fmt.Errorf("--from %s: %w", op, wallet.ErrUnknownCoin)
			}
			if err := mayChoose(&list[i]); err != nil {
				return nil, f, err
			}
			tx, err := w.PrevTx(ctx, op)
			if err != nil {
				return nil, f, err
			}
			f.Inputs = append(f.Inputs, txbuilder.InputOf(tx, int(op.Index)))
		}
		f.Closed = true
		return w, f, nil
	}
	return w, f, nil
}

// mayChoose refuses a coin that a payment must not spend although it was named.
func mayChoose(c *coins.Coin) error {
	switch {
	case c.Key.Role == scripts.Owner:
		return fault.New("conflict", "the coin %s is at the address of identity %d, whose names may need it", c.OutPoint, c.Key.Index).
			Hint("spend what its names do not need: --from owner:%d", c.Key.Index)
	case c.Key.Role != scripts.Payment:
		return fault.New("conflict", "the coin %s is at a %s key and never pays", c.OutPoint, c.Key.Role)
	case c.Hold != nil:
		return heldFault(c)
	case c.Reserved:
		return neededFault(c.OutPoint)
	case c.Frozen != "":
		return fault.New("conflict", "the coin %s is frozen: %s", c.OutPoint, c.Frozen).Hint("blockstack wallet unfreeze %s", c.OutPoint)
	case c.Immature:
		return fault.New("conflict", "the coin %s was mined too recently to be spent", c.OutPoint)
	case c.Confirmations == 0 && !c.Own:
		return fault.New("conflict", "the coin %s is not confirmed, and its sender can take it back", c.OutPoint)
	}
	return nil
}
