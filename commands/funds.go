package commands

import (
	"context"
	"errors"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/names/index"
	"blockstack/txbuilder"
	"blockstack/wallet"
)

// explainFunds says where the rest of the money is when there is not enough that can be used.
func (e *Env) explainFunds(ctx context.Context, w *wallet.Wallet, err error) error {
	var short *txbuilder.InsufficientFunds
	if !errors.As(err, &short) {
		return err
	}
	b, berr := w.Balance(ctx)
	if berr != nil {
		return err
	}
	f := explain(ctx, err)
	for _, part := range []struct {
		amount btcutil.Amount
		key    string
		text   string
	}{
		{b.Unconfirmed, "unconfirmed_sat", "%s more has arrived and is in no block yet; wait for one"},
		{b.Immature, "immature_sat", "%s more was mined and can be spent 100 blocks later"},
		{b.Reserved, "reserved_sat", "%s more is set aside for jobs under way: blockstack job list"},
		{b.Frozen, "frozen_sat", "%s more is frozen: blockstack wallet coins"},
	} {
		if part.amount > 0 {
			f.hint(part.text, formatBTC(part.amount)).detail(part.key, int64(part.amount))
		}
	}
	return f
}

// indexHeight is the height of the index, for messages.
func (e *Env) indexHeight(ctx context.Context, x *index.Index) int32 {
	t, err := x.Tip(ctx)
	if err != nil {
		return -1
	}
	return t.Height
}
