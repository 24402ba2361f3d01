package advance

import (
	"context"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
	"blockstack/txbuilder/registrar/step"
)

func (r *single) refused(ctx context.Context, j *job.Job, refusal *ports.Refused, err error) (response, error) {
	again, rerr := r.afterRefusal(ctx, j, refusal, err)
	if rerr != nil || again {
		return response{again: again}, rerr
	}
	switch refusal.Class {
	case ports.RefusedRow:
		return response{wait: &step.Action{Do: step.DoWait, To: j.State, Wait: rowWait(refusal)}}, nil
	case ports.RefusedCoins:
		w, err := r.Facts.OtherVersion(ctx, j, refusal.Txid)
		if err != nil || w == nil {
			return response{}, err
		}
		return response{wait: &step.Action{Do: step.DoWait, To: j.State, Wait: w}}, nil
	}
	return response{}, nil
}

// afterRefusal decides what a refusal of a stored transaction means: again says that the next step
// does something else. Where nothing helps it is false, and the refusal is told; the same bytes are
// offered again the next time.
func (r *single) afterRefusal(ctx context.Context, j *job.Job, refusal *ports.Refused, err error) (again bool, _ error) {
	run, f, a := r.run, r.f, r.a
	pick, v := step.RefusedOne(j, a, refusal.Txid)
	switch {
	case refusal.Class == ports.RefusedRow || v == nil:
		return false, nil
	case refusal.Class == ports.RefusedFee:
		return r.refusedForFee(ctx, j, pick, v, err)
	}
	if run.dead == nil {
		a.Role, a.Version = pick.Role, pick.Version
		dead, err := r.refusedForGood(ctx, j, a)
		if err != nil || dead != nil {
			run.dead = dead
			return err == nil, err
		}
	}
	if refusal.Class != ports.RefusedCoins || run.unfit[refusal.Txid] {
		return false, nil
	}
	// Another version may not need that coin.
	run.unfit[refusal.Txid] = true
	return step.HasFitter(j, f, pick.Role), nil
}

// refusedForFee goes on with a dearer version: one that is stored, or, once in an attempt, one that
// is to be signed. A node that refuses for no reason that can be seen is not given more and more.
func (r *single) refusedForFee(ctx context.Context, j *job.Job, p step.Pick, v *job.Version, err error) (again bool, _ error) {
	run, f := r.run, r.f
	if run.cheap[v.Txid] {
		return false, nil
	}
	run.cheap[v.Txid], run.why = true, err
	st := j.Stage(p.Role)
	for i, o := range st.Versions {
		if i > p.Version && o.Parent == v.Parent && !run.cheap[o.Txid] && !f.Lent[o.Txid] {
			return true, nil
		}
	}
	if run.raised[p.Role] {
		return false, nil
	}
	rivals := st.Versions
	if back := j.Stage(job.RoleReturn); back != nil {
		rivals = append(rivals[:len(rivals):len(rivals)], back.Versions...)
	}
	if first := j.Stage(j.Flow().First()); first != nil && p.Role == job.RoleReturn {
		rivals = append(rivals[:len(rivals):len(rivals)], first.Versions...)
	}
	for _, o := range rivals {
		if f.Txs[o.Txid].InMempool {
			return true, nil // it does not pay for what it would evict
		}
	}
	return r.tooCheap(ctx, v)
}

// refusedForGood looks whether a version that the node refused can never confirm. If it may, there
// are none: the same bytes are offered again.
func (r *single) refusedForGood(ctx context.Context, j *job.Job, a step.Action) (map[chainhash.Hash]bool, error) {
	dead, err := r.Facts.Doomed(ctx, j.Request.Confirmations)
	if err != nil {
		return nil, err
	}
	if !dead[j.Stage(a.Role).Versions[a.Version].Txid] && a.Role == job.RoleReturn {
		if err := r.Facts.Vanished(ctx, j, dead); err != nil {
			return nil, err
		}
	}
	if !dead[j.Stage(a.Role).Versions[a.Version].Txid] {
		return nil, nil
	}
	return dead, nil
}
