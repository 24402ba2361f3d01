package registrar

import (
	"context"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
	"blockstack/txbuilder/registrar/step"
)

// newPaths makes the paths that an action asks for: at the planned rate, and, where
// what comes last quotes no consensus hash, at a higher one. Names that the checks
// refuse are left out.
func (w *weaver) newPaths(ctx context.Context, a step.SeriesAction, root *wire.MsgTx, coin int, closed bool) (err error) {
	var first, second []leg
	rate, outbid := w.j.Request.Rate, btcutil.Amount(0)
	w.forced = w.forced || a.Dearer
	if a.Replace {
		if rate, outbid, err = w.outbidPath(ctx, a, root); err != nil {
			return err
		}
	}
	high := max(rate, w.j.Request.HighRate)
	for _, i := range a.First {
		it := &w.j.Request.Series.Items[i]
		if err := w.prepare(ctx, i); isRefusal(err) {
			p := &w.j.Items[i]
			p.State, p.Dropped, p.Reason = job.Rejected, job.Rejected, fmt.Sprintf("%v; nothing was paid", err)
			continue
		} else if err != nil {
			return fmt.Errorf("%s: %w", it.Name, err)
		}
		w.note(i)
		role := job.RolePreorder
		if it.Kind.OfOwner() {
			role = it.Kind.Role()
		} else {
			second = append(second, leg{item: i, role: job.RoleRegister, rate: rate})
		}
		first = append(first, leg{item: i, role: role, rate: rate})
	}
	if len(first)+len(second) == 0 && len(a.First) > 0 && len(a.Second) > 0 {
		return nil // the next look sees that only registrations are left
	}
	for _, i := range append(slices.Clone(a.Later), a.Second...) {
		second = append(second, leg{item: i, role: job.RoleRegister, rate: rate})
	}
	if len(first)+len(second) == 0 {
		if !a.Replace {
			return nil
		}
		second = []leg{{item: -1, role: job.RoleReturn, rate: rate}}
	}
	all := append(first, second...)
	if outbid > 0 {
		all[0].min = outbid + w.relay.Increment.Fee(replacementSlack*2)
		if s := all[0]; s.item >= 0 {
			_, _, vsize, err := w.measure(ctx, s)
			if err != nil {
				return err
			}
			all[0].min = outbid + w.relay.Increment.Fee(vsize+replacementSlack)
		}
	}
	first, second = all[:len(first):len(first)], all[len(first):]
	return w.twoPaths(ctx, a, root, coin, first, second, high, closed)
}

// twoPaths weaves the waves, the last of them at two rates.
func (w *weaver) twoPaths(ctx context.Context, a step.SeriesAction, root *wire.MsgTx, coin int, first, second []leg, high txbuilder.FeeRate, closed bool) error {
	begin := job.Path{Root: root.TxHash(), Links: slices.Clone(a.Confirmed)}
	prev, index, err := w.top(a, root, coin)
	if err != nil {
		return err
	}
	last, dear := second, []leg(nil)
	if len(second) == 0 {
		last = first
	}
	if last[0].item >= 0 && high > last[0].rate && (len(second) > 0 || !a.Replace) {
		if dear, err = w.dearer(ctx, last, high); err != nil {
			return err
		}
	}
	rest, err := w.worst(ctx, second, dear)
	if err != nil {
		return err
	}
	w.j.Path, w.j.Since = len(w.j.Paths), w.t.tip
	if len(second) > 0 && len(first) > 0 {
		ids, end, next, err := w.weave(ctx, first, prev, index, rest, closed)
		if err != nil {
			return err
		}
		begin.Links, prev, index = append(begin.Links, ids...), end, next
	}
	for _, steps := range [][]leg{last, dear} {
		if len(steps) == 0 {
			continue
		}
		ids, _, _, err := w.weave(ctx, steps, prev, index, 0, closed)
		if err != nil {
			return err
		}
		p := job.Path{Root: begin.Root, Links: append(slices.Clone(begin.Links), ids...)}
		if err := w.within(&p); err != nil {
			return err
		}
		if !slices.ContainsFunc(w.j.Paths, func(o job.Path) bool { return o.Root == p.Root && slices.Equal(o.Links, p.Links) }) {
			w.j.Paths = append(w.j.Paths, p)
		}
	}
	if w.j.Path >= len(w.j.Paths) {
		return nothingNewer(w.j, last[0].role, func(id chainhash.Hash) bool { return slices.Contains(a.Confirmed, id) })
	}
	return nil
}

