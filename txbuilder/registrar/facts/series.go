package facts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
	"blockstack/txbuilder/registrar/step"
)

// Series gathers the facts about a series.
func (r *Source) Series(ctx context.Context, j *job.Job, sent map[chainhash.Hash]bool) (*step.SeriesFacts, error) {
	tip, hash, err := r.Chain.Tip(ctx)
	if err != nil {
		return nil, fmt.Errorf("chain tip: %w", err)
	}
	indexTip, indexHash, err := r.Names.Tip(ctx)
	if err != nil {
		return nil, fmt.Errorf("index tip: %w", err)
	}
	f := &step.SeriesFacts{Tip: tip, Synced: tip == indexTip && hash == indexHash, Sent: sent, CanPublish: r.Publishes,
		CanSign: r.Wallet.CanSign(ctx), Txs: make(map[chainhash.Hash]step.TxFact), Stale: make(map[chainhash.Hash]bool),
		Lifetime: job.KindRegister.Lifetime(r.Params, tip)}
	if !f.Synced {
		return f, nil
	}
	if err := r.lookRoot(ctx, j, f); err != nil {
		return nil, err
	}
	if err := r.lookLinks(ctx, j, f, indexTip); err != nil {
		return nil, err
	}
	for _, q := range j.Request.Requests() {
		n, err := r.Name(ctx, &q, indexTip)
		if err != nil {
			return nil, err
		}
		f.Names = append(f.Names, n)
	}
	return f, nil
}

// lookRoot finds out where the split is.
func (r *Source) lookRoot(ctx context.Context, j *job.Job, f *step.SeriesFacts) error {
	split, err := r.Journal.Job(ctx, j.Request.Series.Split)
	if errors.Is(err, job.ErrNoJob) {
		f.Missing = slices.ContainsFunc(j.Stages, func(st *job.Stage) bool { return st.Used })
		f.Orphan = !f.Missing
		return nil
	}
	if err != nil {
		return err
	}
	st := split.Stage(job.RoleSplit)
	if st == nil {
		f.Orphan = true
		return nil
	}
	f.Newest = st.Versions[st.Current].Txid
	for _, v := range st.Versions {
		at, err := r.Chain.TxStatus(ctx, v.Txid)
		if err != nil {
			return fmt.Errorf("transaction %s: %w", v.Txid, err)
		}
		if at.Height > 0 {
			f.Root = v.Txid
		}
		if at.InMempool {
			f.Pooled = v.Txid
		}
	}
	f.Doomed = split.State == job.Rejected && f.Root == (chainhash.Hash{})
	return nil
}

// lookLinks finds out where the transactions are. What the index has read it knows without the
// node, which is asked about the rest.
func (r *Source) lookLinks(ctx context.Context, j *job.Job, f *step.SeriesFacts, indexTip int32) error {
	pool, listed := ports.MempoolOf(r.Chain)
	waiting := make(map[chainhash.Hash]bool)
	if listed {
		ids, err := pool.MempoolTxs(ctx)
		if err != nil {
			return fmt.Errorf("memory pool: %w", err)
		}
		for _, id := range ids {
			waiting[id] = true
		}
	}
	for _, st := range j.Stages {
		for _, v := range st.Versions {
			op, seen, err := r.Names.OpStatus(ctx, v.Txid)
			if err != nil {
				return fmt.Errorf("operation %s: %w", v.Txid, err)
			}
			switch {
			case seen:
				f.Txs[v.Txid] = step.TxFact{Height: op.Height, Confirmations: f.Tip - op.Height + 1, Known: true, Accepted: op.Accepted, Reason: op.Reason}
				continue
			case listed && st.Role != job.RoleReturn:
				f.Txs[v.Txid] = step.TxFact{InMempool: waiting[v.Txid]}
			default:
				if f.Txs[v.Txid], err = r.Tx(ctx, v.Txid, f.Tip, indexTip, true); err != nil {
					return err
				}
			}
			if f.Stale[v.Txid], err = r.stale(ctx, v, indexTip); err != nil {
				return err
			}
		}
	}
	return nil
}

// Name finds out how a name stands.
func (r *Source) Name(ctx context.Context, q *job.Request, tip int32) (n step.NameFact, err error) {
	rec, err := r.Names.Record(ctx, q.Name)
	if err != nil {
		return n, fmt.Errorf("%s: %w", q.Name, err)
	}
	if q.Kind.OfOwner() {
		f := step.Facts{Tip: tip, Synced: true}
		err := r.lookOwner(ctx, &f, &job.Job{Request: *q}, &rec)
		return step.NameFact{Barred: f.Barred, BarredFor: f.BarredFor, Met: f.Met}, err
	}
	switch {
	case !job.Live(rec.Status):
	case bytes.Equal(rec.Owner, q.Owner):
		n.Held = true
	default:
		n.Taken, n.TakenBy, n.TakenFor = true, rec.OwnerAddress, tip-rec.RenewedAt+1
	}
	return n, nil
}
