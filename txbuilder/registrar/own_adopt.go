package registrar

import (
	"bytes"
	"context"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/step"
)

// syncedTip is the tip that node and index agree on.
func (r *Registrar) syncedTip(ctx context.Context) (int32, error) {
	tip, hash, err := r.cfg.Chain.Tip(ctx)
	if err != nil {
		return 0, fmt.Errorf("chain tip: %w", err)
	}
	indexTip, indexHash, err := r.cfg.Names.Tip(ctx)
	if err != nil {
		return 0, fmt.Errorf("index tip: %w", err)
	}
	if tip != indexTip || hash != indexHash {
		return 0, fmt.Errorf("%w: it has read block %d of %d", job.ErrIndexBehind, indexTip, tip)
	}
	return tip, nil
}

// ours looks whether a preorder or a renewal of what is asked for was sent already, though no job
// follows it. One that fits gives the job that goes on with it, which is saved unless
// dry; one for somebody else is a *PreorderOurs. Nil: there is none.
func (r *Registrar) ours(ctx context.Context, req *job.Request, dry bool) (*Pending, error) {
	if req.Kind == job.KindRenew {
		return r.ourRenewal(ctx, req, dry)
	}
	if req.Kind != job.KindRegister && req.Kind != job.KindLaunch {
		return nil, nil
	}
	tip, err := r.syncedTip(ctx)
	if err != nil {
		return nil, err
	}
	own, err := r.everyPreorder(ctx, tip)
	if err != nil {
		return nil, err
	}
	p, err := own.choose(ctx, req)
	if err != nil || p == nil {
		return nil, err
	}
	found := *req
	found.Owner, p.Name = p.Owner, req.Name
	if req.Kind == job.KindLaunch {
		p.Namespace = req.Namespace.ID
	}
	p.Job, err = r.rescued(ctx, p, found, dry)
	return p, err
}

// choose gives the preorder that a request can go on with: one in a block before one in
// none. Nobody chooses the revealer of a namespace, so of a launch any will do. One that
// does not fit is a *PreorderOurs. Nil: there is none.
func (s *ownPreorders) choose(ctx context.Context, req *job.Request) (*Pending, error) {
	list, err := s.find(ctx, req)
	if err != nil {
		return nil, err
	}
	var best, other *Pending
	for _, p := range list {
		switch {
		case p.Lapsed:
		case p.Owned != nil, p.Ended != nil && p.Height == 0, req.Kind != job.KindLaunch && !bytes.Equal(p.Owner, req.Owner):
			other = p
		case best == nil, best.Height == 0 && p.Height > 0:
			best = p
		}
	}
	if best == nil && other != nil {
		return nil, s.outstanding(req, other)
	}
	return best, nil
}

// outstanding is the error about a preorder that stands in the way.
func (s *ownPreorders) outstanding(req *job.Request, p *Pending) error {
	e := &PreorderOurs{What: req.Subject(), Txid: p.Txid, Height: p.Height, Until: p.Until, Owner: p.Owner, Namespace: p.Outstanding.Namespace}
	var err error
	if e.Address, err = s.params.ScriptAddress(p.Owner); err != nil {
		return err
	}
	if p.Owned != nil {
		e.Job = p.Owned.ID
	} else if p.Ended != nil && p.Height == 0 {
		e.Job = p.Ended.ID
	}
	return e
}

// adoptPlanned makes a job that has signed nothing yet go on with a preorder or renewal that was
// sent without it.
func (r *Registrar) adoptPlanned(ctx context.Context, j *job.Job) (*job.Job, error) {
	if j.State != job.Planned || len(j.Stages)+len(j.Drafted) > 0 {
		return j, nil
	}
	p, err := r.ours(ctx, &j.Request, false)
	if err != nil || p == nil {
		return j, err
	}
	return p.Job, nil
}

// rescued makes the job of a preorder, or brings it in from the copy of the journal. A job
// for the same thing that has signed nothing yet becomes that job.
func (r *Registrar) rescued(ctx context.Context, p *Pending, req job.Request, dry bool) (*job.Job, error) {
	req, err := req.Normal(r.cfg.Params, r.cfg.Confirmations)
	if err != nil {
		return nil, err
	}
	now := r.cfg.Clock.Now().UTC()
	j := &job.Job{State: job.PreorderSigned, Request: req, Created: now, Updated: now, Sender: p.Sender}
	running, attempt, _, err := r.find(ctx, &req)
	switch {
	case err != nil:
		return nil, err
	case running != nil && running.State == job.Planned && len(running.Stages)+len(running.Drafted) == 0 && running.Request.Kind == req.Kind:
		j.ID, j.Attempt, j.Request, j.Created, j.Mark = running.ID, running.Attempt, running.Request, running.Created, running.Mark
	case running != nil && running.Open():
		return nil, &job.Conflict{ID: running.ID, What: "preorder"}
	default:
		j.ID, j.Attempt = job.NewID(&req, attempt), attempt
	}
	if err := r.stillOpen(ctx, &req); err != nil {
		return nil, err
	}
	if p.Copied != nil && p.Copied.GoesOnWith(&req, running) {
		return r.bringIn(ctx, p, dry)
	}
	tip, _, err := r.cfg.Chain.Tip(ctx)
	if err != nil {
		return nil, fmt.Errorf("chain tip: %w", err)
	}
	a := adopter{r: r, j: j, f: step.Facts{Tip: tip}}
	if err := a.first(ctx, p); err != nil {
		return nil, err
	}
	_, e := r.cfg.Params.Epoch(tip + 1)
	j.NeedsUpdate = len(j.Request.ZoneFile) > 0 && !e.Features.Has(names.FeatureRegisterUpdate)
	if dry {
		return j, nil
	}
	if err := r.cfg.Journal.Save(ctx, j); err != nil {
		return nil, err
	}
	where := "found on the chain"
	if p.Tx != nil {
		where = "found in no block yet"
	}
	r.notify(Event{Job: j.ID, What: EventState, State: j.State, Text: where})
	return j, nil
}

// first makes a preorder the first transaction of a job.
func (a *adopter) first(ctx context.Context, p *Pending) error {
	role, height, tx := a.j.Flow().Preorder, p.Height, p.Tx
	if tx == nil {
		block, err := a.r.cfg.Chain.BlockAt(ctx, height)
		if err != nil {
			return fmt.Errorf("block %d: %w", height, err)
		}
		for _, t := range block.Transactions {
			if t.TxHash() == p.Txid {
				tx = t
			}
		}
		if tx == nil {
			return fmt.Errorf("%w: transaction %s left the chain meanwhile", job.ErrIndexBehind, p.Txid)
		}
	} else {
		height = a.f.Tip + 1
	}
	if err := a.add(ctx, role, tx, height, chainhash.Hash{}, 1); err != nil {
		return err
	}
	if v := a.j.Stage(role).Versions[0]; p.Tx != nil {
		// What quotes no hash that is good any more is replaced before it can burn for nothing.
		if v.Signed = 0; v.Window == 0 {
			v.Window = 1
		} else {
			v.Signed = v.Window - a.r.cfg.Params.ConsensusWindow
		}
	}
	a.j.Price = a.r.paidBy(a.operation(tx, height), tx.TxOut[2].Value, tx.TxOut[2].PkScript)
	return nil
}
