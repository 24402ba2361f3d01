package registrar

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/build"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
	"blockstack/txbuilder/registrar/step"
	"blockstack/txbuilder/registrar/terms"
)

// advanceSplit is Advance for a split: its transaction is sent until it is deep
// enough, and at a higher fee after some patience, as long as nothing hangs on it. It is
// Rejected when it can never confirm.
func (r *Registrar) advanceSplit(ctx context.Context, j *job.Job) (*job.Job, error) {
	raised := false
	for range maxActions {
		if !j.Open() && j.State != job.Done || j.State == job.Planned {
			return j, nil
		}
		tip, _, err := r.cfg.Chain.Tip(ctx)
		if err != nil {
			return j, j.Wrap(fmt.Errorf("chain tip: %w", err))
		}
		st := j.Stage(job.RoleSplit)
		depth, pooled, other := int32(0), false, -1
		for i, v := range st.Versions {
			at, err := r.cfg.Chain.TxStatus(ctx, v.Txid)
			if err != nil {
				return j, j.Wrap(fmt.Errorf("transaction %s: %w", v.Txid, err))
			}
			if at.Height > 0 {
				depth = tip - at.Height + 1
			}
			if at.InMempool {
				pooled, other = pooled || i == st.Current, i
			}
		}
		switch {
		case depth >= j.Request.Confirmations && j.State == job.Done:
			return j, nil
		case depth >= j.Request.Confirmations:
			return r.book.Change(ctx, j, job.Done, func(*job.Job) error { return nil })
		case j.State == job.Done && depth == 0:
			if j, err = r.book.Change(ctx, j, job.Running, func(n *job.Job) error {
				n.Stage(job.RoleSplit).Since = tip
				return nil
			}); err != nil {
				return j, err
			}
			continue
		case depth == 0 && !pooled && other >= 0 && r.hangs(ctx, j, st.Versions[other]):
			// A reorg brought it back, with what was built on it.
			if j, err = r.book.Change(ctx, j, j.State, func(n *job.Job) error {
				n.Stage(job.RoleSplit).Current = other
				return nil
			}); err != nil {
				return j, j.Wrap(err)
			}
			continue
		case depth == 0 && !pooled:
			err := r.broadcast(ctx, j, step.Pick{Role: job.RoleSplit, Version: st.Current})
			var no *ports.Refused
			switch is := errors.As(err, &no); {
			case is && no.Class == ports.RefusedFee && !raised:
				next, berr := r.dearerSplit(ctx, j, tip)
				if berr != nil {
					return j, j.Wrap(fmt.Errorf("%w; a dearer version: %w", err, berr))
				}
				if next != j {
					j, raised = next, true
					continue
				}
			case is:
				next, derr := r.withoutDoomed(ctx, j, tip)
				if derr != nil {
					return j, j.Wrap(errors.Join(err, derr))
				}
				if next != j {
					j = next
					continue
				}
			}
			if err != nil {
				return j, j.Wrap(err)
			}
		case depth == 0 && tip-st.Since >= step.BumpAfter && r.cfg.Wallet.CanSign(ctx):
			next, err := r.bumpSplit(ctx, j, tip, false)
			if err == nil {
				j = next
				continue
			}
			if ctx.Err() != nil {
				return j, err
			}
		}
		return r.perform(ctx, j, step.Facts{}, step.Action{Do: step.DoWait, Wait: &job.Wait{For: "the coins of the batch to be confirmed", Blocks: max(1, j.Request.Confirmations-depth), Txid: &st.Versions[st.Current].Txid}})
	}
	return j, j.Wrap(fmt.Errorf("%w (%s)", ErrRestless, j.State))
}

// hangs says whether something was sent that spends a version.
func (r *Registrar) hangs(ctx context.Context, j *job.Job, v *job.Version) bool {
	hung, err := (&build.Fees{Config: r.build, Job: j}).Hung(ctx)
	return err == nil && hung.Fees(v.Txid) > 0
}

// withoutDoomed takes another version of a split when the current one can never
// confirm, because what it spends is gone for good; without one the split is over. The
// job is the same when its version may still confirm.
func (r *Registrar) withoutDoomed(ctx context.Context, j *job.Job, tip int32) (*job.Job, error) {
	dead, err := r.facts.Doomed(ctx, j.Request.Confirmations)
	st := j.Stage(job.RoleSplit)
	if err != nil || !dead[st.Versions[st.Current].Txid] {
		return j, err
	}
	good := slices.IndexFunc(st.Versions, func(v *job.Version) bool { return !dead[v.Txid] })
	if good < 0 {
		return r.book.Change(ctx, j, job.Rejected, func(n *job.Job) error {
			n.Reason = "a coin that it spends is gone: the chain has another version of the transaction that made it; nothing was paid"
			return nil
		})
	}
	return r.book.Change(ctx, j, j.State, func(n *job.Job) error {
		st := n.Stage(job.RoleSplit)
		st.Current, st.Since = good, tip
		return nil
	})
}

// dearerSplit is a newer version of a split that the node refused for its fee. The job is
// the same where the refusal cannot be explained: a node is not given more and more.
func (r *Registrar) dearerSplit(ctx context.Context, j *job.Job, tip int32) (*job.Job, error) {
	fees, err := ports.FeesOf(ctx, r.cfg.Chain)
	if err != nil {
		return j, fmt.Errorf("fees of the memory pool: %w", err)
	}
	st := j.Stage(job.RoleSplit)
	v, rival := st.Versions[st.Current], false
	for _, o := range st.Versions {
		at, err := r.cfg.Chain.TxStatus(ctx, o.Txid)
		if err != nil {
			return j, fmt.Errorf("transaction %s: %w", o.Txid, err)
		}
		rival = rival || at.InMempool
	}
	_, asked := ports.RelayOf(r.cfg.Chain)
	switch {
	case asked && !rival && txbuilder.RateOf(v.Fee, v.VSize) >= fees.Floor:
		return j, nil
	case !r.cfg.Wallet.CanSign(ctx):
		return j, ErrNeedsKey
	}
	return r.bumpSplit(ctx, j, tip, true)
}

// bumpSplit signs a newer version at a higher fee, forced: since the node refused the others.
func (r *Registrar) bumpSplit(ctx context.Context, j *job.Job, tip int32, forced bool) (*job.Job, error) {
	return r.book.Change(ctx, j, job.Running, func(n *job.Job) error {
		if err := r.book.Agreed(ctx, n); err != nil {
			return err
		}
		m, err := r.build.Txs(ctx, n, &terms.Terms{Tip: tip}, r.build.SignPlan)
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
