package match

import (
	"context"
	"errors"

	"blockstack/names"
	"blockstack/txbuilder/registrar/facts"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
	"blockstack/txbuilder/registrar/step"
)

// Match tells which job a request means, and which stand in its way.
type Match struct {
	ports.World
	Facts *facts.Source
}

// Find looks for the job that a request means: one that is running, or one that has done it and
// whose result still stands. Without one it says how often it was tried, and names the open job
// that a renewal takes the place of.
func (r *Match) Find(ctx context.Context, req *job.Request) (j *job.Job, attempt int, idle job.ID, err error) {
	jobs, err := r.Journal.Jobs(ctx)
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

// stands says whether a finished job is still the answer to its request: what it did is so, or a
// reorg undid it and the job will go on. Only when its last transaction is in the chain and the
// name has gone all the same (it was given away, it expired) is the request a new one.
func (r *Match) stands(ctx context.Context, j *job.Job) (bool, error) {
	f, err := r.Facts.Single(ctx, j, nil)
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
		_, err := r.Names.Namespace(ctx, j.Request.NamespaceID())
		if errors.Is(err, names.ErrNotFound) {
			return false, nil
		}
		return err == nil, err
	}
	return f.Held, nil
}

// StandsInTheWay finds another open job about the same name or namespace.
func (r *Match) StandsInTheWay(ctx context.Context, theirs *job.Job, s job.Beside) error {
	jobs, err := r.Journal.Jobs(ctx)
	if err != nil {
		return err
	}
	for _, o := range jobs {
		if !job.InTheWay(o, theirs) || s.Together(o, theirs) {
			continue
		}
		what := o.Request.Differs(&theirs.Request)
		if what == "" {
			what = "attempt"
		}
		return &job.Conflict{ID: o.ID, What: what}
	}
	return nil
}
