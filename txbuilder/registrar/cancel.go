package registrar

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/step"
)

// Cancel gives a job up as long as nothing is lost by it. A job that signed
// nothing is Cancelled at once. One whose preorder is in no block spends the
// preorder's inputs back to where they came from, at a higher fee, and is
// Cancelled once that is confirmed; should a miner still take the preorder, the
// job goes on. Later there is nothing to undo, and the error is
// ErrNotCancellable.
func (r *Registrar) Cancel(ctx context.Context, id job.ID) (*job.Job, error) {
	j, err := r.cfg.Journal.Job(ctx, id)
	if err != nil {
		return nil, err
	}
	if j.Request.Kind == job.KindSeries || j.Request.Kind == job.KindSplit && j.State != job.Planned {
		return r.cancelSeries(ctx, j)
	}
	switch j.State {
	case job.Planned:
		return r.change(ctx, j, job.Cancelled, func(n *job.Job) error {
			n.Reason = "cancelled before anything was signed"
			if len(n.Drafts()) > 0 {
				n.Reason = "cancelled before anything came back signed; a PSBT that was signed all the same can be sent until its coins are spent"
			}
			return nil
		})
	case job.MoveSigned:
		return r.change(ctx, j, job.Cancelled, func(n *job.Job) error {
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
	f, err := r.look(ctx, j, nil)
	if err != nil {
		return nil, r.wrap(j, err)
	}
	for _, txid := range j.Txids(j.Flow().First()) {
		if f.Txs[txid].Height > 0 {
			return nil, fmt.Errorf("job %s: %s is in block %d: %w", id, job.Words(j.Flow().First()), f.Txs[txid].Height, ErrNotCancellable)
		}
	}
	next, err := r.signStep(ctx, j, f, step.Action{Do: step.DoSign, Role: job.RoleReturn, To: job.Cancelling, Reason: "cancelled"})
	if err != nil {
		return nil, r.wrap(j, err)
	}
	return next, nil
}

// giveBack makes the transaction that returns the inputs of the job's first one. It spends
// all inputs of the current version, at a rate and a fee above every version.
func (m *maker) giveBack(ctx context.Context) error {
	f, err := m.funding(ctx, m.j.Flow().First(), true)
	if err != nil {
		return err
	}
	if m.j.Request.Kind.OfOwner() {
		if err := m.optionalChange(ctx, &f); err != nil {
			return err
		}
	}
	p, err := m.b.Return(ctx, txbuilder.ReturnRequest{Funding: f, Apart: m.j.Request.Kind.OfOwner()})
	if limit := m.j.Request.MaxTotal; err == nil && limit > 0 && p.Fee > limit {
		if f.Rate, f.MinFee, err = m.leastToReplace(ctx); err != nil {
			return err
		}
		if p, err = m.b.Return(ctx, txbuilder.ReturnRequest{Funding: f, Apart: m.j.Request.Kind.OfOwner()}); err == nil && p.Fee > limit {
			err = &job.OverBudget{Need: p.Fee, Max: limit}
		}
	}
	if err != nil {
		return err
	}
	_, _, err = m.add(ctx, job.RoleReturn, p, f.Rate, chainhash.Hash{}, -1, 0)
	return err
}

// leastToReplace is the lowest rate and fee that replace what may have been sent:
// what was only signed in advance need not be outbid.
func (m *maker) leastToReplace(ctx context.Context) (rate txbuilder.FeeRate, fee btcutil.Amount, err error) {
	var versions []*job.Version
	for _, role := range []job.Role{m.j.Flow().First(), job.RoleReturn} {
		if st := m.j.Stage(role); st != nil {
			versions = append(versions, st.Versions[:st.Current+1]...)
		}
	}
	rate, actual, fee, err := m.bids(ctx, versions)
	return max(rate, actual) + m.relay.Increment, fee, err
}

// withinBudget refuses a newer version whose fee would take the job above its
// ceiling.
func (m *maker) withinBudget(st *job.Stage, f txbuilder.Funding) error {
	ceiling := m.j.Request.MaxTotal
	if ceiling == 0 {
		return nil
	}
	var total btcutil.Amount
	for _, s := range m.j.Stages {
		if s.Role == job.RoleReturn {
			continue
		}
		v := s.Versions[s.Current]
		fee := v.Fee
		if s == st {
			fee = max(f.MinFee, f.Rate.Fee(v.VSize+replacementSlack))
		}
		total += fee + v.Burn + v.Given
	}
	if total > ceiling {
		return &job.OverBudget{Need: total, Max: ceiling}
	}
	return nil
}
