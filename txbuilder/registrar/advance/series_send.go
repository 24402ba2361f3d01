package advance

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
	"blockstack/txbuilder/registrar/record"
	"blockstack/txbuilder/registrar/step"
)

// sendSeries broadcasts, parents before children. That they may be known to others is written down
// first.
func (r *series) sendSeries(ctx context.Context, j *job.Job, f *step.SeriesFacts, a step.SeriesAction) (*job.Job, error) {
	links := j.Links()
	if slices.ContainsFunc(a.Links, func(id chainhash.Hash) bool {
		l := links[id]
		return !l.Stage.Used || l.Stage.Versions[l.Stage.Current] != l.Version
	}) {
		next, err := r.Book.Change(ctx, j, a.To, func(n *job.Job) error {
			mine := n.Links()
			for _, id := range a.Links {
				l := mine[id]
				l.Stage.Used, l.Stage.Since, l.Stage.Current = true, f.Tip, slices.Index(l.Stage.Versions, l.Version)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		j, links = next, next.Links()
	}
	txs := make([]*wire.MsgTx, len(a.Links))
	for i, id := range a.Links {
		var err error
		if txs[i], err = links[id].Version.Tx(); err != nil {
			return j, err
		}
	}
	n, refusal := ports.BroadcastAll(ctx, r.Chain, txs)
	for _, id := range a.Links[:n] {
		l := links[id]
		r.Book.Tell(record.Event{Job: j.ID, What: record.EventBroadcast, State: j.State, Role: l.Stage.Role, Txid: id.String(), Text: l.What()})
	}
	if refusal == nil {
		return j, nil
	}
	if n == len(a.Links) {
		return j, refusal
	}
	l := links[a.Links[n]]
	err := fmt.Errorf("broadcast %s: %w", l.What(), refusal)
	var byNode *ports.Refused
	if errors.As(err, &byNode) && byNode.Class != ports.RefusedFee && byNode.Class != ports.RefusedRow {
		return r.withoutCoin(ctx, j, l, f.Tip, err)
	}
	return j, err
}

// withoutCoin gives up a name whose transaction the node refuses because the owner's coin is gone:
// somebody with the same keys has spent it, or a reorg took away what made it, for good or for
// longer than those behind it should wait. Other refusals stay errors, and the same bytes are
// offered again.
func (r *series) withoutCoin(ctx context.Context, j *job.Job, l job.Link, tip int32, refusal error) (*job.Job, error) {
	if l.Item < 0 || j.Items[l.Item].Coin == nil {
		return j, refusal
	}
	in, err := j.Items[l.Item].Coin.Input()
	if err != nil {
		return j, err
	}
	made, err := r.Chain.TxStatus(ctx, in.Hash)
	if err != nil || made.InMempool {
		return j, errors.Join(refusal, err)
	}
	why := "another transaction spent the owner's coin"
	if made.Height > 0 {
		credits, err := r.Wallet.CoinsAt(ctx, j.Request.Series.Items[l.Item].Owner)
		if err != nil {
			return j, err
		}
		for _, c := range credits {
			if c.OutPoint == in.OutPoint {
				return j, refusal
			}
		}
	} else {
		dead, err := r.Facts.Doomed(ctx, j.Request.Confirmations)
		if err != nil {
			return j, errors.Join(refusal, err)
		}
		if !dead[in.Hash] && tip-l.Stage.Since < step.BumpAfter {
			return j, refusal
		}
		why = "the chain lost the transaction that made the owner's coin"
	}
	return r.Book.Change(ctx, j, j.State, func(n *job.Job) error {
		p := &n.Items[l.Item]
		p.State, p.Dropped, p.Reason = job.Rejected, job.Rejected, why+"; nothing was paid"
		return nil
	})
}

// publishSeries puts zone files where they can be found.
func (r *series) publishSeries(ctx context.Context, j *job.Job, a step.SeriesAction) (*job.Job, error) {
	where := make(map[int][]string)
	for _, i := range a.Publish {
		it := &j.Request.Series.Items[i]
		at, err := r.Publisher.Publish(ctx, it.Name, it.ZoneFile)
		if err != nil {
			return nil, fmt.Errorf("publish the zone file of %s: %w", it.Name, err)
		}
		where[i] = at
	}
	return r.Book.Change(ctx, j, a.To, func(n *job.Job) error {
		for i, at := range where {
			n.Items[i].Published, n.Items[i].IsPublic = at, true
		}
		return nil
	})
}
