package registrar

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/txbuilder"
)

// advanceSplit is Advance for a split: its transaction is sent until it is deep
// enough, and at a higher fee after some patience, as long as nothing hangs on it. It is
// Rejected when it can never confirm.
func (r *Registrar) advanceSplit(ctx context.Context, j *Job) (*Job, error) {
	raised := false
	for range maxActions {
		if !j.Open() && j.State != Done || j.State == Planned {
			return j, nil
		}
		tip, _, err := r.cfg.Chain.Tip(ctx)
		if err != nil {
			return j, r.wrap(j, fmt.Errorf("chain tip: %w", err))
		}
		st := j.stage(RoleSplit)
		depth, pooled, other := int32(0), false, -1
		for i, v := range st.Versions {
			at, err := r.cfg.Chain.TxStatus(ctx, v.Txid)
			if err != nil {
				return j, r.wrap(j, fmt.Errorf("transaction %s: %w", v.Txid, err))
			}
			if at.Height > 0 {
				depth = tip - at.Height + 1
			}
			if at.InMempool {
				pooled, other = pooled || i == st.Current, i
			}
		}
		switch {
		case depth >= j.Request.Confirmations && j.State == Done:
			return j, nil
		case depth >= j.Request.Confirmations:
			return r.change(ctx, j, Done, func(*Job) error { return nil })
		case j.State == Done && depth == 0:
			if j, err = r.change(ctx, j, Running, func(n *Job) error {
				n.stage(RoleSplit).Since = tip
				return nil
			}); err != nil {
				return j, err
			}
			continue
		case depth == 0 && !pooled && other >= 0 && r.hangs(ctx, j, st.Versions[other]):
			// A reorg brought it back, with what was built on it.
			if j, err = r.change(ctx, j, j.State, func(n *Job) error {
				n.stage(RoleSplit).Current = other
				return nil
			}); err != nil {
				return j, r.wrap(j, err)
			}
			continue
		case depth == 0 && !pooled:
			err := r.broadcast(ctx, j, Pick{Role: RoleSplit, Version: st.Current})
			var no *Refused
			switch is := errors.As(err, &no); {
			case is && no.Class == RefusedFee && !raised:
				next, berr := r.dearerSplit(ctx, j, tip)
				if berr != nil {
					return j, r.wrap(j, fmt.Errorf("%w; a dearer version: %w", err, berr))
				}
				if next != j {
					j, raised = next, true
					continue
				}
			case is:
				next, derr := r.withoutDoomed(ctx, j, tip)
				if derr != nil {
					return j, r.wrap(j, errors.Join(err, derr))
				}
				if next != j {
					j = next
					continue
				}
			}
			if err != nil {
				return j, r.wrap(j, err)
			}
		case depth == 0 && tip-st.Since >= bumpAfter && r.cfg.Wallet.CanSign(ctx):
			next, err := r.bumpSplit(ctx, j, tip, false)
			if err == nil {
				j = next
				continue
			}
			if ctx.Err() != nil {
				return j, err
			}
		}
		return r.perform(ctx, j, Facts{}, Action{Do: DoWait, Wait: &Wait{For: "the coins of the batch to be confirmed", Blocks: max(1, j.Request.Confirmations-depth), Txid: &st.Versions[st.Current].Txid}})
	}
	return j, r.wrap(j, fmt.Errorf("%w (%s)", ErrRestless, j.State))
}

// hangs says whether something was sent that spends a version.
func (r *Registrar) hangs(ctx context.Context, j *Job, v *Version) bool {
	hung, err := (&maker{r: r, j: j}).hung(ctx)
	return err == nil && hung.fees(v.Txid) > 0
}

// withoutDoomed takes another version of a split when the current one can never
// confirm, because what it spends is gone for good; without one the split is over. The
// job is the same when its version may still confirm.
func (r *Registrar) withoutDoomed(ctx context.Context, j *Job, tip int32) (*Job, error) {
	dead, err := r.doomed(ctx, j.Request.Confirmations)
	st := j.stage(RoleSplit)
	if err != nil || !dead[st.Versions[st.Current].Txid] {
		return j, err
	}
	good := slices.IndexFunc(st.Versions, func(v *Version) bool { return !dead[v.Txid] })
	if good < 0 {
		return r.change(ctx, j, Rejected, func(n *Job) error {
			n.Reason = "a coin that it spends is gone: the chain has another version of the transaction that made it; nothing was paid"
			return nil
		})
	}
	return r.change(ctx, j, j.State, func(n *Job) error {
		st := n.stage(RoleSplit)
		st.Current, st.Since = good, tip
		return nil
	})
}

