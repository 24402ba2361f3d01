package registrar

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder"
)

// advanceSeries is Advance for a series.
func (r *Registrar) advanceSeries(ctx context.Context, j *Job) (*Job, error) {
	run := &attempt{sent: make(map[chainhash.Hash]bool), cheap: make(map[chainhash.Hash]bool), raised: make(map[Role]bool)}
	var unpublished error // told at the end: registrations do not wait for a place for zone files
	for range maxActions {
		if err := ctx.Err(); err != nil {
			return j, err
		}
		f, err := r.lookSeries(ctx, j, run.sent)
		if err != nil {
			return j, r.wrap(j, errors.Join(err, unpublished))
		}
		f.CanPublish, f.Cheap = f.CanPublish && unpublished == nil, run.cheap
		a := seriesStep(j, f)
		if a.Do == DoSign && run.why != nil && run.raised[RoleSplit] {
			return j, r.wrap(j, errors.Join(run.why, unpublished))
		}
		a.Dearer = a.Do == DoSign && run.why != nil
		if a.Do == DoMove && a.To.Final() && unpublished != nil {
			return j, r.wrap(j, unpublished) // what is left to do must not be forgotten
		}
		next, err := r.performSeries(ctx, j, f, a)
		if err != nil && a.Optional && ctx.Err() == nil {
			a = seriesAction{Do: DoWait, To: j.State, Wait: a.Wait}
			next, err = r.performSeries(ctx, j, f, a)
		}
		var no *Refused
		if a.Do == DoBroadcast && errors.As(err, &no) && next != nil {
			j = next
			if no.Class == RefusedRow {
				a = seriesAction{Do: DoWait, To: j.State, Wait: rowWait(no)}
				next, err = r.performSeries(ctx, j, f, a)
			} else if again, rerr := r.seriesTooCheap(ctx, run, j, f, no, err); rerr == nil && again {
				continue
			} else {
				err = errors.Join(err, rerr)
			}
		}
		if a.Do == DoSign && run.why != nil {
			if run.raised[RoleSplit] = true; err != nil {
				err = fmt.Errorf("%w; a dearer version: %w", run.why, err)
			}
		}
		if a.Do == DoPublish && err != nil && ctx.Err() == nil {
			unpublished = err
			continue
		}
		if next != nil {
			j = next
		}
		if err != nil {
			return j, r.wrap(j, errors.Join(err, unpublished))
		}
		for _, id := range a.Links {
			run.sent[id] = true
		}
		if a.Do == DoWait || a.Do == DoNothing {
			if unpublished != nil {
				return j, r.wrap(j, unpublished)
			}
			return j, nil
		}
	}
	return j, r.wrap(j, fmt.Errorf("%w (%s)", ErrRestless, j.State))
}

// performSeries does one action and gives the job as it is on disk after it.
func (r *Registrar) performSeries(ctx context.Context, j *Job, f *seriesFacts, a seriesAction) (*Job, error) {
	switch a.Do {
	case DoNothing:
		return j, nil
	case DoWait:
		return r.perform(ctx, j, Facts{}, Action{Do: DoWait, Wait: a.Wait})
	case DoMove:
		return r.change(ctx, j, a.To, func(n *Job) error {
			if n.Items, n.Reason = a.Items, a.Reason; !j.Open() && !a.To.Final() {
				n.Since = f.Tip
			}
			return nil
		})
	case DoUse:
		return r.change(ctx, j, a.To, func(n *Job) error {
			n.Path, n.Since = a.Path, f.Tip
			return nil
		})
	case DoSign:
		return r.signSeries(ctx, j, f, a)
	case DoBroadcast:
		return r.sendSeries(ctx, j, f, a)
	case DoPublish:
		return r.publishSeries(ctx, j, a)
	}
	panic(fmt.Sprintf("bug: no way to %s", a.Do))
}

