package estimate

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/build"
	"blockstack/txbuilder/registrar/doubt"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/terms"
)

// BatchRequest asks for operations on many names.
type BatchRequest struct {
	Items []job.Item
	// Rate, HighRate and Confirmations are those of a Request.
	Rate, HighRate txbuilder.FeeRate
	Confirmations  int32
	// MaxTotal is a ceiling on everything that the batch may spend; zero: none.
	MaxTotal btcutil.Amount
	// List says of which list of names it is.
	List string
	// Scripts gives scripts of the wallet for the coins, at least one and at most n.
	Scripts func(ctx context.Context, n int) ([][]byte, error)
}

// Batch is a planned batch. Nothing is written or signed yet.
type Batch struct {
	Split  job.Request
	Series []job.Request
	// Costs are by item of the request; Refused says which items are left out, and why.
	Costs   []ItemCost
	Refused map[int]error
	// SplitFee is the fee of the first transaction; Fee that of all at the planned rate, FeeHigh at
	// the higher one. Given is what owners get with their names.
	SplitFee, Fee, FeeHigh, Burn, Given btcutil.Amount
	// Total is what leaves the payer at the planned rate, Worst at the higher one; Locked is how
	// much more is set aside until it is done.
	Total, Worst, Locked btcutil.Amount
	Transactions         int
	// Height is the tip at which all this is true; Blocks about how many it takes.
	Height, Blocks int32
	// ExactUntil is that of an Estimate.
	ExactUntil *int32
	// Doubt says why none of it is started yet; nil: it can be. Assured is that of a Request.
	Doubt   *doubt.InDoubt
	Assured int32
}

// ItemCost is what one name costs.
type ItemCost struct {
	Price names.Unit
	Burn  btcutil.Amount
	Fee   btcutil.Amount
	// Renewal is what a renewal does to the lifetime.
	Renewal *terms.Renewal
}

// PlanBatch makes all checks and says what a batch would do and cost. It writes nothing and signs
// nothing.
func (r *Plans) PlanBatch(ctx context.Context, req BatchRequest) (*Batch, error) {
	common, err := job.Request{Kind: job.KindRegister, Rate: req.Rate, HighRate: req.HighRate}.Rates(r.Confirmations, req.Confirmations)
	if err != nil {
		return nil, err
	}
	scripts, err := req.Scripts(ctx, max(1, min(job.MaxSplitSeries, (len(req.Items)+job.MaxSeries-1)/job.MaxSeries)))
	if err != nil {
		return nil, err
	}
	if len(scripts) == 0 {
		return nil, fmt.Errorf("%w: no address for the coins of the batch", job.ErrBadRequest)
	}
	// One draft of all items, to measure them with.
	draft := &job.Job{ID: "draft", State: job.Planned, Request: common, Listed: job.Listed{Items: make([]job.Progress, len(req.Items))}}
	draft.Request.Kind, draft.Request.Owner, draft.Request.Series = job.KindSeries, scripts[0], &job.Series{Items: req.Items}
	w, err := r.Build.Paths(ctx, draft, build.Unsigned)
	if err != nil {
		return nil, err
	}
	if common.Rate < w.Relay.Floor {
		return nil, &BelowFloor{common.Rate, w.Relay.Floor}
	}
	b := &Batch{Costs: make([]ItemCost, len(req.Items)), Refused: make(map[int]error), Height: w.Terms.Tip}
	r = r.over(w.Config)
	good, err := r.checkItems(ctx, w, b)
	if err != nil || len(good) == 0 {
		return b, err
	}
	split := draft.Request
	split.Kind, split.Series, split.Split, split.List = job.KindSplit, nil, &job.Split{}, req.List
	if len(good) > job.MaxSplitSeries*job.MaxSeries {
		return nil, fmt.Errorf("%w: %d names, at most %d at once", job.ErrBadRequest, len(good), job.MaxSplitSeries*job.MaxSeries)
	}
	n := (len(good) + job.MaxSeries - 1) / job.MaxSeries
	for k := range n {
		part := good[len(good)*k/n : len(good)*(k+1)/n]
		one := common
		one.Kind, one.Owner, one.List = job.KindSeries, scripts[k%len(scripts)], req.List
		one.Series = &job.Series{Output: k}
		for _, i := range part {
			one.Series.Items = append(one.Series.Items, req.Items[i])
		}
		if err := size(ctx, w, b, &one, part); err != nil {
			return nil, err
		}
		split.Split.Outputs = append(split.Split.Outputs, job.SplitOutput{Script: one.Owner, Amount: one.Series.Amount})
		b.Series = append(b.Series, one)
	}
	b.Split = split
	all := &job.Series{}
	for i := range b.Series {
		all.Items = append(all.Items, b.Series[i].Series.Items...)
	}
	if b.ExactUntil, err = r.Names.ExactUntil(ctx); err != nil {
		return nil, err
	}
	if b.Doubt, err = r.Doubts.InDoubt(ctx, &job.Request{Kind: job.KindSeries, Series: all}, b.Height); err != nil {
		return nil, err
	}
	return b, r.total(ctx, w, b, req.MaxTotal)
}

// checkItems makes the checks before money moves for each item, and gives those that pass.
func (r *Plans) checkItems(ctx context.Context, w *build.Paths, b *Batch) (good []int, err error) {
	items, coming := w.Job.Request.Series.Items, make(map[string]int)
	busy, err := r.Match.BusyNames(ctx, items)
	if err != nil {
		return nil, err
	}
	for i := range items {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		err := r.checkItem(ctx, w, i, busy, coming)
		switch {
		case err == nil:
			good = append(good, i)
		case build.IsRefusal(err) || errors.Is(err, txbuilder.ErrForbiddenScript):
			b.Refused[i] = err
			delete(w.ItemTerms, i)
		default:
			return nil, fmt.Errorf("%s: %w", items[i].Name, err)
		}
	}
	return good, nil
}

