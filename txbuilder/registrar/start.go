package registrar

import (
	"context"
	"errors"
	"fmt"

	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/record"
)

// Start records a request as a job, after the checks that Plan makes. The same request again finds
// the job that is running for it, or the one that has done it; a preorder of ours that no job
// follows gives the job that goes on with it. Another request for the same name while a job is
// running, or has to go on because a reorg undid it, is a *Conflict.
func (r *Registrar) Start(ctx context.Context, req job.Request) (*job.Job, error) {
	req, err := req.Normal(r.cfg.Params, r.cfg.Confirmations)
	if err != nil {
		return nil, err
	}
	j, attempt, idle, err := r.match.Find(ctx, &req)
	if err != nil {
		return nil, err
	}
	if j != nil && j.Request.Kind == req.Kind { // the list that a name is in is more than the name
		err = r.book.KeepAgreed(ctx, j)
	}
	if j != nil {
		return j, errors.Join(err, r.book.Supersede(ctx, j))
	}
	if p, err := r.finds.Ours(ctx, &req, false); err != nil {
		return nil, fmt.Errorf("%s: %s: %w", req.Subject(), req.Kind, err)
	} else if p != nil {
		if p.Job.Request.Differs(&req) != "" { // of a copy
			return p.Job, nil
		}
		return p.Job, r.book.KeepAgreed(ctx, p.Job)
	}
	now := r.cfg.Clock.Now().UTC()
	j = &job.Job{ID: job.NewID(&req, attempt), Attempt: attempt, State: job.Planned, Request: req, Created: now, Updated: now, Single: job.Single{Supersedes: idle}}
	e, err := r.plans.Estimate(ctx, j)
	if err == nil && e.Doubt != nil {
		err = e.Doubt
	}
	if err != nil {
		return nil, j.Wrap(err)
	}
	if err := r.book.Agree(ctx, j); err != nil {
		return nil, err
	}
	if err := r.cfg.Journal.Save(ctx, j); err != nil {
		return nil, err
	}
	r.book.Tell(record.Event{Job: j.ID, What: record.EventState, State: job.Planned})
	return j, r.book.Supersede(ctx, j)
}

// Jobs lists all jobs, oldest first.
func (r *Registrar) Jobs(ctx context.Context) ([]*job.Job, error) { return r.cfg.Journal.Jobs(ctx) }

// Job gives one job, or ErrNoJob.
func (r *Registrar) Job(ctx context.Context, id job.ID) (*job.Job, error) {
	return r.cfg.Journal.Job(ctx, id)
}
