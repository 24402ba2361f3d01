package advance

import (
	"context"
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
	"blockstack/txbuilder/registrar/step"
)

// course is the way that a job of its kind goes.
func (r *Engine) course(j *job.Job, run *run) (c course, publishLater bool) {
	switch j.Request.Kind {
	case job.KindSplit:
		return &split{Engine: r, run: run}, false
	case job.KindSeries:
		return &series{Engine: r, run: run}, true // registrations do not wait for a place for zone files
	}
	return &single{Engine: r, run: run}, false
}

// maxActions bounds one call of Advance against a circle of states.
const maxActions = 200

// Advance performs the job's next actions, one after the other, as far as the chain allows. The job
// it returns says in Wait what it stands still for; an error leaves the job as it is on disk, to be
// continued by the next call.
func (r *Engine) Advance(ctx context.Context, id job.ID) (*job.Job, error) {
	j, err := r.Journal.Job(ctx, id)
	if err != nil {
		return nil, err
	}
	run := &run{sent: make(map[chainhash.Hash]bool), cheap: make(map[chainhash.Hash]bool), unfit: make(map[chainhash.Hash]bool), raised: make(map[job.Role]bool)}
	c, publishLater := r.course(j, run)
	for n := range maxActions {
		if err := ctx.Err(); err != nil {
			return j, err
		}
		found, a, err := c.next(ctx, j, n == 0)
		if err != nil {
			return j, run.tell(j, err)
		}
		if found != j {
			j = found
			continue
		}
		if a.Do == step.DoEnter && a.To.Final() && run.unpublished != nil {
			return j, run.tell(j, nil) // what is left to do must not be forgotten
		}
		next, err := c.perform(ctx, j)
		if err != nil && ctx.Err() == nil {
			if b, ok := c.instead(j, err); ok {
				a = b
				next, err = c.perform(ctx, j)
			}
		}
		if next != nil {
			j = next
		}
		var refusal *ports.Refused
		if a.Do == step.DoBroadcast && errors.As(err, &refusal) {
			then, rerr := c.refused(ctx, j, refusal, err)
			if rerr == nil && then.job != nil {
				j = then.job
			}
			switch {
			case rerr == nil && then.again:
				continue
			case rerr == nil && then.wait != nil:
				a = *then.wait
				if next, err = r.wait(j, a.Wait); err == nil {
					j = next
				}
			default:
				err = errors.Join(err, rerr)
			}
		}
		if a.Do == step.DoPublish && err != nil && publishLater && ctx.Err() == nil {
			run.unpublished = err
			continue
		}
		if err != nil && a.Dearer && run.why != nil {
			err = fmt.Errorf("%w; a dearer version: %w", run.why, err)
		}
		if err != nil {
			return j, run.tell(j, err)
		}
		switch a.Do {
		case step.DoSign:
			run.raised[a.Role] = run.raised[a.Role] || a.Dearer
		case step.DoBroadcast:
			for _, id := range c.sent(j) {
				run.sent[id] = true
			}
		case step.DoWait, step.DoNothing:
			return j, run.tell(j, nil)
		}
		if j.Wait != nil && j.Wait.Signatures {
			return j, nil
		}
	}
	return j, run.tell(j, fmt.Errorf("%w (%s)", ErrRestless, j.State))
}

// AdvanceAll advances every open job, oldest first, and looks again at those that ended lately,
// since a reorg may have undone that. It goes on after an error of one job and returns all errors
// joined.
func (r *Engine) AdvanceAll(ctx context.Context) ([]*job.Job, error) {
	jobs, err := r.Journal.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	at := make(map[job.ID]int)
	for i, j := range jobs {
		at[j.ID] = i
	}
	var errs []error
	err = r.AdvanceEach(ctx, func(j *job.Job, err error) error {
		if i, ok := at[j.ID]; ok {
			jobs[i] = j
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("job %s: %w", j.ID, err))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return jobs, errors.Join(errs...)
}

// AdvanceEach is AdvanceAll for one who wants to hear of each job as it was left, with its error.
// An error of visit ends it.
func (r *Engine) AdvanceEach(ctx context.Context, visit func(j *job.Job, err error) error) error {
	jobs, err := r.Journal.Jobs(ctx)
	if err != nil {
		return err
	}
	tip, _, err := r.Chain.Tip(ctx)
	if err != nil {
		return fmt.Errorf("chain tip: %w", err)
	}
	for _, j := range jobs {
		if !j.Open() && !j.Fresh(tip) {
			continue
		}
		next, err := r.Advance(ctx, j.ID)
		if next == nil {
			next = j
		}
		if err := visit(next, err); err != nil {
			return err
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil
}
