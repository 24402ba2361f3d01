package build

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

// Trunk is where paths begin: a version of the split, with the output that is the coin of the
// series.
type Trunk struct {
	Root   *wire.MsgTx
	Coin   int
	Closed bool // nothing but that coin pays
}

// NewPaths makes the paths that an action asks for: at the planned rate, and, where what comes last
// quotes no consensus hash, at a higher one. Names that the checks refuse are left out.
func (w *Paths) NewPaths(ctx context.Context, a step.SeriesAction, from Trunk) (err error) {
	var first, second []Leg
	rate, outbid := w.Job.Request.Rate, btcutil.Amount(0)
	w.Forced = w.Forced || a.Dearer
	if a.Replace {
		if rate, outbid, err = w.outbidPath(ctx, a, from.Root); err != nil {
			return err
		}
	}
	high := max(rate, w.Job.Request.HighRate)
	for _, i := range a.First {
		it := &w.Job.Request.Series.Items[i]
		if err := w.Prepare(ctx, i); IsRefusal(err) {
			p := &w.Job.Items[i]
			p.State, p.Dropped, p.Reason = job.Rejected, job.Rejected, fmt.Sprintf("%v; nothing was paid", err)
			continue
		} else if err != nil {
			return fmt.Errorf("%s: %w", it.Name, err)
		}
		w.Note(i)
		role := job.RolePreorder
		if it.Kind.OfOwner() {
			role = it.Kind.Role()
		} else {
			second = append(second, Leg{Item: i, Role: job.RoleRegister, Rate: rate})
		}
		first = append(first, Leg{Item: i, Role: role, Rate: rate})
	}
	if len(first)+len(second) == 0 && len(a.First) > 0 && len(a.Second) > 0 {
		return nil // the next look sees that only registrations are left
	}
	for _, i := range append(slices.Clone(a.Later), a.Second...) {
		second = append(second, Leg{Item: i, Role: job.RoleRegister, Rate: rate})
	}
	if len(first)+len(second) == 0 {
		if !a.Replace {
			return nil
		}
		second = []Leg{{Item: -1, Role: job.RoleReturn, Rate: rate}}
	}
	all := append(first, second...)
	if outbid > 0 {
		all[0].min = outbid + w.Relay.Increment.Fee(replacementSlack*2)
		if s := all[0]; s.Item >= 0 {
			_, _, vsize, err := w.Measure(ctx, s)
			if err != nil {
				return err
			}
			all[0].min = outbid + w.Relay.Increment.Fee(vsize+replacementSlack)
		}
	}
	first, second = all[:len(first):len(first)], all[len(first):]
	return w.twoPaths(ctx, a, from, first, second, high)
}

// twoPaths weaves the waves, the last of them at two rates.
func (w *Paths) twoPaths(ctx context.Context, a step.SeriesAction, from Trunk, first, second []Leg, high txbuilder.FeeRate) error {
	begin := job.Path{Root: from.Root.TxHash(), Links: slices.Clone(a.Confirmed)}
	prev, index, err := w.top(a, from.Root, from.Coin)
	if err != nil {
		return err
	}
	last, dear := second, []Leg(nil)
	if len(second) == 0 {
		last = first
	}
	if last[0].Item >= 0 && high > last[0].Rate && (len(second) > 0 || !a.Replace) {
		if dear, err = w.Dearer(ctx, last, high); err != nil {
			return err
		}
	}
	rest, err := w.worst(ctx, second, dear)
	if err != nil {
		return err
	}
	w.Job.Path, w.Job.Since = len(w.Job.Paths), w.Terms.Tip
	if len(second) > 0 && len(first) > 0 {
		ids, end, next, err := w.makePath(ctx, first, prev, index, rest, from.Closed)
		if err != nil {
			return err
		}
		begin.Links, prev, index = append(begin.Links, ids...), end, next
	}
	for _, steps := range [][]Leg{last, dear} {
		if len(steps) == 0 {
			continue
		}
		ids, _, _, err := w.makePath(ctx, steps, prev, index, 0, from.Closed)
		if err != nil {
			return err
		}
		p := job.Path{Root: begin.Root, Links: append(slices.Clone(begin.Links), ids...)}
		if err := w.within(&p); err != nil {
			return err
		}
		if !slices.ContainsFunc(w.Job.Paths, func(o job.Path) bool { return o.Root == p.Root && slices.Equal(o.Links, p.Links) }) {
			w.Job.Paths = append(w.Job.Paths, p)
		}
	}
	if w.Job.Path >= len(w.Job.Paths) {
		return NoNewer(w.Job, last[0].Role, func(id chainhash.Hash) bool { return slices.Contains(a.Confirmed, id) })
	}
	return nil
}

