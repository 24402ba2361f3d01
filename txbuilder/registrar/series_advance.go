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
	sent := make(map[chainhash.Hash]bool)
	var unpublished error // told at the end: registrations do not wait for a place for zone files
	for range maxActions {
		if err := ctx.Err(); err != nil {
			return j, err
		}
		f, err := r.lookSeries(ctx, j, sent)
		if err != nil {
			return j, r.wrap(j, errors.Join(err, unpublished))
		}
		f.CanPublish = f.CanPublish && unpublished == nil
		a := seriesStep(j, f)
		if a.Do == DoMove && a.To.Final() && unpublished != nil {
			return j, r.wrap(j, unpublished) // what is left to do must not be forgotten
		}
		next, err := r.performSeries(ctx, j, f, a)
		if err != nil && a.Optional && ctx.Err() == nil {
			a = seriesAction{Do: DoWait, To: j.State, Wait: a.Wait}
			next, err = r.performSeries(ctx, j, f, a)
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
			sent[id] = true
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
			n.Items, n.Reason = a.Items, a.Reason
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
	next, made, err := r.signPaths(ctx, j, f, a, true)
	if errors.Is(err, txbuilder.ErrInsufficientFunds) && (a.Replace || len(a.Confirmed) > 0) {
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
		w, err := r.weaver(ctx, n, r.signPlan)
		if err != nil {
			return err
		}
		at := f.Root
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
		r.notify(Event{Job: j.ID, What: EventBroadcast, State: j.State, Role: l.st.Role, Txid: id.String(), Text: words(l.st.Role) + " of " + l.st.Name.String()})
	}
	if refusal == nil {
		return j, nil
	}
	if n == len(a.Links) {
		return j, refusal
	}
	l := links[a.Links[n]]
	err := fmt.Errorf("broadcast %s of %s: %w", words(l.st.Role), l.st.Name, refusal)
	if errors.As(err, new(*Refused)) {
		return r.withoutCoin(ctx, j, l, f.Tip, err)
	}
	return j, err
}

// broadcastAll sends transactions, parents first, until one is refused.
func broadcastAll(ctx context.Context, c Chain, txs []*wire.MsgTx) (int, error) {
	if all, ok := c.(Sender); ok {
		return all.BroadcastAll(ctx, txs)
	}
	for i, tx := range txs {
		if err := c.Broadcast(ctx, tx); err != nil {
			return i, err
		}
	}
	return len(txs), nil
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

// advanceSplit is Advance for a split: its transaction is sent until it is deep
// enough, and at a higher fee after some patience, as long as nothing hangs on it. It is
// Rejected when it can never confirm.
func (r *Registrar) advanceSplit(ctx context.Context, j *Job) (*Job, error) {
	for range maxActions {
		if !j.Open() && j.State != Done || j.State == Planned {
			return j, nil
		}
		tip, _, err := r.cfg.Chain.Tip(ctx)
		if err != nil {
			return j, r.wrap(j, fmt.Errorf("chain tip: %w", err))
		}
		st := j.stage(RoleSplit)
		depth, pooled := int32(0), false
		for i, v := range st.Versions {
			at, err := r.cfg.Chain.TxStatus(ctx, v.Txid)
			if err != nil {
				return j, r.wrap(j, fmt.Errorf("transaction %s: %w", v.Txid, err))
			}
			if at.Height > 0 {
				depth = tip - at.Height + 1
			}
			pooled = pooled || at.InMempool && i == st.Current
		}
		switch {
		case depth >= j.Request.Confirmations && j.State == Done:
			return j, nil
		case depth >= j.Request.Confirmations:
			return r.change(ctx, j, Done, func(*Job) error { return nil })
		case j.State == Done && depth == 0:
			if j, err = r.change(ctx, j, Running, func(*Job) error { return nil }); err != nil {
				return j, err
			}
			continue
		case depth == 0 && !pooled:
			err := r.broadcast(ctx, j, Pick{Role: RoleSplit, Version: st.Current})
			if errors.As(err, new(*Refused)) {
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
			next, err := r.bumpSplit(ctx, j, tip)
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

// bumpSplit signs a newer version at a higher fee.
func (r *Registrar) bumpSplit(ctx context.Context, j *Job, tip int32) (*Job, error) {
	return r.change(ctx, j, Running, func(n *Job) error {
		m, err := r.maker(ctx, n, &terms{tip: tip}, r.signPlan)
		if err != nil {
			return err
		}
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
			return errNothingNewer
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
	s := &seriesStepper{j: j, f: f, links: j.links(), at: make(map[int][]link)}
	s.walk()
	given := false
	next, err := r.change(ctx, j, j.State, func(n *Job) error {
		for i := range n.Items {
			p := &n.Items[i]
			if len(s.at[i]) == 0 && !p.State.Final() {
				p.State, p.Dropped, p.Reason, given = Cancelled, Cancelled, "cancelled; nothing was paid", true
			}
		}
		if !given {
			return no
		}
		return nil
	})
	return next, err
}