// signSeries makes new paths. Where money or the ceiling forbid those, the names for
// which nothing is paid yet are given up: what was sent for them is replaced by what
// the others need, or by the return of the coin.
func (r *Registrar) signSeries(ctx context.Context, j *Job, f *seriesFacts, a seriesAction) (*Job, error) {
	if !f.CanSign {
		if a.Wait != nil && a.Wait.Deadline > 0 {
			return nil, &NeedsKey{Deadline: a.Wait.Deadline, Blocks: max(0, a.Wait.Deadline-f.Tip)}
		}
		return nil, ErrNeedsKey
	}
	if len(j.Stages) == 0 {
		if err := r.mayBegin(ctx, j, f.Tip); err != nil {
			return nil, err
		}
	}
	next, made, err := r.signPaths(ctx, j, f, a, true)
	if errors.Is(err, txbuilder.ErrInsufficientFunds) && (a.Replace || len(a.Confirmed) > 0 || r.floorAbove(ctx, j.Request.Rate)) {
		next, made, err = r.signPaths(ctx, j, f, a, false)
	}
	if over := errors.As(err, new(*OverBudget)); len(a.First) > 0 && !a.Optional &&
		(over || errors.Is(err, txbuilder.ErrInsufficientFunds) || errors.Is(err, txbuilder.ErrFeeTooHigh)) {
		why := err
		return r.change(ctx, j, j.State, func(n *Job) error {
			for _, i := range a.First {
				p := &n.Items[i]
				p.State, p.Dropped, p.Reason = Cancelled, Cancelled, fmt.Sprintf("%v; nothing was paid", why)
			}
			return nil
		})
	}
	if err != nil {
		return nil, err
	}
	for _, p := range made {
		r.notify(Event{Job: j.ID, What: EventSigned, State: a.To, Role: p.role, Text: p.plan.Operation})
	}
	return next, nil
}

// signPaths makes new paths, closed: from the coin of the series alone.
func (r *Registrar) signPaths(ctx context.Context, j *Job, f *seriesFacts, a seriesAction, closed bool) (*Job, []planned, error) {
	var made []planned
	next, err := r.change(ctx, j, a.To, func(n *Job) error {
		if err := r.agreed(ctx, n); err != nil {
			return err
		}
		w, err := r.weaver(ctx, n, r.signPlan)
		if err != nil {
			return err
		}
		at := a.Root
		if at == (chainhash.Hash{}) {
			at = f.Newest
		}
		root, coin, err := r.rootOf(ctx, n, at)
		if err != nil {
			return err
		}
		n.Sender = n.Request.Owner
		err = w.newPaths(ctx, a, root, coin, closed)
		made = w.planned
		return err
	})
	return next, made, err
}

