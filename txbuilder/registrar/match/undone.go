package match

import (
	"context"
	"fmt"
	"slices"

	"blockstack/names"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/step"
)

// A reorg can undo what a job has done. The job does it again when it is next looked at; until then
// no other one for the name may begin: it would come before what it was meant to follow, or pay for
// the same a second time.

// undone are the names for which a job will do again what it had done; the zero name where it is
// about none.
func (r *Match) undone(ctx context.Context, j *job.Job) (map[names.Name]bool, error) {
	if j.Request.Kind == job.KindSeries {
		return r.undoneNames(ctx, j)
	}
	if j.State != job.Done {
		return nil, nil
	}
	f, err := r.Facts.Single(ctx, j, nil)
	if err != nil || !f.Synced || step.Step(j, f).To == job.Done {
		return nil, err
	}
	return map[names.Name]bool{j.Request.Name: true}, nil
}

// undoneNames is undone for a list.
func (r *Match) undoneNames(ctx context.Context, j *job.Job) (map[names.Name]bool, error) {
	tip, _, err := r.Chain.Tip(ctx)
	if err != nil {
		return nil, fmt.Errorf("chain tip: %w", err)
	}
	if !j.Open() && !j.Fresh(tip) || !slices.ContainsFunc(j.Items, func(p job.Progress) bool { return p.State == job.Done }) {
		return nil, nil
	}
	f, err := r.Facts.Series(ctx, j, nil)
	if err != nil || !f.Synced || f.Missing || f.Orphan || f.Doomed {
		return nil, err
	}
	return step.UndoneItems(j, f), nil
}

// BusyNames are the names of a list that a job works on, or will again, at that job.
func (r *Match) BusyNames(ctx context.Context, items []job.Item) (map[names.Name]job.ID, error) {
	jobs, err := r.Journal.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	tip, _, err := r.Chain.Tip(ctx)
	if err != nil {
		return nil, fmt.Errorf("chain tip: %w", err)
	}
	wanted, busy := make(map[names.Name]bool), make(map[names.Name]job.ID)
	for i := range items {
		wanted[items[i].Name] = true
	}
	for _, j := range jobs {
		done := false
		for _, q := range j.Request.Requests() {
			switch state := j.ProgressOf(q.Name).State; {
			case !wanted[q.Name]:
			case j.Open() && !state.Final():
				busy[q.Name] = j.ID
			default:
				done = done || state == job.Done && (j.Open() || j.Fresh(tip))
			}
		}
		if !done {
			continue
		}
		undone, err := r.undone(ctx, j)
		if err != nil {
			return nil, err
		}
		for n := range undone {
			busy[n] = j.ID
		}
	}
	return busy, nil
}
