package txbuilder

import (
	"slices"

	"github.com/btcsuite/btcd/btcutil/v2"
)

// maxTries bounds the branch-and-bound search.
const maxTries = 100_000

// selectCoins chooses the coins of a payment. First a search for a set that
// pays exactly enough, so that no change is needed; else the smallest single coin
// that is enough; else the largest coins until it is enough. Coins that cost more
// to spend than they bring are left alone.
//
// The search (branch and bound) works on effective values, a coin less the fee
// of spending it, and accepts an excess of at most what making and later
// spending a change output would cost: giving that to the miner is then no
// loss.
func selectCoins(d draft, r PaymentRequest, pool []*coin) (*result, error) {
	rate := d.funding.Rate
	worth := slices.DeleteFunc(slices.Clone(pool), func(c *coin) bool { return c.value <= c.cost(rate) })
	if len(worth) == 0 {
		return nil, lacking(d, nil, sum(pool))
	}
	change, err := d.changeScript(nil)
	if err != nil {
		return nil, err
	}
	d.funding.Change = change
	if d.funding.MinFee == 0 {
		if set := changeless(worth, d, r, rate, changeCost(change, rate)); set != nil {
			if res, ok := exact(d, r, set); ok {
				return res, nil
			}
		}
	}
	return choose(d, nil, worth, 0)
}

// changeCost is the fee of a change output and of spending it later.
func changeCost(change []byte, rate FeeRate) btcutil.Amount {
	var s sizer
	s.output(change)
	cost := rate.Fee(s.outs)
	if base, wit, err := inputWeight(change, nil); err == nil {
		cost += rate.Fee((4*base + wit + 3) / 4)
	}
	return cost
}

// exact builds the result without change: the excess goes to the fee.
func exact(d draft, r PaymentRequest, set []*coin) (*result, bool) {
	res := &result{layout: paymentLayout(r), coins: set, change: -1}
	res.size.output(r.To)
	for _, c := range set {
		res.size.add(c)
	}
	res.fee = sum(set) - r.Amount
	return res, res.fee >= d.fee(res.size.vsize())
}

// changeless searches for a set whose effective value lies between the target
// and the target plus a tolerance. Of those found it keeps the one with the
// least excess.
func changeless(pool []*coin, d draft, r PaymentRequest, rate FeeRate, tolerance btcutil.Amount) []*coin {
	var frame sizer
	frame.output(r.To)
	// Five more bytes: the mark of a witness, and counts of more than 252.
	target := r.Amount + rate.Fee(frame.vsize()+5)

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
