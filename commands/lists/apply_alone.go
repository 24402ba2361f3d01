package lists

import (
	"context"

	"blockstack/commands/jobrun"
	"blockstack/txbuilder/registrar"
)

// startAlone asks, and makes their jobs.
func (a *applyRun) startAlone(ctx context.Context) error {
	for _, l := range a.lines {
		if l.Alone == nil {
			continue
		}
		est, err := jobrun.Plan(ctx, a.env, *l.Alone) // the others have taken coins since
		if err != nil && a.Waits(l.Line, err) {
			l.Alone = nil
			continue
		}
		if err != nil {
			return err
		}
		l.Estimate = est
		if job := est.Running; job != nil || est.Found != nil {
			if job == nil {
				if job, err = jobrun.GoOnWith(ctx, a.env, est.Found, *l.Alone, a.o); err != nil {
					return err
				}
			}
			a.Adopt(job)
			l.Alone = nil
			continue
		}
		service := jobrun.ServiceOf(a.env, a.o.NoMine)
		if err := service.Caution(ctx, l.Estimate); err != nil {
			return err
		}
		if err := service.Approve(ctx, l.Estimate, a.o.FeeRate != ""); err != nil {
			return err
		}
		if err := a.unlock(ctx); err != nil {
			return err
		}
		if err := a.env.WithJobs(ctx, nil, func(r *registrar.Registrar) error {
			j, err := r.Start(ctx, *l.Alone)
			if err != nil {
				return err
			}
			a.Adopt(j)
			a.total++
			return nil
		}); err != nil {
			return err
		}
		l.Alone = nil
	}
	return nil
}

// addAlone adds them to what programs see of a plan, and gives its lines for people.
func (a *applyRun) addAlone(ctx context.Context, v *planView) (lines []string, err error) {
	for _, l := range a.lines {
		if l.Alone == nil {
			continue
		}
		e := l.Estimate
		if err := jobrun.ServiceOf(a.env, false).Caution(ctx, e); err != nil {
			return nil, err
		}
		v.Names, v.Transactions = v.Names+1, v.Transactions+len(e.Transactions)
		v.FeeSat, v.FeeHighSat, v.BurnSat, v.GivenSat = v.FeeSat+int64(e.Fee), v.FeeHighSat+int64(e.FeeHigh), v.BurnSat+int64(e.Burn), v.GivenSat+int64(e.Given)
		v.TotalSat, v.WorstSat, v.LockedSat = v.TotalSat+int64(e.Total), v.WorstSat+int64(e.Worst), v.LockedSat+int64(e.Locked)
		v.Height, v.Blocks = e.Height, max(v.Blocks, e.Blocks)
		v.Irreversible, v.Risks = append(v.Irreversible, e.Irreversible...), append(v.Risks, e.Risks...)
		lines = append(lines, jobrun.EstimateLines(e)...)
	}
	return lines, nil
}
