package lists

import (
	"context"

	"blockstack/commands/jobrun"
	"blockstack/commands/voice"
	"blockstack/txbuilder/registrar"
)

// startFound makes the jobs that go on with what was preordered already.
func (a *applyRun) startFound(ctx context.Context) error {
	var found []*applyLine
	for _, l := range a.lines {
		if l.Found != nil {
			found = append(found, l)
		}
	}
	if len(found) == 0 {
		return nil
	}
	a.env.Out.Note("%s of the list %s preordered already; the price is not paid again", voice.Count(len(found), "name"), wasWere(len(found)))
	var jobs []*registrar.Job
	if err := a.env.WithJobs(ctx, nil, func(r *registrar.Registrar) error {
		for _, l := range found {
			est, err := r.Plan(ctx, *l.Found)
			if err != nil {
				return err
			}
			if est.Found != nil {
				jobs = append(jobs, est.Found.Job)
			}
		}
		return nil
	}); err != nil {
		return err
	}
	if err := jobrun.ServiceOf(a.env, false).AgreeToGoOn(ctx, jobs, false, a.o.FeeRate != ""); err != nil {
		return err
	}
	return a.env.WithJobs(ctx, nil, func(r *registrar.Registrar) error {
		for _, l := range found {
			j, err := r.Start(ctx, *l.Found)
			if err != nil {
				return err
			}
			a.Adopt(j)
			a.total++
		}
		return nil
	})
}

// wasWere is the verb for so many.
func wasWere(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}
