package advance

import (
	"context"
	"fmt"
	"strings"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/record"
	"blockstack/txbuilder/registrar/step"
)

// single is a job for one name, a launch or an import on its way.
type single struct {
	*Engine
	run *run
	f   step.Facts
	a   step.Action
}

func (r *single) next(ctx context.Context, j *job.Job, first bool) (*job.Job, step.Action, error) {
	f, err := r.Facts.Single(ctx, j, r.run.sent)
	if err != nil {
		return nil, step.Action{}, err
	}
	if first {
		more, err := r.Finds.Adopt(ctx, j, f)
		if err == nil && more == j && f.Synced {
			more, err = r.Finds.AdoptPlanned(ctx, j)
		}
		if err != nil || more != j {
			return more, step.Action{}, err
		}
	}
	f.Dead, f.Cheap, f.Unfit = r.run.dead, r.run.cheap, r.run.unfit
	r.f, r.a = f, step.Step(j, f)
	return j, r.a, nil
}

func (r *single) instead(j *job.Job, err error) (step.Action, bool) {
	a, ok := step.Instead(j, r.f, r.a, err)
	if ok {
		r.a = a
	}
	return a, ok
}

func (r *single) sent(j *job.Job) (ids []chainhash.Hash) {
	for _, p := range r.a.Picks() {
		ids = append(ids, j.Stage(p.Role).Versions[p.Version].Txid)
	}
	return ids
}

func (r *single) perform(ctx context.Context, j *job.Job) (*job.Job, error) {
	f, a := r.f, r.a
	switch a.Do {
	case step.DoNothing:
		return j, nil
	case step.DoWait:
		return r.wait(j, a.Wait)
	case step.DoBroadcast:
		for _, p := range a.Picks() {
			if err := r.broadcast(ctx, j, p); err != nil {
				return j, err
			}
		}
		return j, nil
	case step.DoEnter:
		return r.Book.Change(ctx, j, a.To, func(n *job.Job) error {
			if a.Reason != "" {
				n.Reason = a.Reason
			}
			for _, st := range n.Stages {
				if st.Used = st.Used && !a.Lost; j.State.Undone(a.To) {
					st.Since = f.Tip
				}
			}
			return nil
		})
	case step.DoUse:
		return r.Book.Change(ctx, j, a.To, func(n *job.Job) error {
			for _, p := range a.Picks() {
				st := n.Stage(p.Role)
				st.Current, st.Since, st.Used = p.Version, f.Tip, true
			}
			return nil
		})
	case step.DoSign:
		return r.signStep(ctx, j, f, a)
	case step.DoPublish:
		where, err := r.publish(ctx, j)
		if err != nil {
			return nil, fmt.Errorf("publish: %w", err)
		}
		next, err := r.Book.Change(ctx, j, a.To, func(n *job.Job) error {
			n.Published, n.IsPublic = where, true
			return nil
		})
		if err == nil {
			r.Book.Tell(record.Event{Job: j.ID, What: record.EventPublished, State: j.State, Text: strings.Join(where, " ")})
		}
		return next, err
	}
	panic(fmt.Sprintf("bug: no way to %s", a.Do))
}
