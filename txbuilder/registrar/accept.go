package registrar

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/psbt/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/record"
	"blockstack/txbuilder/registrar/step"
)

// Accept takes a signed packet back into the job that drafted it. Only the exact
// transaction that was planned is taken, and only while it still counts; anything
// else is an error that changes nothing. The signed bytes are on disk when it
// returns; Advance sends them. The same packet again finds the job as it is.
func (r *Registrar) Accept(ctx context.Context, signed *psbt.Packet) (*job.Job, error) {
	j, d, err := r.findDraft(ctx, signed.UnsignedTx.TxHash())
	if err != nil {
		return nil, err
	}
	next, err := r.accept(ctx, j, d, signed)
	if err != nil {
		return nil, j.Wrap(fmt.Errorf("%s: %w", job.Words(d.Role), err))
	}
	return next, nil
}

func (r *Registrar) accept(ctx context.Context, j *job.Job, d *job.Draft, signed *psbt.Packet) (*job.Job, error) {
	switch {
	case d.Status == job.DraftSigned:
		return j, nil
	case d.Status == job.DraftReplaced:
		return nil, fmt.Errorf("%w: a newer one took its place", job.ErrOldDraft)
	case !j.Open():
		return nil, fmt.Errorf("%w: the job is %s", job.ErrOldDraft, j.State)
	}
	f, err := r.facts.Single(ctx, j, nil)
	if err != nil {
		return nil, err
	}
	if !f.Synced {
		return nil, job.ErrIndexBehind
	}
	good, err := r.facts.Good(ctx, d, f, f.Tip)
	switch {
	case err != nil:
		return nil, err
	case !good && d.Version.Window > 0:
		return nil, fmt.Errorf("%w: the consensus hash that it quotes is good up to block %d, and the chain is at block %d", job.ErrOldDraft, d.Version.Window, f.Tip)
	case !good:
		return nil, fmt.Errorf("%w: it was made %d blocks ago", job.ErrOldDraft, f.Tip-d.Version.Signed)
	}
	planned, err := d.PSBT()
	if err != nil {
		return nil, err
	}
	tx, err := txbuilder.FinishSigned(planned, signed)
	if err != nil {
		return nil, err
	}
	if err := r.wanted(ctx, j, d, f); err != nil {
		return nil, err
	}
	to := d.To
	if to == 0 {
		to = j.State
	}
	next, err := r.book.Change(ctx, j, to, func(n *job.Job) error { return n.Take(d.Unsigned, tx, f.Tip) })
	if err == nil {
		r.book.Tell(record.Event{Job: j.ID, What: record.EventSigned, State: next.State, Role: d.Role, Text: job.Words(d.Role)})
	}
	return next, err
}

// wanted refuses a draft that the job has no use for any more.
func (r *Registrar) wanted(ctx context.Context, j *job.Job, d *job.Draft, f step.Facts) error {
	gone := func(why string) error { return fmt.Errorf("%w: %s", job.ErrOldDraft, why) }
	if d.To == 0 {
		return nil
	}
	if d.Role == job.RoleReturn {
		if j.State != job.PreorderSigned && j.State != job.UpdateSigned {
			return gone("the job is " + j.State.String())
		}
		for _, txid := range j.Txids(j.Flow().First()) {
			if f.Txs[txid].Height > 0 {
				return gone(fmt.Sprintf("%s is in block %d", job.Words(j.Flow().First()), f.Txs[txid].Height))
			}
		}
		return nil
	}
	a := step.Step(j, f)
	if d.Role == job.RoleMove && j.State == job.Planned && a.Do == step.DoSign && a.Role == j.Flow().First() {
		return nil
	}
	if a.Do != step.DoSign || a.Role != d.Role || step.Replaces(j, a) != d.Over {
		if a.Reason != "" {
			return gone(a.Reason)
		}
		return gone("the job has gone on without it")
	}
	parent, err := r.draftParent(ctx, j, a)
	if err != nil {
		return err
	}
	if !a.Replace && parent != d.Version.Parent {
		return gone("what it spends is not in the chain any more")
	}
	return nil
}
