package lists

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/estimate"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/terms"
)

// A name whose term is over while a job is open for it that can change nothing any more is renewed
// by a job of its own, beside the batch: that takes the place of the other, and both spend the same
// coin.

// renewAlone plans the renewal of such a line.
func (r *Run) renewAlone(ctx context.Context, e Engine, w Wallet, l *Line, rate txbuilder.FeeRate) error {
	rec, err := e.Record(ctx, l.Name)
	if err != nil {
		return err
	}
	if err := r.need(ctx, w, l, &rec); err != nil || l.Item == nil {
		return err
	}
	switch it := l.Item; {
	case it.Kind != job.KindRenew:
		err = &terms.NotOwner{Name: l.Name, Status: names.Grace}
	case txbuilder.KindOf(it.Owner) != txbuilder.KindP2PKH:
		err = fmt.Errorf("%w: %s belongs to several keys; renew it by itself", job.ErrBadRequest, l.Name)
	default:
		l.Alone = &job.Request{Kind: it.Kind, Name: it.Name, Owner: it.Owner, To: it.To, ZoneFile: it.ZoneFile, Rate: rate}
		l.Estimate, err = e.Plan(ctx, *l.Alone)
	}
	if err != nil {
		if l.Alone = nil; !r.Waits(l, err) {
			l.Item, l.Refused = nil, err
		}
		return nil
	}
	l.Cost = &estimate.ItemCost{Price: l.Estimate.Unit, Burn: l.Estimate.Burn, Fee: l.Estimate.Fee, Renewal: l.Estimate.Renewal}
	if r.Capped {
		l.Alone.MaxTotal = l.Estimate.Worst
	}
	return nil
}

// reserveAlone takes what those renewals may cost out of what the ceiling leaves; 0: there is none.
func (r *Run) reserveAlone(ceiling btcutil.Amount) (btcutil.Amount, error) {
	var worst btcutil.Amount
	for _, l := range r.Lines {
		if l.Alone != nil {
			worst += l.Estimate.Worst
		}
	}
	if ceiling == 0 || worst == 0 {
		return ceiling, nil
	}
	if worst > ceiling {
		return 0, &job.OverBudget{Need: worst, Max: ceiling}
	}
	return max(1, ceiling-worst), nil
}

// Waits says whether a line waits for the coins of what this run has sent: then another round takes
// it up, or the same command again.
func (r *Run) Waits(l *Line, err error) bool {
	open := slices.ContainsFunc(r.IDs, func(id job.ID) bool { return r.Jobs[id].Open() })
	if !open || !errors.As(err, new(*txbuilder.InsufficientFunds)) {
		return false
	}
	if r.Later != nil {
		r.Later(l, err)
	}
	return true
}
