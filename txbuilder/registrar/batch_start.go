package registrar

import (
	"context"
	"errors"
	"fmt"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/estimate"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/record"
	"blockstack/txbuilder/registrar/terms"
)

// StartBatch records a planned batch: first its series, which do nothing yet, then, signed, the
// split that makes their coins. A batch of which only a part was recorded when the program was
// stopped never spends anything.
func (r *Registrar) StartBatch(ctx context.Context, b *estimate.Batch) (split *job.Job, series []*job.Job, err error) {
	if len(b.Series) == 0 {
		return nil, nil, fmt.Errorf("%w: a batch without names", job.ErrBadRequest)
	}
	if err := r.stillPlanned(ctx, b); err != nil {
		return nil, nil, err
	}
	if split, err = r.draftJob(ctx, b.Split); err != nil {
		return nil, nil, err
	}
	tip, _, err := r.cfg.Chain.Tip(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("chain tip: %w", err)
	}
	if !r.cfg.Wallet.CanSign(ctx) {
		return nil, nil, ErrNeedsKey
	}
	for i := range b.Series {
		b.Series[i].Assured = b.Assured
		if err := r.doubts.Sure(ctx, &b.Series[i], tip); err != nil {
			return nil, nil, err
		}
	}
	m, err := r.build.Txs(ctx, split, &terms.Terms{Tip: tip}, r.build.SignPlan)
	if err != nil {
		return nil, nil, err
	}
	if err := m.SplitCoins(ctx, txbuilder.Funding{Rate: split.Request.Rate}); err != nil {
		return nil, nil, split.Wrap(err)
	}
	split.State = job.Running
	for _, req := range b.Series {
		req.Series.Split = split.ID
		j, err := r.draftJob(ctx, req)
		if err != nil {
			return nil, nil, err
		}
		if err := r.cfg.Journal.Save(ctx, j); err != nil {
			return nil, nil, err
		}
		series = append(series, j)
	}
	if err := r.cfg.Journal.Save(ctx, split); err != nil {
		return nil, nil, err
	}
	for _, j := range append(series, split) {
		r.book.Tell(record.Event{Job: j.ID, What: record.EventState, State: j.State})
	}
	return split, series, nil
}

// stillPlanned refuses a plan when a job about one of its names was begun, or did its work, since
// it was made: people are asked in between, and another program may run.
func (r *Registrar) stillPlanned(ctx context.Context, b *estimate.Batch) error {
	jobs, err := r.cfg.Journal.Jobs(ctx)
	if err != nil {
		return err
	}
	wanted := make(map[names.Name]bool)
	for i := range b.Series {
		for _, q := range b.Series[i].Requests() {
			wanted[q.Name] = true
		}
	}
	for _, j := range jobs {
		for _, q := range j.Request.Requests() {
			switch state := j.ProgressOf(q.Name).State; {
			case !wanted[q.Name]:
			case j.Open() && !state.Final():
				return &job.Conflict{ID: j.ID, Begun: true}
			case state == job.Done && j.SignedSince(b.Height):
				return &job.Conflict{ID: j.ID, Over: true}
			}
		}
	}
	return nil
}

// draftJob makes a job with an id of its own.
func (r *Registrar) draftJob(ctx context.Context, req job.Request) (*job.Job, error) {
	req, err := req.Normal(r.cfg.Params, r.cfg.Confirmations)
	if err != nil {
		return nil, err
	}
	now := r.cfg.Clock.Now().UTC()
	j := &job.Job{State: job.Planned, Request: req, Created: now, Updated: now}
	if req.Kind == job.KindSeries {
		for range req.Series.Items {
			j.Items = append(j.Items, job.Progress{State: job.Planned})
		}
	}
	jobs, err := r.cfg.Journal.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	// What was recorded of a batch before the program was stopped is not of this one.
	left := make(map[job.ID]bool)
	for _, o := range jobs {
		if o.Request.Kind == job.KindSeries {
			left[o.Request.Series.Split] = true
		}
	}
	for ; ; j.Attempt++ {
		if j.ID = job.NewID(&j.Request, j.Attempt); left[j.ID] {
			continue
		}
		if _, err := r.cfg.Journal.Job(ctx, j.ID); errors.Is(err, job.ErrNoJob) {
			return j, r.book.Agree(ctx, j)
		} else if err != nil {
			return nil, err
		}
	}
}
