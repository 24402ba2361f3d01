package registrar

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
	"blockstack/txbuilder/registrar/step"
)

// attempt is what one call of Advance has learned from the node's answers. None of it is
// kept: another node, or the same one later, may answer otherwise.
type attempt struct {
	sent  map[chainhash.Hash]bool // offered and not refused
	dead  map[chainhash.Hash]bool // can never confirm; nil before it was looked for
	cheap map[chainhash.Hash]bool // refused for their fee
	unfit map[chainhash.Hash]bool // refused for a coin that is not there now
	// raised are the transactions of which a version was signed because the others were
	// refused for their fee; why is the last of those refusals.
	raised map[job.Role]bool
	why    error
}

// afterRefusal decides what a refusal of a stored transaction means: again says that the
// next step does something else. Where nothing helps it is false, and the refusal is
// told; the same bytes are offered again the next time.
func (r *Registrar) afterRefusal(ctx context.Context, run *attempt, j *job.Job, f step.Facts, a step.Action, no *ports.Refused, err error) (again bool, _ error) {
	pick, v := step.RefusedOne(j, a, no.Txid)
	switch {
	case no.Class == ports.RefusedRow || v == nil:
		return false, nil
	case no.Class == ports.RefusedFee:
		return r.refusedForFee(ctx, run, j, f, pick, v, err)
	}
	if run.dead == nil {
		a.Role, a.Version = pick.Role, pick.Version
		dead, err := r.refusedForGood(ctx, j, a)
		if err != nil || dead != nil {
			run.dead = dead
			return err == nil, err
		}
	}
	if no.Class != ports.RefusedCoins || run.unfit[no.Txid] {
		return false, nil
	}
	// Another version may not need that coin.
	run.unfit[no.Txid] = true
	return step.HasFitter(j, f, pick.Role), nil
}

// refusedForFee goes on with a dearer version: one that is stored, or, once in an
// attempt, one that is to be signed. A node that refuses for no reason that can be seen
// is not given more and more.
func (r *Registrar) refusedForFee(ctx context.Context, run *attempt, j *job.Job, f step.Facts, p step.Pick, v *job.Version, err error) (again bool, _ error) {
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
	if _, ok := ports.RelayOf(r.cfg.Chain); !ok {
		return true, nil
	}
	fees, ferr := ports.FeesOf(ctx, r.cfg.Chain)
	if ferr != nil {
		return false, fmt.Errorf("fees of the memory pool: %w", ferr)
	}
	return txbuilder.RateOf(v.Fee, v.VSize) < fees.Floor, nil
}

// refusedForGood looks whether a version that the node refused can never confirm.
// If it may, there are none: the same bytes are offered again.
func (r *Registrar) refusedForGood(ctx context.Context, j *job.Job, a step.Action) (map[chainhash.Hash]bool, error) {
	dead, err := r.facts.Doomed(ctx, j.Request.Confirmations)
	if err != nil {
		return nil, err
	}
	if !dead[j.Stage(a.Role).Versions[a.Version].Txid] && a.Role == job.RoleReturn {
		if err := r.facts.Vanished(ctx, j, dead); err != nil {
			return nil, err
		}
	}
	if !dead[j.Stage(a.Role).Versions[a.Version].Txid] {
		return nil, nil
	}
	return dead, nil
}

// seriesTooCheap decides what a refusal for a fee means for a series: again says that a
// dearer path is to be taken, or, once in an attempt, signed.
func (r *Registrar) seriesTooCheap(ctx context.Context, run *attempt, j *job.Job, f *step.SeriesFacts, no *ports.Refused, err error) (again bool, _ error) {
	l, known := j.Links()[no.Txid]
	if no.Class != ports.RefusedFee || !known || run.cheap[no.Txid] {
		return false, nil
	}
	run.cheap[no.Txid], run.why = true, err
	for id, o := range j.Links() {
		if o.Version.Parent == l.Version.Parent && f.Txs[id].InMempool {
			return true, nil
		}
	}
	if _, ok := ports.RelayOf(r.cfg.Chain); !ok {
		return true, nil
	}
	fees, ferr := ports.FeesOf(ctx, r.cfg.Chain)
	if ferr != nil {
		return false, fmt.Errorf("fees of the memory pool: %w", ferr)
	}
	return txbuilder.RateOf(l.Version.Fee, l.Version.VSize) < fees.Floor, nil
}

// rowWait is what is waited for where too many unconfirmed ones would hang together.
func rowWait(no *ports.Refused) *job.Wait {
	return &job.Wait{For: "a block: the node takes no more unconfirmed transactions in a row", Blocks: 1, Txid: &no.Txid}
}
