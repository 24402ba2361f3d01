package registrar

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/build"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/record"
	"blockstack/txbuilder/registrar/step"
)

// draftStep makes the draft that an action needs, or waits for its signatures.
func (r *Registrar) draftStep(ctx context.Context, j *job.Job, f step.Facts, a step.Action) (*job.Job, error) {
	parent, err := r.draftParent(ctx, j, a)
	if err != nil {
		return nil, err
	}
	if d := step.Waiting(j, a, parent); d != nil {
		good, err := r.facts.GoodWith(ctx, j, d, f)
		if err != nil {
			return nil, err
		}
		if good {
			return r.waitSignatures(j, d, a)
		}
	}
	var made *job.Draft
	next, err := r.book.Change(ctx, j, j.State, func(n *job.Job) error {
		m, err := r.build.TxsFor(ctx, n, a)
		if err != nil {
			return err
		}
		m.Drafting = true
		if old := step.Waiting(n, a, parent); old != nil {
			p, err := old.PSBT()
			if err != nil {
				return err
			}
			// Whoever has the old one may still sign it: only one of the two may ever
			// confirm.
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
		r.book.Tell(record.Event{Job: j.ID, What: record.EventDrafted, State: next.State, Role: d.Role, Txid: d.Unsigned.String(), Text: job.Words(d.Role)})
	}
	return r.waitSignatures(next, made, a)
}

// draftParent is the transaction that the one of an action spends: the version that
// is in a block, zero for a job's first.
func (r *Registrar) draftParent(ctx context.Context, j *job.Job, a step.Action) (chainhash.Hash, error) {
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
	tip, _, err := r.cfg.Chain.Tip(ctx)
	if err != nil {
		return chainhash.Hash{}, fmt.Errorf("chain tip: %w", err)
	}
	v, _, err := r.facts.MinedVersion(ctx, j, parent, tip)
	if err != nil {
		return chainhash.Hash{}, err
	}
	return v.Txid, nil
}

// waitSignatures lets a job stand still until a draft comes back.
func (r *Registrar) waitSignatures(j *job.Job, d *job.Draft, a step.Action) (*job.Job, error) {
	next, err := job.Clone(j)
	if err != nil {
		return nil, err
	}
	w := &job.Wait{For: "the signed PSBT of " + job.Words(d.Role), Signatures: true, Deadline: d.Version.Window}
	if a.Optional && a.Wait != nil {
		w.For, w.Blocks, w.Txid = a.Wait.For+", or for the signed PSBT of a version with a higher fee", a.Wait.Blocks, a.Wait.Txid
	}
	next.Wait = w
	r.book.Tell(record.Event{Job: j.ID, What: record.EventWaiting, State: j.State, Wait: w, Text: w.For})
	return next, nil
}

// findDraft finds the job that has planned a transaction.
func (r *Registrar) findDraft(ctx context.Context, unsigned chainhash.Hash) (*job.Job, *job.Draft, error) {
	jobs, err := r.cfg.Journal.Jobs(ctx)
	if err != nil {
		return nil, nil, err
	}
	return job.FindDraft(jobs, unsigned)
}
