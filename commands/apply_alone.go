package commands

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar"
)

// A name whose term is over while a job is open for it that can change nothing any more is renewed by a job of its own, beside the
// batch: that takes the place of the other, and both spend the same coin.

// stands says how an open job stands to what a line wants: whether a renewal by itself takes its place. Otherwise the line waits for
// it, unless that is refused.
func (a *applyRun) stands(ctx context.Context, r *registrar.Registrar, j *registrar.Job, l *applyLine) (alone bool, err error) {
	if l.Renew == 0 {
		return false, nil
	}
	return r.Superseded(ctx, j, l.Name)
}

// renewAlone plans the renewal of such a line.
func (a *applyRun) renewAlone(ctx context.Context, r *registrar.Registrar, l *applyLine, rate txbuilder.FeeRate) error {
	rec, err := r.Record(ctx, l.Name)
	if err != nil {
		return err
	}
	if err := a.need(ctx, l, &rec); err != nil || l.item == nil {
		return err
	}
	switch it := l.item; {
	case it.Kind != registrar.KindRenew:
		err = &registrar.NotOwner{Name: l.Name, Status: names.Grace}
	case txbuilder.KindOf(it.Owner) != txbuilder.KindP2PKH:
		err = fmt.Errorf("%w: %s belongs to several keys; renew it by itself", registrar.ErrBadRequest, l.Name)
	default:
		l.alone = &registrar.Request{Kind: it.Kind, Name: it.Name, Owner: it.Owner, To: it.To, ZoneFile: it.ZoneFile, Rate: rate}
		l.estimate, err = r.Plan(ctx, *l.alone)
	}
	if err != nil {
		if l.alone = nil; !a.later(l, err) {
			l.item, l.refused = nil, err
		}
		return nil
	}
	l.cost = &registrar.ItemCost{Price: l.estimate.Unit, Burn: l.estimate.Burn, Fee: l.estimate.Fee, Renewal: l.estimate.Renewal}
	if a.o.MaxTotal != "" {
		l.alone.MaxTotal = l.estimate.Worst
	}
	return nil
}

// reserveAlone takes what those renewals may cost out of what the ceiling leaves; 0: there is none.
func (a *applyRun) reserveAlone(ceiling btcutil.Amount) (btcutil.Amount, error) {
	var worst btcutil.Amount
	for _, l := range a.lines {
		if l.alone != nil {
			worst += l.estimate.Worst
		}
	}
	if ceiling == 0 || worst == 0 {
		return ceiling, nil
	}
	if worst > ceiling {
		return 0, &registrar.OverBudget{Need: worst, Max: ceiling}
	}
	return max(1, ceiling-worst), nil
}

// later says whether a line waits for the coins of what this run has sent: then another round takes it up, or the same command again.
func (a *applyRun) later(l *applyLine, err error) bool {
	open := slices.ContainsFunc(a.ids, func(id registrar.ID) bool { return a.jobs[id].Open() })
	if !open || !errors.As(err, new(*txbuilder.InsufficientFunds)) {
		return false
	}
	a.env.Out.Note("%s is renewed when the coins of the others are back: %v", l.Name, err)
	return true
}

// startAlone asks, and makes their jobs.
func (a *applyRun) startAlone(ctx context.Context) error {
	for _, l := range a.lines {
		if l.alone == nil {
			continue
		}
		est, err := a.env.plan(ctx, *l.alone) // the others have taken coins since
		if err != nil && a.later(l, err) {
			l.alone = nil
			continue
		}
		if err != nil {
			return err
		}
		l.estimate = est
		if job := est.Running; job != nil || est.Found != nil {
			if job == nil {
				if job, err = a.env.goOnWith(ctx, est.Found, *l.alone, a.o); err != nil {
					return err
				}
			}
			a.adopt(job)
			l.alone = nil
			continue
		}
		if err := a.env.caution(ctx, l.estimate); err != nil {
			return err
		}
		if err := approve(ctx, a.env, l.estimate, a.o.FeeRate != ""); err != nil {
			return err
		}
		if err := a.env.confirmBurn(ctx, l.estimate); err != nil {
			return err
		}
		if err := a.unlock(ctx); err != nil {
			return err
		}
		if err := a.env.withJobs(ctx, nil, func(r *registrar.Registrar) error {
			j, err := r.Start(ctx, *l.alone)
			if err != nil {
				return err
			}
			a.adopt(j)
			a.total++
			return nil
		}); err != nil {
			return err
		}
		l.alone = nil
	}
	return nil
}

// addAlone adds them to what programs see of a plan, and gives its lines for people.
func (a *applyRun) addAlone(ctx context.Context, v *planView) (lines []string, err error) {
	for _, l := range a.lines {
		if l.alone == nil {
			continue
		}
		e := l.estimate
		if err := a.env.caution(ctx, e); err != nil {
			return nil, err
		}
		v.Names, v.Transactions = v.Names+1, v.Transactions+len(e.Transactions)
		v.FeeSat, v.FeeHighSat, v.BurnSat, v.GivenSat = v.FeeSat+int64(e.Fee), v.FeeHighSat+int64(e.FeeHigh), v.BurnSat+int64(e.Burn), v.GivenSat+int64(e.Given)
		v.TotalSat, v.WorstSat, v.LockedSat = v.TotalSat+int64(e.Total), v.WorstSat+int64(e.Worst), v.LockedSat+int64(e.Locked)
		v.Height, v.Blocks = e.Height, max(v.Blocks, e.Blocks)
		v.Irreversible, v.Risks = append(v.Irreversible, e.Irreversible...), append(v.Risks, e.Risks...)
		lines = append(lines, estimateLines(e)...)
	}
	return lines, nil
}
