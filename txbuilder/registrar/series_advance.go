package registrar

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/build"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
	"blockstack/txbuilder/registrar/record"
	"blockstack/txbuilder/registrar/step"
)

// advanceSeries is Advance for a series.
func (r *Registrar) advanceSeries(ctx context.Context, j *job.Job) (*job.Job, error) {
	run := &attempt{sent: make(map[chainhash.Hash]bool), cheap: make(map[chainhash.Hash]bool), raised: make(map[job.Role]bool)}
	var unpublished error // told at the end: registrations do not wait for a place for zone files
	for range maxActions {
		if err := ctx.Err(); err != nil {
			return j, err
		}
		f, err := r.facts.Series(ctx, j, run.sent)
		if err != nil {
			return j, j.Wrap(errors.Join(err, unpublished))
		}
		f.CanPublish, f.Cheap = f.CanPublish && unpublished == nil, run.cheap
		a := step.SeriesStep(j, f)
		if a.Do == step.DoSign && run.why != nil && run.raised[job.RoleSplit] {
			return j, j.Wrap(errors.Join(run.why, unpublished))
		}
		a.Dearer = a.Do == step.DoSign && run.why != nil
		if a.Do == step.DoMove && a.To.Final() && unpublished != nil {
			return j, j.Wrap(unpublished) // what is left to do must not be forgotten
		}
		next, err := r.performSeries(ctx, j, f, a)
		if err != nil && a.Optional && ctx.Err() == nil {
			a = step.SeriesAction{Do: step.DoWait, To: j.State, Wait: a.Wait}
			next, err = r.performSeries(ctx, j, f, a)
		}
		var no *ports.Refused
		if a.Do == step.DoBroadcast && errors.As(err, &no) && next != nil {
			j = next
			if no.Class == ports.RefusedRow {
				a = step.SeriesAction{Do: step.DoWait, To: j.State, Wait: rowWait(no)}
				next, err = r.performSeries(ctx, j, f, a)
			} else if again, rerr := r.seriesTooCheap(ctx, run, j, f, no, err); rerr == nil && again {
				continue
			} else {
				err = errors.Join(err, rerr)
			}
		}
		if a.Do == step.DoSign && run.why != nil {
			if run.raised[job.RoleSplit] = true; err != nil {
				err = fmt.Errorf("%w; a dearer version: %w", run.why, err)
			}
		}
		if a.Do == step.DoPublish && err != nil && ctx.Err() == nil {
			unpublished = err
			continue
		}
		if next != nil {
			j = next
		}
		if err != nil {
			return j, j.Wrap(errors.Join(err, unpublished))
		}
		for _, id := range a.Links {
			run.sent[id] = true
		}
		if a.Do == step.DoWait || a.Do == step.DoNothing {
			if unpublished != nil {
				return j, j.Wrap(unpublished)
			}
			return j, nil
		}
	}
	return j, j.Wrap(fmt.Errorf("%w (%s)", ErrRestless, j.State))
}

// performSeries does one action and gives the job as it is on disk after it.
func (r *Registrar) performSeries(ctx context.Context, j *job.Job, f *step.SeriesFacts, a step.SeriesAction) (*job.Job, error) {
	switch a.Do {
	case step.DoNothing:
		return j, nil
	case step.DoWait:
		return r.perform(ctx, j, step.Facts{}, step.Action{Do: step.DoWait, Wait: a.Wait})
	case step.DoMove:
		return r.book.Change(ctx, j, a.To, func(n *job.Job) error {
			if n.Items, n.Reason = a.Items, a.Reason; !j.Open() && !a.To.Final() {
				n.Since = f.Tip
			}
			return nil
		})
	case step.DoUse:
		return r.book.Change(ctx, j, a.To, func(n *job.Job) error {
			n.Path, n.Since = a.Path, f.Tip
			return nil
		})
	case step.DoSign:
		return r.signSeries(ctx, j, f, a)
	case step.DoBroadcast:
		return r.sendSeries(ctx, j, f, a)
	case step.DoPublish:
		return r.publishSeries(ctx, j, a)
	}
	panic(fmt.Sprintf("bug: no way to %s", a.Do))
}