// dearer are the same steps at a higher rate, so that they replace the others.
func (w *weaver) dearer(ctx context.Context, steps []leg, rate txbuilder.FeeRate) ([]leg, error) {
	dear := slices.Clone(steps)
	var sum btcutil.Amount
	for k, s := range steps {
		_, fee, _, err := w.measure(ctx, s)
		if err != nil {
			return nil, err
		}
		sum += fee
		dear[k].rate, dear[k].min = rate, 0
	}
	_, _, vsize, err := w.measure(ctx, dear[0])
	if err != nil {
		return nil, err
	}
	dear[0].min = sum + w.relay.Increment.Fee(vsize+replacementSlack)
	return dear, nil
}

// worst is what the second wave may cost, at whichever rate.
func (w *weaver) worst(ctx context.Context, second, dear []leg) (btcutil.Amount, error) {
	if len(second) == 0 {
		return 0, nil
	}
	var worst btcutil.Amount
	for _, steps := range [][]leg{second, dear} {
		var sum btcutil.Amount
		for _, s := range steps {
			if s.item < 0 {
				continue
			}
			cost, _, _, err := w.measure(ctx, s)
			if err != nil {
				return 0, err
			}
			sum += cost
		}
		worst = max(worst, sum)
	}
	return worst + txbuilder.DustLimit(w.j.Request.Owner), nil
}

// top is the output on top of what is in blocks.
func (w *weaver) top(a step.SeriesAction, root *wire.MsgTx, coin int) (*wire.MsgTx, int, error) {
	if len(a.Confirmed) == 0 {
		return root, coin, nil
	}
	v := w.j.Links()[a.Confirmed[len(a.Confirmed)-1]].Version
	if v.Next < 0 {
		return nil, 0, fmt.Errorf("%w: %s leaves nothing to go on with", job.ErrBadJournal, v.Txid)
	}
	tx, err := v.Tx()
	return tx, v.Next, err
}

// outbidPath is the rate, and the sum of fees, that replace everything that may have been
// sent on top of what is in blocks (BIP 125 rules 3 and 4).
func (w *weaver) outbidPath(ctx context.Context, a step.SeriesAction, root *wire.MsgTx) (rate txbuilder.FeeRate, sum btcutil.Amount, err error) {
	links, n := w.j.Links(), len(a.Confirmed)
	rate = w.j.Request.Rate
	for _, p := range w.j.Paths {
		if p.Root != root.TxHash() || len(p.Links) <= n || !slices.Equal(p.Links[:n], a.Confirmed) {
			continue
		}
		var fees btcutil.Amount
		for _, id := range p.Links[n:] {
			if l := links[id]; l.Stage.Used {
				fees += l.Version.Fee
				rate = max(rate, l.Version.Rate, txbuilder.RateOf(l.Version.Fee, l.Version.VSize))
			}
		}
		sum = max(sum, fees)
	}
	top := root.TxHash()
	if n > 0 {
		top = a.Confirmed[n-1]
	}
	node, asked := ports.RelayOf(w.r.cfg.Chain)
	for id, l := range links { // others may have hung theirs on it
		if !asked || !l.Stage.Used || l.Version.Parent != top {
			continue
		}
		more, err := node.HangingFees(ctx, id)
		if err != nil {
			return 0, 0, fmt.Errorf("what hangs on %s: %w", id, err)
		}
		if more += l.Version.Fee; more > sum {
			sum, w.forced = more, true
		}
	}
	return min(max(rate*3/2, rate+w.relay.Increment, w.relay.Least()), txbuilder.MaxRate), sum, nil
}

// within holds a path to the ceiling.
func (w *weaver) within(p *job.Path) error {
	links, sum := w.j.Links(), btcutil.Amount(0)
	for _, id := range p.Links {
		sum += links[id].Version.Cost()
	}
	if limit := w.j.Request.MaxTotal; limit > 0 && sum > limit {
		return &job.OverBudget{Need: sum, Max: limit}
	}
	return nil
}

// rootOf is the transaction that a series begins at, and its output.
func (r *Registrar) rootOf(ctx context.Context, j *job.Job, txid chainhash.Hash) (*wire.MsgTx, int, error) {
	split, err := r.cfg.Journal.Job(ctx, j.Request.Series.Split)
	if err != nil {
		return nil, 0, err
	}
	for _, v := range split.Stage(job.RoleSplit).Versions {
		if v.Txid != txid {
			continue
		}
		tx, err := v.Tx()
		if err != nil {
			return nil, 0, err
		}
		if n, ok := split.Output(tx, j.Request.Series.Output); ok {
			return tx, n, nil
		}
	}
	return nil, 0, fmt.Errorf("%w: the split %s has no coin for job %s", job.ErrBadJournal, split.ID, j.ID)
}