// dearerSplit is a newer version of a split that the node refused for its fee. The job is
// the same where the refusal cannot be explained: a node is not given more and more.
func (r *Registrar) dearerSplit(ctx context.Context, j *Job, tip int32) (*Job, error) {
	fees, err := feesOf(ctx, r.cfg.Chain)
	if err != nil {
		return j, fmt.Errorf("fees of the memory pool: %w", err)
	}
	st := j.stage(RoleSplit)
	v, rival := st.Versions[st.Current], false
	for _, o := range st.Versions {
		at, err := r.cfg.Chain.TxStatus(ctx, o.Txid)
		if err != nil {
			return j, fmt.Errorf("transaction %s: %w", o.Txid, err)
		}
		rival = rival || at.InMempool
	}
	_, asked := relayOf(r.cfg.Chain)
	switch {
	case asked && !rival && txbuilder.RateOf(v.Fee, v.VSize) >= fees.Floor:
		return j, nil
	case !r.cfg.Wallet.CanSign(ctx):
		return j, ErrNeedsKey
	}
	return r.bumpSplit(ctx, j, tip, true)
}

// bumpSplit signs a newer version at a higher fee, forced: since the node refused the others.
func (r *Registrar) bumpSplit(ctx context.Context, j *Job, tip int32, forced bool) (*Job, error) {
	return r.change(ctx, j, Running, func(n *Job) error {
		if err := r.agreed(ctx, n); err != nil {
			return err
		}
		m, err := r.maker(ctx, n, &terms{tip: tip}, r.signPlan)
		if err != nil {
			return err
		}
		m.forced = m.forced || forced
		st := n.stage(RoleSplit)
		f, err := m.funding(ctx, RoleSplit, true)
		if err != nil {
			return err
		}
		before := len(st.Versions)
		if err := m.splitCoins(ctx, f); err != nil {
			return err
		}
		if len(st.Versions) == before {
			return nothingNewer(j, RoleSplit, func(chainhash.Hash) bool { return false })
		}
		st.Current, st.Since = before, tip
		return nil
	})
}

// splitCoins makes one version of a split.
func (m *maker) splitCoins(ctx context.Context, f txbuilder.Funding) error {
	p, err := m.splitPlan(ctx, f)
	if err != nil {
		return err
	}
	if limit := m.j.Request.MaxTotal; limit > 0 && p.Fee > limit {
		return &OverBudget{Need: p.Fee, Max: limit}
	}
	if err := m.affordable(p); err != nil {
		return err
	}
	v := &Version{Fee: p.Fee, Rate: f.Rate, Next: -1, Signed: m.t.tip}
	if _, err := m.seal(ctx, p, v); err != nil {
		return err
	}
	st := m.j.stage(RoleSplit)
	if st == nil {
		st = &Stage{Role: RoleSplit, Since: m.t.tip, Used: true}
		m.j.Stages = append(m.j.Stages, st)
	}
	if !slices.ContainsFunc(st.Versions, func(o *Version) bool { return o.Txid == v.Txid }) {
		st.Versions = append(st.Versions, v)
	}
	m.planned = append(m.planned, planned{RoleSplit, p, f.Rate})
	return nil
}

// splitPlan plans the payment that makes the coins.
func (m *maker) splitPlan(ctx context.Context, f txbuilder.Funding) (*txbuilder.Plan, error) {
	outs := m.j.Request.Split.Outputs
	r := txbuilder.PaymentRequest{Funding: f, To: outs[0].Script, Amount: outs[0].Amount, Text: "pays for a series of names"}
	for _, o := range outs[1:] {
		r.More = append(r.More, txbuilder.Payee{To: o.Script, Amount: o.Amount, Text: "pays for a series of names"})
	}
	return m.b.Payment(ctx, r)
}