// checkItem makes the checks for one item. coming counts the names that the items before it bring
// to an owner.
func (r *Plans) checkItem(ctx context.Context, w *build.Paths, i int, busy map[names.Name]job.ID, coming map[string]int) error {
	it := &w.Job.Request.Series.Items[i]
	q := it.Request(&w.Job.Request)
	if _, err := q.Normal(r.Params, q.Confirmations); err != nil {
		return err
	}
	if id, there := busy[it.Name]; there {
		return &job.Conflict{ID: id, What: "purpose"}
	}
	if err := w.Prepare(ctx, i); err != nil {
		return err
	}
	w.Note(i)
	if to := q.Recipient(); to != nil {
		own, flying, err := r.Checks.Load(ctx, to, func(*job.Job, names.Name) bool { return false })
		if err != nil {
			return err
		}
		flying += coming[string(to)]
		if limit := r.Params.MaxNamesPerOwner - 1; own+flying >= limit {
			addr, err := r.Params.ScriptAddress(to)
			return errors.Join(err, &terms.Quota{Owner: addr, Names: own, Flying: flying, Limit: limit})
		}
		coming[string(to)]++
	}
	busy[it.Name] = "this list"
	return nil
}

// size finds what a series costs, and how much its coin must hold: the first wave, the second at
// the higher rate, and one replacement of the first.
func size(ctx context.Context, w *build.Paths, b *Batch, one *job.Request, part []int) error {
	var first, second []build.Leg
	for _, i := range part {
		it := &w.Job.Request.Series.Items[i]
		role := job.RolePreorder
		if it.Kind.OfOwner() {
			role = it.Kind.Role()
		} else {
			second = append(second, build.Leg{Item: i, Role: job.RoleRegister, Rate: one.Rate})
		}
		first = append(first, build.Leg{Item: i, Role: role, Rate: one.Rate})
	}
	var low, fees, worst btcutil.Amount
	for n, s := range append(slices.Clone(first), second...) {
		cost, fee, _, err := w.Measure(ctx, s)
		if err != nil {
			return err
		}
		c := &b.Costs[s.Item]
		c.Fee += fee
		if t := w.ItemTerms[s.Item]; n < len(first) {
			c.Renewal, c.Price = t.Renewal, t.Price.Unit
			if t.Price.Amount != nil {
				sat, err := t.Price.Sat()
				if err != nil {
					return err
				}
				c.Burn = max(sat, txbuilder.DustLimit(t.Payee))
			}
			b.Burn += c.Burn
			fees += fee
		}
		low += cost
		b.Fee += fee
		b.Given -= fee
	}
	b.Given += low
	last, firstOnly := second, btcutil.Amount(0)
	if len(second) == 0 {
		last = first
	} else {
		for _, s := range first {
			cost, _, _, err := w.Measure(ctx, s)
			if err != nil {
				return err
			}
			firstOnly += cost
		}
	}
	dear := last
	if one.HighRate > one.Rate {
		var err error
		if dear, err = w.Dearer(ctx, last, one.HighRate); err != nil {
			return err
		}
	}
	worst = firstOnly
	for _, s := range dear {
		cost, _, _, err := w.Measure(ctx, s)
		if err != nil {
			return err
		}
		worst += cost
	}
	worst = max(worst, low)
	b.FeeHigh += worst - low
	one.MaxTotal = worst
	one.Series.Amount = worst + 2*fees + txbuilder.DustLimit(one.Owner)
	b.Transactions += len(first) + len(second)
	b.Blocks = max(b.Blocks, one.Confirmations*2)
	if len(second) > 0 {
		b.Blocks = one.Confirmations * 3
	}
	return nil
}

// total plans the split and adds everything up. What the ceiling leaves above the worst is shared
// out.
func (r *Plans) total(ctx context.Context, w *build.Paths, b *Batch, ceiling btcutil.Amount) error {
	draft := &job.Job{ID: "draft", State: job.Planned, Request: b.Split}
	m, err := r.Build.Txs(ctx, draft, &terms.Terms{Tip: w.Terms.Tip}, build.Unsigned)
	if err != nil {
		return err
	}
	p, err := m.SplitPlan(ctx, txbuilder.Funding{Rate: b.Split.Rate})
	if err != nil {
		return err
	}
	b.Given -= b.Burn
	b.SplitFee, b.Transactions = p.Fee, b.Transactions+1
	splitHigh := max(p.Fee, b.Split.HighRate.Fee(p.VSize))
	b.Fee += p.Fee
	b.FeeHigh += b.Fee + splitHigh - p.Fee
	b.Total = b.Fee + b.Burn + b.Given
	b.Worst = splitHigh
	var set btcutil.Amount
	for i := range b.Series {
		b.Worst += b.Series[i].MaxTotal
		set += b.Series[i].Series.Amount
	}
	b.Locked = set + p.Fee - b.Total
	if ceiling == 0 {
		for i := range b.Series {
			b.Series[i].MaxTotal = 0
		}
		return nil
	}
	if b.Worst > ceiling {
		return &job.OverBudget{Need: b.Worst, Max: ceiling}
	}
	b.Split.MaxTotal = splitHigh
	left := ceiling - b.Worst
	for i := range b.Series {
		b.Series[i].MaxTotal += left / btcutil.Amount(len(b.Series))
	}
	return nil
}
