package advance

import (
	"context"
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/build"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/record"
	"blockstack/txbuilder/registrar/step"
	"blockstack/txbuilder/registrar/terms"
)

// signSeries makes new paths. Where money or the ceiling forbid those, the names for which nothing
// is paid yet are given up: what was sent for them is replaced by what the others need, or by the
// return of the coin.
func (r *Engine) signSeries(ctx context.Context, j *job.Job, f *step.SeriesFacts, a step.SeriesAction) (*job.Job, error) {
	if !f.CanSign {
		return nil, needsKey(a.Wait, f.Tip)
	}
	if len(j.Stages) == 0 {
		if err := r.Doubts.MayBegin(ctx, j, f.Tip); err != nil {
			return nil, err
		}
	}
	next, made, err := r.signPaths(ctx, j, f, a, true)
	if errors.Is(err, txbuilder.ErrInsufficientFunds) && (a.Replace || len(a.Confirmed) > 0 || r.Build.FloorAbove(ctx, j.Request.Rate)) {
		next, made, err = r.signPaths(ctx, j, f, a, false)
	}
	if over := errors.As(err, new(*job.OverBudget)); len(a.First) > 0 && !a.Optional &&
		(over || errors.Is(err, txbuilder.ErrInsufficientFunds) || errors.Is(err, txbuilder.ErrFeeTooHigh)) {
		why := err
		return r.Book.Change(ctx, j, j.State, func(n *job.Job) error {
			for _, i := range a.First {
				p := &n.Items[i]
				p.State, p.Dropped, p.Reason = job.Cancelled, job.Cancelled, fmt.Sprintf("%v; nothing was paid", why)
			}
			return nil
		})
	}
	if err != nil {
		return nil, err
	}
	for _, p := range made {
		r.Book.Tell(record.Event{Job: j.ID, What: record.EventSigned, State: a.To, Role: p.Role, Text: p.Plan.Operation})
	}
	return next, nil
}

// signPaths makes new paths, closed: from the coin of the series alone.
func (r *Engine) signPaths(ctx context.Context, j *job.Job, f *step.SeriesFacts, a step.SeriesAction, closed bool) (*job.Job, []build.Planned, error) {
	var made []build.Planned
	next, err := r.Book.Change(ctx, j, a.To, func(n *job.Job) error {
		if err := r.Book.Agreed(ctx, n); err != nil {
			return err
		}
		w, err := r.Build.Paths(ctx, n, r.Build.SignPlan)
		if err != nil {
			return err
		}
		at := a.Root
		if at == (chainhash.Hash{}) {
			at = f.Newest
		}
		root, coin, err := r.Build.RootOf(ctx, n, at)
		if err != nil {
			return err
		}
		n.Sender = n.Request.Owner
		err = w.NewPaths(ctx, a, build.Trunk{Root: root, Coin: coin, Closed: closed})
		made = w.Planned
		return err
	})
	return next, made, err
}

// signStep builds, signs and stores a transaction with all that follows from it.
func (r *Engine) signStep(ctx context.Context, j *job.Job, f step.Facts, a step.Action) (*job.Job, error) {
	if !f.CanSign {
		return nil, needsKey(a.Wait, f.Tip)
	}
	if j.Request.External {
		return r.draftStep(ctx, j, f, a)
	}
	var made []build.Planned
	next, err := r.Book.Change(ctx, j, a.To, func(n *job.Job) error {
		m, err := r.Build.TxsFor(ctx, n, a)
		if err != nil {
			return err
		}
		before, moves := 0, n.Stage(job.RoleMove) == nil
		if st := n.Stage(a.Role); st != nil {
			before = len(st.Versions)
		}
		if err := m.Make(ctx, a); err != nil {
			return err
		}
		if moves && n.Stage(job.RoleMove) != nil { // what was to be signed first waits for it
			n.State, a.Role = job.MoveSigned, job.RoleMove
		}
		st := n.Stage(a.Role)
		if len(st.Versions) == before {
			return build.NoNewer(j, a.Role, f.Mined)
		}
		st.Current, st.Since, st.Used = before, f.Tip, true
		if a.Reason != "" {
			n.Reason = a.Reason
		}
		made = m.Planned
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, p := range made {
		r.Book.Tell(record.Event{Job: j.ID, What: record.EventSigned, State: a.To, Role: p.Role, Text: p.Plan.Operation})
	}
	return next, nil
}

// bumpSplit signs a newer version at a higher fee, forced: since the node refused the others.
func (r *Engine) bumpSplit(ctx context.Context, j *job.Job, tip int32, forced bool) (*job.Job, error) {
	return r.Book.Change(ctx, j, job.Running, func(n *job.Job) error {
		if err := r.Book.Agreed(ctx, n); err != nil {
			return err
		}
		m, err := r.Build.Txs(ctx, n, &terms.Terms{Tip: tip}, r.Build.SignPlan)
		if err != nil {
			return err
		}
		m.Forced = m.Forced || forced
		st := n.Stage(job.RoleSplit)
		f, err := m.Funding(ctx, job.RoleSplit, true)
		if err != nil {
			return err
		}
		before := len(st.Versions)
		if err := m.SplitCoins(ctx, f); err != nil {
			return err
		}
		if len(st.Versions) == before {
			return build.NoNewer(j, job.RoleSplit, func(chainhash.Hash) bool { return false })
		}
		st.Current, st.Since = before, tip
		return nil
	})
}
