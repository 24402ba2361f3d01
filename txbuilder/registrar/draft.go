package registrar

import (
	"context"
	"encoding/hex"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
	"blockstack/txbuilder/registrar/step"
)

// addDraft keeps a plan as a draft. The transaction is nil when its txid is not
// known before it is signed.
func (m *maker) addDraft(ctx context.Context, role job.Role, p *txbuilder.Plan, v *job.Version) (*wire.MsgTx, error) {
	if a, ok := m.r.cfg.Wallet.(ports.Annotator); ok {
		if err := a.Annotate(ctx, p.Packet); err != nil {
			return nil, fmt.Errorf("%s: %w", p.Operation, err)
		}
	}
	if err := txbuilder.AddClaim(p.Packet, m.claim()); err != nil {
		return nil, err
	}
	d := &job.Draft{Role: role, Unsigned: p.Packet.UnsignedTx.TxHash()}
	var err error
	if d.Packet, err = txbuilder.EncodePacket(p.Packet); err != nil {
		return nil, fmt.Errorf("%s: %w", p.Operation, err)
	}
	tx, fixed := txbuilder.FixedTx(p.Packet)
	v.VSize = p.VSize
	if fixed {
		v.Txid = tx.TxHash()
	}
	d.Version = *v
	for i, o := range m.j.Drafted {
		if o.Unsigned == d.Unsigned { // the same once more: it is as good as new
			m.j.Drafted[i], d = d, nil
			break
		}
	}
	if d != nil {
		m.j.Drafted = append(m.j.Drafted, d)
	}
	if !fixed {
		return nil, nil
	}
	return tx, nil
}

// claim is what the packets of the job say about themselves.
func (m *maker) claim() txbuilder.Claim {
	req := &m.j.Request
	c := txbuilder.Claim{Job: string(m.j.ID), Consensus: hex.EncodeToString(m.t.consensus[:])}
	if req.Kind == job.KindLaunch {
		c.Namespace = string(req.NamespaceID())
	} else {
		c.Name = req.Name.String()
	}
	if addr, err := m.r.cfg.Params.ScriptAddress(req.Owner); err == nil && !req.Kind.OfOwner() {
		c.Owner = addr
	}
	return c
}

// goodWith is good for a draft and for those that wait with it and spend it.
func (r *Registrar) goodWith(ctx context.Context, j *job.Job, d *job.Draft, f step.Facts) (bool, error) {
	good, err := r.good(ctx, d, f, f.Tip)
	if d.Role != job.RoleMove || d.Version.Txid == (chainhash.Hash{}) {
		return good, err
	}
	for _, o := range j.Drafts() {
		if err == nil && good && o.Version.Parent == d.Version.Txid {
			good, err = r.good(ctx, o, f, f.Tip)
		}
	}
	return good, err
}

// good says whether a draft would still count if it were signed now.
func (r *Registrar) good(ctx context.Context, d *job.Draft, f step.Facts, indexTip int32) (bool, error) {
	v := &d.Version
	if v.Window == 0 {
		return f.Tip-v.Signed <= step.DraftLife, nil
	}
	if f.Tip+step.ReplaceMargin >= v.Window && f.Tip > v.Signed {
		return false, nil
	}
	stale, err := r.stale(ctx, v, indexTip)
	return !stale, err
}

// draftStep makes the draft that an action needs, or waits for its signatures.
func (r *Registrar) draftStep(ctx context.Context, j *job.Job, f step.Facts, a step.Action) (*job.Job, error) {
	parent, err := r.draftParent(ctx, j, a)
	if err != nil {
		return nil, err
	}
	if d := step.Waiting(j, a, parent); d != nil {
		good, err := r.goodWith(ctx, j, d, f)
		if err != nil {
			return nil, err
		}
		if good {
			return r.waitSignatures(j, d, a)
		}
	}
	var made *job.Draft
	next, err := r.change(ctx, j, j.State, func(n *job.Job) error {
		m, err := r.makerFor(ctx, n, a)
		if err != nil {
			return err
		}
		m.drafting = true
		if old := step.Waiting(n, a, parent); old != nil {
			p, err := old.PSBT()
			if err != nil {
				return err
			}
			// Whoever has the old one may still sign it: only one of the two may ever
			// confirm.
			if m.reuse, err = txbuilder.PacketInputs(p); err != nil {
				return err
			}
			m.moving = old.Role == job.RoleMove
		}
		old := n.Drafted
		n.Drafted = nil
		if err := m.make(ctx, a); err != nil {
			return err
		}
		if len(n.Drafted) == 0 {
			return nothingNewer(j, a.Role, f.Mined)
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
		r.notify(Event{Job: j.ID, What: EventDrafted, State: next.State, Role: d.Role, Txid: d.Unsigned.String(), Text: job.Words(d.Role)})
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
	m := &maker{r: r, j: j, t: &terms{}}
	var err error
	if m.t.tip, _, err = r.cfg.Chain.Tip(ctx); err != nil {
		return chainhash.Hash{}, fmt.Errorf("chain tip: %w", err)
	}
	v, _, err := m.minedVersion(ctx, parent)
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
	r.notify(Event{Job: j.ID, What: EventWaiting, State: j.State, Wait: w, Text: w.For})
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
