package advance

import (
	"context"
	"fmt"

	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/step"
)

// Cancel gives a job up as long as nothing is lost by it. A job that signed nothing is Cancelled at
// once. One whose preorder is in no block spends the preorder's inputs back to where they came
// from, at a higher fee, and is Cancelled once that is confirmed; should a miner still take the
// preorder, the job goes on. Later there is nothing to undo, and the error is ErrNotCancellable.
func (r *Engine) Cancel(ctx context.Context, id job.ID) (*job.Job, error) {
	j, err := r.Journal.Job(ctx, id)
	if err != nil {
		return nil, err
	}
	if j.Request.Kind == job.KindSeries || j.Request.Kind == job.KindSplit && j.State != job.Planned {
		return r.cancelSeries(ctx, j)
	}
	switch j.State {
	case job.Planned:
		return r.Book.Change(ctx, j, job.Cancelled, func(n *job.Job) error {
			n.Reason = "cancelled before anything was signed"
			if len(n.Drafts()) > 0 {
				n.Reason = "cancelled before anything came back signed; a PSBT that was signed all the same can be sent until its coins are spent"
			}
			return nil
		})
	case job.MoveSigned:
		return r.Book.Change(ctx, j, job.Cancelled, func(n *job.Job) error {
			n.Reason = "cancelled after coins were moved to an address of one's own; they are still there"
			return nil
		})
	case job.Cancelling, job.Cancelled:
		return j, nil
	case job.PreorderSigned:
	case job.UpdateSigned:
		if !j.Request.Kind.OfOwner() {
			return nil, fmt.Errorf("job %s is %s: %w", id, j.State, ErrNotCancellable)
		}
	default:
		return nil, fmt.Errorf("job %s is %s: %w", id, j.State, ErrNotCancellable)
	}
	f, err := r.Facts.Single(ctx, j, nil)
	if err != nil {
		return nil, j.Wrap(err)
	}
	for _, txid := range j.Txids(j.Flow().First()) {
		if f.Txs[txid].Height > 0 {
			return nil, fmt.Errorf("job %s: %s is in block %d: %w", id, job.Words(j.Flow().First()), f.Txs[txid].Height, ErrNotCancellable)
		}
	}
	next, err := r.signStep(ctx, j, f, step.Action{Do: step.DoSign, Role: job.RoleReturn, To: job.Cancelling, Reason: "cancelled"})
	if err != nil {
		return nil, j.Wrap(err)
	}
	return next, nil
}

// cancelSeries gives up the names of a series for which nothing is in a block. The series goes on
// with the others, and replaces what was sent for these.
func (r *Engine) cancelSeries(ctx context.Context, j *job.Job) (*job.Job, error) {
	if j.State == job.Cancelled {
		return j, nil
	}
	tooLate := fmt.Errorf("job %s is %s: %w", j.ID, j.State, ErrNotCancellable)
	if j.Request.Kind != job.KindSeries || !j.Open() {
		return nil, tooLate
	}
	f, err := r.Facts.Series(ctx, j, nil)
	if err != nil {
		return nil, j.Wrap(err)
	}
	if !f.Synced {
		return nil, j.Wrap(job.ErrIndexBehind)
	}
	unpaid := step.UnpaidItems(j, f)
	if len(unpaid) == 0 {
		return nil, tooLate
	}
	return r.Book.Change(ctx, j, j.State, func(n *job.Job) error {
		for _, i := range unpaid {
			p := &n.Items[i]
			p.State, p.Dropped, p.Reason = job.Cancelled, job.Cancelled, "cancelled; nothing was paid"
		}
		return nil
	})
}

// Release lets a launch that is held for imports go on to the opening.
func (r *Engine) Release(ctx context.Context, id job.ID) (*job.Job, error) {
	j, err := r.Journal.Job(ctx, id)
	if err != nil || !j.Request.Hold {
		return j, err
	}
	return r.Book.Change(ctx, j, j.State, func(n *job.Job) error {
		n.Request.Hold = false
		return nil
	})
}