// signSeries makes new paths. Where money or the ceiling forbid those, the names for
// which nothing is paid yet are given up: what was sent for them is replaced by what
// the others need, or by the return of the coin.
func (r *Registrar) signSeries(ctx context.Context, j *job.Job, f *step.SeriesFacts, a step.SeriesAction) (*job.Job, error) {
	if !f.CanSign {
		if a.Wait != nil && a.Wait.Deadline > 0 {
			return nil, &NeedsKey{Deadline: a.Wait.Deadline, Blocks: max(0, a.Wait.Deadline-f.Tip)}
		}
		return nil, ErrNeedsKey
	}
	if len(j.Stages) == 0 {
		if err := r.doubts.MayBegin(ctx, j, f.Tip); err != nil {
			return nil, err
		}
	}
	next, made, err := r.signPaths(ctx, j, f, a, true)
	if errors.Is(err, txbuilder.ErrInsufficientFunds) && (a.Replace || len(a.Confirmed) > 0 || r.build.FloorAbove(ctx, j.Request.Rate)) {
		next, made, err = r.signPaths(ctx, j, f, a, false)
	}
	if over := errors.As(err, new(*job.OverBudget)); len(a.First) > 0 && !a.Optional &&
		(over || errors.Is(err, txbuilder.ErrInsufficientFunds) || errors.Is(err, txbuilder.ErrFeeTooHigh)) {
		why := err
		return r.book.Change(ctx, j, j.State, func(n *job.Job) error {
			for _, i := range a.First {
				p := &n.Items[i]
				p.State, p.Dropped, p.Reason = job.Cancelled, job.Cancelled, fmt.Sprintf("%v; nothing was paid", why)
			}
			return nil
		})
	}
	if err != nil {
		return nil, err
	}
	for _, p := range made {
		r.book.Tell(record.Event{Job: j.ID, What: record.EventSigned, State: a.To, Role: p.Role, Text: p.Plan.Operation})
	}
	return next, nil
}

// signPaths makes new paths, closed: from the coin of the series alone.
func (r *Registrar) signPaths(ctx context.Context, j *job.Job, f *step.SeriesFacts, a step.SeriesAction, closed bool) (*job.Job, []build.Planned, error) {
	var made []build.Planned
	next, err := r.book.Change(ctx, j, a.To, func(n *job.Job) error {
		if err := r.book.Agreed(ctx, n); err != nil {
			return err
		}
		w, err := r.build.Paths(ctx, n, r.build.SignPlan)
		if err != nil {
			return err
		}
		at := a.Root
		if at == (chainhash.Hash{}) {
			at = f.Newest
		}
		root, coin, err := r.build.RootOf(ctx, n, at)
		if err != nil {
			return err
		}
		n.Sender = n.Request.Owner
		err = w.NewPaths(ctx, a, build.Trunk{Root: root, Coin: coin, Closed: closed})
		made = w.Planned
		return err
	})
	return next, made, err
}