// sendSeries broadcasts, parents before children. That they may be known to others is
// written down first.
func (r *Registrar) sendSeries(ctx context.Context, j *Job, f *seriesFacts, a seriesAction) (*Job, error) {
	links := j.links()
	if slices.ContainsFunc(a.Links, func(id chainhash.Hash) bool {
		l := links[id]
		return !l.st.Used || l.st.Versions[l.st.Current] != l.v
	}) {
		next, err := r.change(ctx, j, a.To, func(n *Job) error {
			mine := n.links()
			for _, id := range a.Links {
				l := mine[id]
				l.st.Used, l.st.Since, l.st.Current = true, f.Tip, slices.Index(l.st.Versions, l.v)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		j, links = next, next.links()
	}
	txs := make([]*wire.MsgTx, len(a.Links))
	for i, id := range a.Links {
		var err error
		if txs[i], err = links[id].v.Tx(); err != nil {
			return j, err
		}
	}
	n, refusal := broadcastAll(ctx, r.cfg.Chain, txs)
	for _, id := range a.Links[:n] {
		l := links[id]
		r.notify(Event{Job: j.ID, What: EventBroadcast, State: j.State, Role: l.st.Role, Txid: id.String(), Text: l.what()})
	}
	if refusal == nil {
		return j, nil
	}
	if n == len(a.Links) {
		return j, refusal
	}
	l := links[a.Links[n]]
	err := fmt.Errorf("broadcast %s: %w", l.what(), refusal)
	var no *Refused
	if errors.As(err, &no) && no.Class != RefusedFee && no.Class != RefusedRow {
		return r.withoutCoin(ctx, j, l, f.Tip, err)
	}
	return j, err
}

// withoutCoin gives up a name whose transaction the node refuses because the owner's
// coin is gone: somebody with the same keys has spent it, or a reorg took away what made
// it, for good or for longer than those behind it should wait. Other refusals stay
// errors, and the same bytes are offered again.
func (r *Registrar) withoutCoin(ctx context.Context, j *Job, l link, tip int32, refusal error) (*Job, error) {
	if l.item < 0 || j.Items[l.item].Coin == nil {
		return j, refusal
	}
	in, err := j.Items[l.item].Coin.input()
	if err != nil {
		return j, err
	}
	made, err := r.cfg.Chain.TxStatus(ctx, in.Hash)
	if err != nil || made.InMempool {
		return j, errors.Join(refusal, err)
	}
	why := "another transaction spent the owner's coin"
	if made.Height > 0 {
		credits, err := r.cfg.Wallet.CoinsAt(ctx, j.Request.Series.Items[l.item].Owner)
		if err != nil {
			return j, err
		}
		for _, c := range credits {
			if c.OutPoint == in.OutPoint {
				return j, refusal
			}
		}
	} else {
		dead, err := r.doomed(ctx, j.Request.Confirmations)
		if err != nil {
			return j, errors.Join(refusal, err)
		}
		if !dead[in.Hash] && tip-l.st.Since < bumpAfter {
			return j, refusal
		}
		why = "the chain lost the transaction that made the owner's coin"
	}
	return r.change(ctx, j, j.State, func(n *Job) error {
		p := &n.Items[l.item]
		p.State, p.Dropped, p.Reason = Rejected, Rejected, why+"; nothing was paid"
		return nil
	})
}

// publishSeries puts zone files where they can be found.
func (r *Registrar) publishSeries(ctx context.Context, j *Job, a seriesAction) (*Job, error) {
	where := make(map[int][]string)
	for _, i := range a.Publish {
		it := &j.Request.Series.Items[i]
		at, err := r.cfg.Publisher.Publish(ctx, it.Name, it.ZoneFile)
		if err != nil {
			return nil, fmt.Errorf("publish the zone file of %s: %w", it.Name, err)
		}
		where[i] = at
	}
	return r.change(ctx, j, a.To, func(n *Job) error {
		for i, at := range where {
			n.Items[i].Published, n.Items[i].IsPublic = at, true
		}
		return nil
	})
}

// cancelSeries gives up the names of a series for which nothing is in a block. The
// series goes on with the others, and replaces what was sent for these.
func (r *Registrar) cancelSeries(ctx context.Context, j *Job) (*Job, error) {
	if j.State == Cancelled {
		return j, nil
	}
	no := fmt.Errorf("job %s is %s: %w", j.ID, j.State, ErrNotCancellable)
	if j.Request.Kind != KindSeries || !j.Open() {
		return nil, no
	}
	f, err := r.lookSeries(ctx, j, nil)
	if err != nil {
		return nil, r.wrap(j, err)
	}
	if !f.Synced {
		return nil, r.wrap(j, ErrIndexBehind)
	}
	unpaid := unpaidItems(j, f)
	if len(unpaid) == 0 {
		return nil, no
	}
	return r.change(ctx, j, j.State, func(n *Job) error {
		for _, i := range unpaid {
			p := &n.Items[i]
			p.State, p.Dropped, p.Reason = Cancelled, Cancelled, "cancelled; nothing was paid"
		}
		return nil
	})
}
