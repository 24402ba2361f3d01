package registrar

import (
	"context"
	"errors"
	"fmt"

	"blockstack/names"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/step"
)

// Start records a request as a job, after the checks that Plan makes. The same
// request again finds the job that is running for it, or the one that has done
// it; a preorder of ours that no job follows gives the job that goes on with it. Another
// request for the same name while a job is running, or has to go on because
// a reorg undid it, is a *Conflict.
func (r *Registrar) Start(ctx context.Context, req job.Request) (*job.Job, error) {
	req, err := req.Normal(r.cfg.Params, r.cfg.Confirmations)
	if err != nil {
		return nil, err
	}
	j, attempt, idle, err := r.find(ctx, &req)
	if err != nil {
		return nil, err
	}
	if j != nil && j.Request.Kind == req.Kind { // the list that a name is in is more than the name
		err = r.keepAgreed(ctx, j)
	}
	if j != nil {
		return j, errors.Join(err, r.supersede(ctx, j))
	}
	if p, err := r.ours(ctx, &req, false); err != nil {
		return nil, fmt.Errorf("%s: %s: %w", req.Subject(), req.Kind, err)
	} else if p != nil {
		if p.Job.Request.Differs(&req) != "" { // of a copy
			return p.Job, nil
		}
		return p.Job, r.keepAgreed(ctx, p.Job)
	}
	now := r.cfg.Clock.Now().UTC()
	j = &job.Job{ID: job.NewID(&req, attempt), Attempt: attempt, State: job.Planned, Request: req, Created: now, Updated: now, Supersedes: idle}
	e, err := r.estimate(ctx, j)
	if err == nil && e.Doubt != nil {
		err = e.Doubt
	}
	if err != nil {
		return nil, r.wrap(j, err)
	}
	if err := r.agree(ctx, j); err != nil {
		return nil, err
	}
	if err := r.cfg.Journal.Save(ctx, j); err != nil {
		return nil, err
	}
	r.notify(Event{Job: j.ID, What: EventState, State: job.Planned})
	return j, r.supersede(ctx, j)
}

// find looks for the job that a request means: one that is running, or one that
// has done it and whose result still stands. Without one it says how often it
// was tried, and names the open job that a renewal takes the place of.
func (r *Registrar) find(ctx context.Context, req *job.Request) (j *job.Job, attempt int, idle job.ID, err error) {
	jobs, err := r.cfg.Journal.Jobs(ctx)
	if err != nil {
		return nil, 0, "", err
	}
	var last *job.Job
	var others []*job.Job // that have done something else, and lists that have done something
	for _, o := range jobs {
		if !o.Request.SameSubject(req) {
			continue
		}
		what := o.Request.Differs(req)
		if o.Request.Kind == job.KindSeries {
			one, _ := o.ForName(req.Name)
			what = one.Differs(req)
			if state := o.ProgressOf(req.Name).State; state == job.Done {
				others = append(others, o)
				continue
			} else if !o.Open() || state.Final() {
				continue
			}
		}
		if o.Open() {
			if what != "" && req.Kind == job.KindRenew {
				useless, err := r.Superseded(ctx, o, req.Name)
				if err != nil {
					return nil, 0, "", err
				}
				if useless {
					idle = o.ID
					continue
				}
			}
			if what != "" {
				return nil, 0, "", &job.Conflict{ID: o.ID, What: what}
			}
			return o, 0, "", nil
		}
		if o.State == job.Done && what != "" {
			others = append(others, o)
		}
		if o.Request.Kind != req.Kind {
			continue
		}
		attempt++
		if o.State == job.Done && what == "" {
			last = o
		}
	}
	for _, o := range others { // what a reorg undid will be done again, and might come after this one
		again, err := r.undone(ctx, o)
		if err != nil {
			return nil, attempt, "", err
		}
		if !again[req.Name] {
			continue
		}
		what := o.Request.Differs(req)
		if q, found := o.ForName(req.Name); found {
			what = q.Differs(req)
		}
		if what == "" {
			return o, 0, "", nil
		}
		return nil, attempt, "", &job.Conflict{ID: o.ID, What: what}
	}
	if last == nil {
		return nil, attempt, idle, nil
	}
	stands, err := r.stands(ctx, last)
	if err != nil || !stands {
		return nil, attempt, idle, err
	}
	return last, 0, "", nil
}

// stands says whether a finished job is still the answer to its request: what it
// did is so, or a reorg undid it and the job will go on. Only when its last
// transaction is in the chain and the name has gone all the same (it was given
// away, it expired) is the request a new one.
func (r *Registrar) stands(ctx context.Context, j *job.Job) (bool, error) {
	f, err := r.look(ctx, j, nil)
	if err != nil {
		return false, err
	}
	if !f.Synced {
		return false, job.ErrIndexBehind
	}
	if a := step.Step(j, f); a.To != job.Done {
		return true, nil
	}
	if j.Request.Kind.OfOwner() {
		return f.Met, nil
	}
	if j.Request.Kind == job.KindImport {
		return true, nil // importing again would only cost again
	}
	if j.Request.Kind == job.KindLaunch {
		_, err := r.cfg.Names.Namespace(ctx, j.Request.NamespaceID())
		if errors.Is(err, names.ErrNotFound) {
			return false, nil
		}
		return err == nil, err
	}
	return f.Held, nil
}

// Jobs lists all jobs, oldest first.
func (r *Registrar) Jobs(ctx context.Context) ([]*job.Job, error) { return r.cfg.Journal.Jobs(ctx) }

// Job gives one job, or ErrNoJob.
func (r *Registrar) Job(ctx context.Context, id job.ID) (*job.Job, error) {
	return r.cfg.Journal.Job(ctx, id)
}
