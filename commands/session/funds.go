package session

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/commands/fault"
	"blockstack/commands/faults"
	"blockstack/commands/voice"
	"blockstack/names/index"
	"blockstack/txbuilder"
	"blockstack/wallet"
)

// ExplainFunds says where the rest of the money is when there is not enough that can be used.
func ExplainFunds(ctx context.Context, e *Session, w *wallet.Wallet, err error) error {
	var short *txbuilder.InsufficientFunds
	if !errors.As(err, &short) {
		return err
	}
	b, berr := w.Balance(ctx)
	if berr != nil {
		return err
	}
	f := faults.Of(ctx, err)
	if b.Reserved > 0 && short.Have+b.Reserved >= short.Need {
		if err := nameHolders(ctx, e, w, f); err != nil {
			return err
		}
	}
	for _, part := range []struct {
		amount btcutil.Amount
		key    string
		text   string
	}{
		{b.Unconfirmed, "unconfirmed_sat", "%s more has arrived and is in no block yet; wait for one"},
		{b.Immature, "immature_sat", "%s more was mined and can be spent 100 blocks later"},
		{b.Reserved, "reserved_sat", "%s more is reserved for jobs and prepared payments: blockstack wallet coins --reserved"},
		{b.Frozen, "frozen_sat", "%s more is frozen: blockstack wallet coins"},
	} {
		if part.amount > 0 {
			f.Hint(part.text, voice.BTC(part.amount)).Detail(part.key, int64(part.amount))
		}
	}
	return f
}

// reservedView is what programs see of a coin that is reserved.
type reservedView struct {
	Outpoint  string `json:"outpoint"`
	AmountSat int64  `json:"amount_sat"`
	Holder    string `json:"holder,omitempty"`
	Until     string `json:"until,omitempty"`
}

// nameHolders makes a want of money one of coins that others hold, and names them.
func nameHolders(ctx context.Context, e *Session, w *wallet.Wallet, f *fault.Fault) error {
	list, err := w.Coins(ctx)
	if err != nil {
		return err
	}
	var held []reservedView
	holders := map[string]string{}
	for i := range list {
		if c := &list[i]; c.Reserved {
			v := reservedView{Outpoint: c.OutPoint.String(), AmountSat: int64(c.Amount)}
			v.Holder, v.Until = HolderOf(e, c)
			held = append(held, v)
			holders[v.Holder] = v.Until
		}
	}
	f.Code, f.Retryable = "funds_reserved", true
	f.Detail("reserved", held)
	for _, holder := range slices.Sorted(maps.Keys(holders)) {
		if holder != "" {
			f.Hint("held for %s until %s", voice.Clean(holder), strings.NewReplacer("job_over", "it is over", "preorder_used", "it is used (blockstack job rescue NAME) or lapses").Replace(holders[holder]))
		}
	}
	return nil
}

// IndexHeight is the height of the index, for messages.
func IndexHeight(ctx context.Context, e *Session, x *index.Index) int32 {
	t, err := x.Tip(ctx)
	if err != nil {
		return -1
	}
	return t.Height
}
