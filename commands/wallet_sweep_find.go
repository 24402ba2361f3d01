package commands

import (
	"context"
	"errors"
	"strings"

	"github.com/btcsuite/btcd/address/v2"

	"blockstack/commands/fault"
	"blockstack/names"
	"blockstack/names/index"
	"blockstack/txbuilder"
	"blockstack/wallet/chain"
	"blockstack/wallet/legacy"
)

// oldCoin is a coin of an old key.
type oldCoin struct {
	chain.Found
	place *legacy.Place
	names []string // that the address owns
	known bool     // whether it owns names is known
}

// findOldCoins searches the chain, and the index for names of the addresses.
func (e *Env) findOldCoins(ctx context.Context, n bitcoin, keys *oldKeys, o sweepOptions) ([]oldCoin, *sweepView, error) {
	view := &sweepView{Keys: len(keys.bundles), Coins: []sweptView{}, Left: []sweptView{}, Txids: []string{}}
	tip, _, err := n.Tip(ctx)
	if err != nil {
		return nil, nil, err
	}
	if int64(o.Since) > int64(tip) {
		return nil, nil, fault.Usage("--since %d is beyond the tip, block %d", o.Since, tip)
	}
	from, err := n.HashAt(ctx, int32(o.Since))
	if err != nil {
		return nil, nil, err
	}
	var addrs []address.Address
	var scripts [][]byte
	for _, p := range keys.places {
		addrs, scripts = append(addrs, p.Address), append(scripts, p.Script)
	}
	shown := e.Out.Progress("search", "blocks")
	found, err := chain.Find(ctx, n, addrs, scripts, from, func(height int32) { shown.Update(int64(height), int64(max(tip, height))) })
	shown.Done()
	if err != nil {
		return nil, nil, err
	}
	view.Height = tip
	var list []oldCoin
	for _, f := range found {
		c := oldCoin{Found: f, place: keys.placeOf(f.Script())}
		if f.Coinbase && tip-f.Height+1 < int32(e.Config.Net().CoinbaseMaturity) {
			view.Left = append(view.Left, c.view("mined less than 100 blocks ago"))
			continue
		}
		list = append(list, c)
	}
	return list, view, e.namesOfOldCoins(ctx, list)
}

// namesOfOldCoins asks the index which names the addresses own. Where there is none, it stays unknown.
func (e *Env) namesOfOldCoins(ctx context.Context, list []oldCoin) error {
	if len(list) == 0 {
		return nil
	}
	err := e.withIndex(ctx, func(x *index.Index) error {
		for i := range list {
			records, err := namesOf(ctx, x, list[i].place.Script)
			if err != nil {
				return err
			}
			list[i].known = true
			for _, r := range records {
				if r.Status != names.Expired {
					list[i].names = append(list[i].names, r.Name.String())
				}
			}
		}
		return nil
	})
	var f *fault.Fault
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &f):
		e.Out.Note("whether names belong to these addresses is unknown: %s", f.Message)
	default:
		e.Out.Note("whether names belong to these addresses is unknown: %v", err)
	}
	return nil
}

// chooseOldCoins leaves coins under names alone unless the user agrees for each name.
func (e *Env) chooseOldCoins(ctx context.Context, found []oldCoin, o sweepOptions, view *sweepView) ([]txbuilder.SweptCoin, error) {
	agreed := map[string]bool{}
	var move []txbuilder.SweptCoin
	unknown := false
	for _, c := range found {
		if len(c.names) > 0 && !o.WithNames {
			view.Left = append(view.Left, c.view("the address owns "+strings.Join(c.names, ", ")+"; --with-names moves it"))
			continue
		}
		for _, name := range c.names {
			if o.DryRun || agreed[name] {
				continue
			}
			act := "this takes the coins of the address that owns " + name
			if err := e.ConfirmDangerous(ctx, act, name); err != nil {
				return nil, err
			}
			agreed[name] = true
		}
		unknown = unknown || !c.known && c.place.M == 1
		script, witness := c.place.Sizes()
		move = append(move, txbuilder.SweptCoin{OutPoint: c.OutPoint, Tx: c.Tx, Redeem: c.place.Redeem, Witness: c.place.Witness, Base: script, Wit: witness})
		view.Coins = append(view.Coins, c.view(""))
	}
	if unknown && !o.DryRun {
		e.Out.Warn("if one of these addresses owns a name, what its next operation is paid from is gone afterwards; a name itself does not move")
	}
	return move, nil
}

// view is what programs see of a coin.
func (c *oldCoin) view(why string) sweptView {
	return sweptView{Outpoint: c.OutPoint.String(), Address: c.place.Address.EncodeAddress(), AmountSat: int64(c.Amount()), Names: c.names, Why: why}
}