// Dearer are the same steps at a higher rate, so that they replace the others.
func (w *Paths) Dearer(ctx context.Context, steps []Leg, rate txbuilder.FeeRate) ([]Leg, error) {
	dear := slices.Clone(steps)
	var sum btcutil.Amount
	for k, s := range steps {
		_, fee, _, err := w.Measure(ctx, s)
		if err != nil {
			return nil, err
		}
		sum += fee
		dear[k].Rate, dear[k].min = rate, 0
	}
	_, _, vsize, err := w.Measure(ctx, dear[0])
	if err != nil {
		return nil, err
	}
	dear[0].min = sum + w.Relay.Increment.Fee(vsize+replacementSlack)
	return dear, nil
}

// worst is what the second wave may cost, at whichever rate.
func (w *Paths) worst(ctx context.Context, second, dear []Leg) (btcutil.Amount, error) {
	if len(second) == 0 {
		return 0, nil
	}
	var worst btcutil.Amount
	for _, steps := range [][]Leg{second, dear} {
		var sum btcutil.Amount
		for _, s := range steps {
			if s.Item < 0 {
				continue
			}
			cost, _, _, err := w.Measure(ctx, s)
			if err != nil {
				return 0, err
			}
			sum += cost
		}
		worst = max(worst, sum)
	}
	return worst + txbuilder.DustLimit(w.Job.Request.Owner), nil
}

// top is the output on top of what is in blocks.
func (w *Paths) top(a step.SeriesAction, root *wire.MsgTx, coin int) (*wire.MsgTx, int, error) {
	if len(a.Confirmed) == 0 {
		return root, coin, nil
	}
	v := w.Job.Links()[a.Confirmed[len(a.Confirmed)-1]].Version
	if v.Next < 0 {
		return nil, 0, fmt.Errorf("%w: %s leaves nothing to go on with", job.ErrBadJournal, v.Txid)
	}
	tx, err := v.Tx()
	return tx, v.Next, err
}

// outbidPath is the rate, and the sum of fees, that replace everything that may have been sent on
// top of what is in blocks (BIP 125 rules 3 and 4).
func (w *Paths) outbidPath(ctx context.Context, a step.SeriesAction, root *wire.MsgTx) (rate txbuilder.FeeRate, sum btcutil.Amount, err error) {
	links, n := w.Job.Links(), len(a.Confirmed)
	rate = w.Job.Request.Rate
	for _, p := range w.Job.Paths {
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
	node, asked := ports.RelayOf(w.Chain)
	for id, l := range links { // others may have hung theirs on it
		if !asked || !l.Stage.Used || l.Version.Parent != top {
			continue
		}
		more, err := node.HangingFees(ctx, id)
		if err != nil {
			return 0, 0, fmt.Errorf("what hangs on %s: %w", id, err)
		}
		if more += l.Version.Fee; more > sum {
			sum, w.Forced = more, true
		}
	}
	return min(max(rate*3/2, rate+w.Relay.Increment, w.Relay.Least()), txbuilder.MaxRate), sum, nil
}

// within holds a path to the ceiling.
func (w *Paths) within(p *job.Path) error {
	links, sum := w.Job.Links(), btcutil.Amount(0)
	for _, id := range p.Links {
		sum += links[id].Version.Cost()
	}
	if limit := w.Job.Request.MaxTotal; limit > 0 && sum > limit {
		return &job.OverBudget{Need: sum, Max: limit}
	}
	return nil
}
