package advance

import (
	"context"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/txbuilder/registrar/build"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
	"blockstack/txbuilder/registrar/step"
)

// split is the transaction that makes the coins of lists, on its way: it is sent until it is deep
// enough, and at a higher fee after some patience, as long as nothing hangs on it. It is Rejected
// when it can never confirm.
type split struct {
	*Engine
	run *run
	f   step.SplitFacts
	a   step.Action
}

func (r *split) next(ctx context.Context, j *job.Job, _ bool) (*job.Job, step.Action, error) {
	f, err := r.Facts.Split(ctx, j)
	if err != nil {
		return nil, step.Action{}, err
	}
	f.Sent, f.Cheap = r.run.sent, r.run.cheap
	if v := f.Other(j); v != nil {
		f.Hangs = r.hangs(ctx, j, v)
	}
	r.f, r.a = f, step.SplitStep(j, f)
	return j, r.a, nil
}

func (r *split) instead(j *job.Job, _ error) (step.Action, bool) {
	if !r.a.Optional {
		return step.Action{}, false
	}
	r.a = step.Action{Do: step.DoWait, To: j.State, Wait: r.a.Wait}
	return r.a, true
}

func (r *split) sent(j *job.Job) []chainhash.Hash {
	return []chainhash.Hash{j.Stage(job.RoleSplit).Versions[r.a.Version].Txid}
}

func (r *split) perform(ctx context.Context, j *job.Job) (*job.Job, error) {
	switch r.a.Do {
	case step.DoNothing:
		return j, nil
	case step.DoWait:
		return r.wait(j, r.a.Wait)
	case step.DoBroadcast:
		return j, r.broadcast(ctx, j, step.Pick{Role: job.RoleSplit, Version: r.a.Version})
	case step.DoSign:
		if !r.f.CanSign {
			return nil, ErrNeedsKey
		}
		return r.bumpSplit(ctx, j, r.f.Tip, r.a.Dearer)
	case step.DoEnter, step.DoUse:
		return r.Book.Change(ctx, j, r.a.To, func(n *job.Job) error {
			st := n.Stage(job.RoleSplit)
			if r.a.Do == step.DoUse {
				st.Current = r.a.Version
			} else if !r.a.To.Final() {
				st.Since = r.f.Tip
			}
			return nil
		})
	}
	panic(fmt.Sprintf("bug: no way to %s", r.a.Do))
}

func (r *split) refused(ctx context.Context, j *job.Job, refusal *ports.Refused, err error) (response, error) {
	v := j.Stage(job.RoleSplit).Versions[r.a.Version]
	if refusal.Class == ports.RefusedFee && !r.run.raised[job.RoleSplit] {
		cheap, ferr := r.tooCheap(ctx, v)
		if ferr != nil || !cheap && !r.f.Rival(j) {
			return response{}, ferr
		}
		r.run.cheap[v.Txid], r.run.why = true, err
		return response{again: true}, nil
	}
	next, derr := r.withoutDoomed(ctx, j, r.f.Tip)
	return response{job: next, again: derr == nil && next != j}, derr
}

// hangs says whether something was sent that spends a version.
func (r *split) hangs(ctx context.Context, j *job.Job, v *job.Version) bool {
	hung, err := (&build.Fees{Config: r.Build, Job: j}).Hung(ctx)
	return err == nil && hung.Fees(v.Txid) > 0
}

// withoutDoomed takes another version of a split when the current one can never confirm, because
// what it spends is gone for good; without one the split is over. The job is the same when its
// version may still confirm.
func (r *split) withoutDoomed(ctx context.Context, j *job.Job, tip int32) (*job.Job, error) {
	dead, err := r.Facts.Doomed(ctx, j.Request.Confirmations)
	st := j.Stage(job.RoleSplit)
	if err != nil || !dead[st.Versions[st.Current].Txid] {
		return j, err
	}
	good := slices.IndexFunc(st.Versions, func(v *job.Version) bool { return !dead[v.Txid] })
	if good < 0 {
		return r.Book.Change(ctx, j, job.Rejected, func(n *job.Job) error {
			n.Reason = "a coin that it spends is gone: the chain has another version of the transaction that made it; nothing was paid"
			return nil
		})
	}
	return r.Book.Change(ctx, j, j.State, func(n *job.Job) error {
		st := n.Stage(job.RoleSplit)
		st.Current, st.Since = good, tip
		return nil
	})
}