// sendSeries broadcasts, parents before children. That they may be known to others is
// written down first.
func (r *Registrar) sendSeries(ctx context.Context, j *job.Job, f *step.SeriesFacts, a step.SeriesAction) (*job.Job, error) {
	links := j.Links()
	if slices.ContainsFunc(a.Links, func(id chainhash.Hash) bool {
		l := links[id]
		return !l.Stage.Used || l.Stage.Versions[l.Stage.Current] != l.Version
	}) {
		next, err := r.book.Change(ctx, j, a.To, func(n *job.Job) error {
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
	n, refusal := ports.BroadcastAll(ctx, r.cfg.Chain, txs)
	for _, id := range a.Links[:n] {
		l := links[id]
		r.book.Tell(record.Event{Job: j.ID, What: record.EventBroadcast, State: j.State, Role: l.Stage.Role, Txid: id.String(), Text: l.What()})
	}
	if refusal == nil {
		return j, nil
	}
	if n == len(a.Links) {
		return j, refusal
	}
	l := links[a.Links[n]]
	err := fmt.Errorf("broadcast %s: %w", l.What(), refusal)
	var no *ports.Refused
	if errors.As(err, &no) && no.Class != ports.RefusedFee && no.Class != ports.RefusedRow {
		return r.withoutCoin(ctx, j, l, f.Tip, err)
	}
	return j, err
}

// withoutCoin gives up a name whose transaction the node refuses because the owner's
// coin is gone: somebody with the same keys has spent it, or a reorg took away what made
// it, for good or for longer than those behind it should wait. Other refusals stay
// errors, and the same bytes are offered again.
func (r *Registrar) withoutCoin(ctx context.Context, j *job.Job, l job.Link, tip int32, refusal error) (*job.Job, error) {
	if l.Item < 0 || j.Items[l.Item].Coin == nil {
		return j, refusal
	}
	in, err := j.Items[l.Item].Coin.Input()
	if err != nil {
		return j, err
	}
	made, err := r.cfg.Chain.TxStatus(ctx, in.Hash)
	if err != nil || made.InMempool {
		return j, errors.Join(refusal, err)
	}
	why := "another transaction spent the owner's coin"
	if made.Height > 0 {
		credits, err := r.cfg.Wallet.CoinsAt(ctx, j.Request.Series.Items[l.Item].Owner)
		if err != nil {
			return j, err
		}
		for _, c := range credits {
			if c.OutPoint == in.OutPoint {
				return j, refusal
			}
		}
	} else {
		dead, err := r.facts.Doomed(ctx, j.Request.Confirmations)
		if err != nil {
			return j, errors.Join(refusal, err)
		}
		if !dead[in.Hash] && tip-l.Stage.Since < step.BumpAfter {
			return j, refusal
		}
		why = "the chain lost the transaction that made the owner's coin"
	}
	return r.book.Change(ctx, j, j.State, func(n *job.Job) error {
		p := &n.Items[l.Item]
		p.State, p.Dropped, p.Reason = job.Rejected, job.Rejected, why+"; nothing was paid"
		return nil
	})
}

// publishSeries puts zone files where they can be found.
func (r *Registrar) publishSeries(ctx context.Context, j *job.Job, a step.SeriesAction) (*job.Job, error) {
	where := make(map[int][]string)
	for _, i := range a.Publish {
		it := &j.Request.Series.Items[i]
		at, err := r.cfg.Publisher.Publish(ctx, it.Name, it.ZoneFile)
		if err != nil {
			return nil, fmt.Errorf("publish the zone file of %s: %w", it.Name, err)
		}
		where[i] = at
	}
	return r.book.Change(ctx, j, a.To, func(n *job.Job) error {
		for i, at := range where {
			n.Items[i].Published, n.Items[i].IsPublic = at, true
		}
		return nil
	})
}

// cancelSeries gives up the names of a series for which nothing is in a block. The
// series goes on with the others, and replaces what was sent for these.
func (r *Registrar) cancelSeries(ctx context.Context, j *job.Job) (*job.Job, error) {
	if j.State == job.Cancelled {
		return j, nil
	}
	no := fmt.Errorf("job %s is %s: %w", j.ID, j.State, ErrNotCancellable)
	if j.Request.Kind != job.KindSeries || !j.Open() {
		return nil, no
	}
	f, err := r.facts.Series(ctx, j, nil)
	if err != nil {
		return nil, j.Wrap(err)
	}
	if !f.Synced {
		return nil, j.Wrap(job.ErrIndexBehind)
	}
	unpaid := step.UnpaidItems(j, f)
	if len(unpaid) == 0 {
		return nil, no
	}
	return r.book.Change(ctx, j, j.State, func(n *job.Job) error {
		for _, i := range unpaid {
			p := &n.Items[i]
			p.State, p.Dropped, p.Reason = job.Cancelled, job.Cancelled, "cancelled; nothing was paid"
		}
		return nil
	})
}
