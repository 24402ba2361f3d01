package advance

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/psbt/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/build"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/record"
	"blockstack/txbuilder/registrar/step"
)

// draftStep makes the draft that an action needs, or waits for its signatures.
func (r *Engine) draftStep(ctx context.Context, j *job.Job, f step.Facts, a step.Action) (*job.Job, error) {
	parent, err := r.draftParent(ctx, j, a)
	if err != nil {
		return nil, err
	}
	if d := step.Waiting(j, a, parent); d != nil {
		good, err := r.Facts.GoodWith(ctx, j, d, f)
		if err != nil {
			return nil, err
		}
		if good {
			return r.waitSignatures(j, d, a)
		}
	}
	var made *job.Draft
	next, err := r.Book.Change(ctx, j, j.State, func(n *job.Job) error {
		m, err := r.Build.TxsFor(ctx, n, a)
		if err != nil {
			return err
		}
		m.Drafting = true
		if old := step.Waiting(n, a, parent); old != nil {
			p, err := old.PSBT()
			if err != nil {
				return err
			}
			// Whoever has the old one may still sign it: only one of the two may ever confirm.
			if m.Reuse, err = txbuilder.PacketInputs(p); err != nil {
				return err
			}
			m.Moving = old.Role == job.RoleMove
		}
		old := n.Drafted
		n.Drafted = nil
		if err := m.Make(ctx, a); err != nil {
			return err
		}
		if len(n.Drafted) == 0 {
			return build.NoNewer(j, a.Role, f.Mined)
		}
		made = n.Drafted[0]
		made.To, made.Reason, made.Over = a.To, a.Reason, step.Replaces(j, a)
		switch {
		case made.Role == job.RoleMove:
			made.To = job.MoveSigned
		case made.Role.IsImport() && !a.Replace: // one of many, which come back in any order
			made.To = 0
		}
		n.Drafted = append(n.Superseded(old, made), n.Drafted...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, d := range next.Drafts() {
		r.Book.Tell(record.Event{Job: j.ID, What: record.EventDrafted, State: next.State, Role: d.Role, Txid: d.Unsigned.String(), Text: job.Words(d.Role)})
	}
	return r.waitSignatures(next, made, a)
}

// draftParent is the transaction that the one of an action spends: the version that is in a block,
// zero for a job's first.
func (r *Engine) draftParent(ctx context.Context, j *job.Job, a step.Action) (chainhash.Hash, error) {
	fl := j.Flow()
	parent := fl.Preorder
	switch {
	case a.Role.IsImport():
		parent = job.RoleFund
	case a.Role == fl.First() && !a.Replace && j.Stage(job.RoleMove) != nil:
		parent = job.RoleMove
	case a.Replace || a.Role == job.RoleReturn || a.Role == job.RoleMove || a.Role == fl.First():
		return chainhash.Hash{}, nil
	case a.Role == fl.Update:
		parent = fl.Register
	}
	tip, _, err := r.Chain.Tip(ctx)
	if err != nil {
		return chainhash.Hash{}, fmt.Errorf("chain tip: %w", err)
	}
	v, _, err := r.Facts.MinedVersion(ctx, j, parent, tip)
	if err != nil {
		return chainhash.Hash{}, err
	}
	return v.Txid, nil
}

// waitSignatures lets a job stand still until a draft comes back.
func (r *Engine) waitSignatures(j *job.Job, d *job.Draft, a step.Action) (*job.Job, error) {
	next, err := job.Clone(j)
	if err != nil {
		return nil, err
	}
	w := &job.Wait{For: "the signed PSBT of " + job.Words(d.Role), Signatures: true, Deadline: d.Version.Window}
	if a.Optional && a.Wait != nil {
		w.For, w.Blocks, w.Txid = a.Wait.For+", or for the signed PSBT of a version with a higher fee", a.Wait.Blocks, a.Wait.Txid
	}
	next.Wait = w
	r.Book.Tell(record.Event{Job: j.ID, What: record.EventWaiting, State: j.State, Wait: w, Text: w.For})
	return next, nil
}

// findDraft finds the job that has planned a transaction.
func (r *Engine) findDraft(ctx context.Context, unsigned chainhash.Hash) (*job.Job, *job.Draft, error) {
	jobs, err := r.Journal.Jobs(ctx)
	if err != nil {
		return nil, nil, err
	}
	return job.FindDraft(jobs, unsigned)
}

// Accept takes a signed packet back into the job that drafted it. Only the exact transaction that
// was planned is taken, and only while it still counts; anything else is an error that changes
// nothing. The signed bytes are on disk when it returns; Advance sends them. The same packet again
// finds the job as it is.
func (r *Engine) Accept(ctx context.Context, signed *psbt.Packet) (*job.Job, error) {
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

func (r *Engine) accept(ctx context.Context, j *job.Job, d *job.Draft, signed *psbt.Packet) (*job.Job, error) {
	switch {
	case d.Status == job.DraftSigned:
		return j, nil
	case d.Status == job.DraftReplaced:
		return nil, fmt.Errorf("%w: a newer one took its place", job.ErrOldDraft)
	case !j.Open():
		return nil, fmt.Errorf("%w: the job is %s", job.ErrOldDraft, j.State)
	}
	f, err := r.Facts.Single(ctx, j, nil)
	if err != nil {
		return nil, err
	}
	if !f.Synced {
		return nil, job.ErrIndexBehind
	}
	good, err := r.Facts.Good(ctx, d, f, f.Tip)
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
	next, err := r.Book.Change(ctx, j, to, func(n *job.Job) error { return n.Take(d.Unsigned, tx, f.Tip) })
	if err == nil {
		r.Book.Tell(record.Event{Job: j.ID, What: record.EventSigned, State: next.State, Role: d.Role, Text: job.Words(d.Role)})
	}
	return next, err
}

// wanted refuses a draft that the job has no use for any more.
func (r *Engine) wanted(ctx context.Context, j *job.Job, d *job.Draft, f step.Facts) error {
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
