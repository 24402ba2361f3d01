package txbuilder

import (
	"slices"

	"github.com/btcsuite/btcd/btcutil/v2"
)

// maxTries bounds the branch-and-bound search.
const maxTries = 100_000

// selectCoins chooses the coins of a payment. Coins that cost more to spend than they bring are
// left alone. Coins of one kind are preferred, so that a payment does not tie accounts together
// without need; among kinds that are enough, the one with the lowest fee.
func selectCoins(d outline, r PaymentRequest, pool []*coin) (*result, error) {
	worth := worthSpending(pool, d.funding.Rate)
	if len(worth) == 0 {
		return nil, lacking(d, nil, sum(pool))
	}
	change, err := d.changeScript(nil)
	if err != nil {
		return nil, err
	}
	d.funding.Change = change
	byKind := make(map[ScriptKind][]*coin)
	for _, c := range worth {
		byKind[KindOf(c.script)] = append(byKind[KindOf(c.script)], c)
	}
	var best *result
	if len(byKind) > 1 {
		for _, kind := range []ScriptKind{KindP2TR, KindP2WPKH, KindP2SH, KindP2PKH} {
			if len(byKind[kind]) == 0 {
				continue
			}
			res, err := selectAmong(d, r, byKind[kind])
			if err == nil && (best == nil || res.fee < best.fee) {
				best = res
			}
		}
	}
	if best != nil {
		return best, nil
	}
	return selectAmong(d, r, worth)
}

// worthSpending leaves out the coins that cost at least as much as they bring.
func worthSpending(pool []*coin, rate FeeRate) []*coin {
	return slices.DeleteFunc(slices.Clone(pool), func(c *coin) bool { return c.value <= c.cost(rate) })
}

// selectAmong chooses from some coins. First a search for a set that pays exactly enough, so that
// no change is needed; else the smallest single coin that is enough; else the largest coins until
// it is enough.
//
// The search (branch and bound) works on effective values, a coin less the fee of spending it, and
// accepts an excess of at most what making and later spending a change output would cost: giving
// that to the miner is then no loss.
func selectAmong(d outline, r PaymentRequest, worth []*coin) (*result, error) {
	rate := d.funding.Rate
	if d.funding.MinFee == 0 {
		tolerance := changeCost(d.funding.Change, rate)
		if set := changeless(worth, d, r, rate, tolerance); set != nil {
			if res, ok := exact(d, r, set); ok && res.fee <= d.fee(res.size.vsize())+tolerance {
				return res, nil
			}
		}
	}
	return choose(d, nil, worth, 0)
}

// subtractFee chooses coins for the amounts alone and takes the fee out of them, in equal parts;
// what does not divide the first payee pays.
func subtractFee(d outline, r PaymentRequest, chosen, pool []*coin) (*result, error) {
	total := r.amount()
	set, worth := slices.Clone(chosen), worthSpending(pool, d.funding.Rate)
	if i := slices.IndexFunc(worth, func(c *coin) bool { return sum(set)+c.value >= total }); i >= 0 && sum(set) < total {
		set = append(set, worth[i])
	}
	for i := len(worth) - 1; i >= 0 && sum(set) < total; i-- {
		set = append(set, worth[i])
	}
	if have := sum(set); have < total || len(set) == 0 {
		return nil, &InsufficientFunds{Need: total, Have: have}
	}
	res := &result{layout: paymentLayout(r), coins: set, change: -1}
	for _, c := range set {
		res.size.add(c)
	}
	for _, o := range res.layout.Outputs {
		res.size.output(o.Script)
	}
	left := sum(set) - total
	if left > 0 {
		change, err := d.changeScript(nil)
		if err != nil {
			return nil, err
		}
		if left >= DustLimit(change) {
			res.change = len(res.layout.Outputs)
			res.layout.Outputs = append(res.layout.Outputs, Output{Role: RoleChange, Script: change, Value: left, Text: "change"})
			res.size.output(change)
			left = 0
		}
	}
	fee := d.fee(res.size.vsize())
	res.fee = max(fee, left)
	n := btcutil.Amount(len(r.More) + 1)
	part, rest := (res.fee-left)/n, (res.fee-left)%n
	for i := range int(n) {
		o := &res.layout.Outputs[i]
		o.Value -= part
		if i == 0 {
			o.Value -= rest
		}
		if least := DustLimit(o.Script); o.Value < least {
			return nil, &DustAmount{Where: "payment after its part of the fee", Amount: o.Value, Minimum: least}
		}
	}
	return res, nil
}

// changeCost is the fee of a change output and of spending it later.
func changeCost(change []byte, rate FeeRate) btcutil.Amount {
	var s sizes
	s.output(change)
	cost := rate.Fee(s.outs)
	if base, wit, err := inputWeight(change, nil); err == nil {
		cost += rate.Fee((4*base + wit + 3) / 4)
	}
	return cost
}

// exact builds the result without change: the excess goes to the fee.
func exact(d outline, r PaymentRequest, set []*coin) (*result, bool) {
	res := &result{layout: paymentLayout(r), coins: set, change: -1}
	for _, o := range res.layout.Outputs {
		res.size.output(o.Script)
	}
	for _, c := range set {
		res.size.add(c)
	}
	res.fee = sum(set) - r.amount()
	return res, res.fee >= d.fee(res.size.vsize())
}

// changeless searches for a set whose effective value lies between the target and the target plus a
// tolerance. Of those found it keeps the one with the least excess.
func changeless(pool []*coin, d outline, r PaymentRequest, rate FeeRate, tolerance btcutil.Amount) []*coin {
	var frame sizes
	for _, p := range r.payees() {
		frame.output(p.To)
	}
	// Five more bytes: the mark of a witness, and counts of more than 252.
	target := r.amount() + rate.Fee(frame.vsize()+5)

	coins := slices.Clone(pool)
	slices.Reverse(coins) // largest first
	value := make([]btcutil.Amount, len(coins))
	rest := make([]btcutil.Amount, len(coins)+1)
	for i := len(coins) - 1; i >= 0; i-- {
		value[i] = coins[i].value - coins[i].cost(rate)
		rest[i] = rest[i+1] + value[i]
	}
	var best, taken []int
	bestExcess, tries := tolerance+1, 0
	var search func(i int, sum btcutil.Amount)
	search = func(i int, sum btcutil.Amount) {
		if tries++; tries > maxTries || sum > target+tolerance || bestExcess == 0 {
			return
		}
		if sum >= target {
			if excess := sum - target; excess < bestExcess {
				best, bestExcess = slices.Clone(taken), excess
			}
			return
		}
		if i == len(coins) || sum+rest[i] < target {
			return
		}
		taken = append(taken, i)
		search(i+1, sum+value[i])
		taken = taken[:len(taken)-1]
		search(i+1, sum)
	}
	search(0, 0)
	if best == nil {
		return nil
	}
	set := make([]*coin, len(best))
	for i, j := range best {
		set[i] = coins[j]
	}
	return set
}
