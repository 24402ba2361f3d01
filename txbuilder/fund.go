package txbuilder

import (
	"context"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// fund chooses the coins of a name operation. Few inputs are preferred: the smallest single coin
// that is enough, else the largest ones.
func fund(ctx context.Context, p *funds, d outline) (*result, error) {
	if err := d.funding.Rate.check(); err != nil {
		return nil, err
	}
	d.change = p.changeOnce(ctx)
	used := make(map[wire.OutPoint]bool)
	var chosen []*coin
	for i, in := range d.funding.Inputs {
		c, err := given(in)
		if err != nil {
			return nil, err
		}
		if err := checkNamed(fmt.Sprintf("input %d", i), c.script); err != nil && !d.anyInput {
			return nil, err
		}
		if used[c.op] {
			return nil, fmt.Errorf("%w: input %s is given twice", ErrBadRequest, c.op)
		}
		used[c.op] = true
		chosen = append(chosen, c)
	}
	if d.funding.Closed {
		if len(chosen) == 0 {
			return nil, ErrNoFirstInput
		}
		r, short, err := try(d, chosen)
		if err == nil && short > 0 {
			have := sum(chosen)
			err = &InsufficientFunds{Need: have + short, Have: have}
		}
		return r, err
	}
	pool, unusable, err := p.spendable(ctx, d.named, used)
	if err != nil {
		return nil, err
	}
	return choose(d, chosen, pool, unusable)
}

// choose completes the given inputs from a pool that is sorted by value.
func choose(d outline, chosen, pool []*coin, unusable btcutil.Amount) (*result, error) {
	may := func(c *coin) bool { return len(chosen) > 0 || d.funding.First == nil || d.funding.First(c.script) }
	if len(chosen) > 0 {
		if r, short, err := try(d, chosen); err != nil || short == 0 {
			return r, err
		}
	}
	// One more coin, the smallest that is enough.
	for _, c := range pool {
		if !may(c) {
			continue
		}
		if r, short, err := try(d, append(slices.Clone(chosen), c)); err != nil || short == 0 {
			return r, err
		}
	}
	// Several: the largest that may stand first, then the largest of all.
	if len(chosen) == 0 {
		i := lastIndex(pool, may)
		if i < 0 {
			return nil, lacking(d, pool, unusable)
		}
		chosen, pool = []*coin{pool[i]}, slices.Delete(slices.Clone(pool), i, i+1)
	}
	short := btcutil.Amount(0)
	for i := len(pool) - 1; i >= 0; i-- {
		if c := pool[i]; c.value <= c.cost(d.funding.Rate) {
			break // the rest costs more than it brings
		}
		before := chosen
		chosen = append(slices.Clone(chosen), pool[i])
		r, s, err := try(d, chosen)
		if err != nil {
			return nil, err
		}
		if short = s; short > 0 {
			continue
		}
		// The last one may be a smaller coin.
		for _, c := range pool[:i] {
			if smaller, s, err := try(d, append(slices.Clone(before), c)); err == nil && s == 0 {
				return smaller, nil
			}
		}
		return r, nil
	}
	if short == 0 {
		var err error
		if _, short, err = try(d, chosen); err != nil {
			return nil, err
		}
	}
	have := sum(chosen)
	return nil, &InsufficientFunds{Need: have + short, Have: have, Unusable: unusable}
}

// lacking says what is missing when no coin may stand at input 0.
func lacking(d outline, pool []*coin, unusable btcutil.Amount) error {
	if len(pool) > 0 {
		return ErrNoFirstInput
	}
	// The need is reckoned with one P2PKH coin, the largest input there is.
	script, err := txscript.NewScriptBuilder().AddOp(txscript.OP_DUP).AddOp(txscript.OP_HASH160).
		AddData(make([]byte, 20)).AddOp(txscript.OP_EQUALVERIFY).AddOp(txscript.OP_CHECKSIG).Script()
	if err != nil {
		return err
	}
	c := &coin{script: script}
	if c.base, c.wit, err = inputWeight(script, nil); err != nil {
		return err
	}
	_, short, err := try(d, []*coin{c})
	if err != nil {
		return err
	}
	return &InsufficientFunds{Need: short, Unusable: unusable}
}

// try balances a outline with coins. short is what is missing, zero when the result stands.
func try(d outline, coins []*coin) (r *result, short btcutil.Amount, err error) {
	sender := coins[0].script
	l, err := d.layout(sender)
	if err != nil {
		return nil, 0, err
	}
	l.settle(DustLimit)
	var keep btcutil.Amount
	if d.keep != nil {
		if keep, err = d.keep(sender); err != nil {
			return nil, 0, err
		}
	}
	keep = max(keep, d.funding.Keep)
	r = &result{layout: l, coins: coins, change: l.Change, keep: keep}
	for _, c := range coins {
		r.size.add(c)
	}
	for _, o := range l.Outputs {
		r.size.output(o.Script)
	}
	left := sum(coins) - l.spent()
	if l.Change >= 0 {
		r.fee = d.fee(r.size.vsize())
		o := &l.Outputs[l.Change]
		o.Value = left - r.fee
		if least := max(keep, DustLimit(o.Script)); o.Value < least {
			return nil, least - o.Value, nil
		}
		return r, 0, nil
	}
	change, err := d.changeScript(sender)
	if err != nil {
		return nil, 0, err
	}
	with := r.size
	with.output(change)
	fee := d.fee(with.vsize())
	if least := max(keep, DustLimit(change)); left-fee >= least {
		r.change, r.fee, r.size = len(l.Outputs), fee, with
		l.Outputs = append(l.Outputs, Output{Role: RoleChange, Script: change, Value: left - fee, Text: "change"})
		return r, 0, nil
	} else if keep > 0 {
		return nil, least - (left - fee), nil
	}
	if fee = d.fee(r.size.vsize()); left < fee {
		return nil, fee - left, nil
	}
	r.fee = left
	return r, 0, nil
}

// needs is what a single coin of a script must hold so that the outline can be built from it alone.
func needs(d outline, script []byte) (btcutil.Amount, error) {
	c := &coin{script: script}
	var err error
	if c.base, c.wit, err = inputWeight(script, nil); err != nil {
		return 0, err
	}
	// Change that is not obliged to be there is not asked for.
	l, err := d.layout(script)
	if err != nil {
		return 0, err
	}
	l.settle(DustLimit)
	var size sizes
	size.add(c)
	for _, o := range l.Outputs {
		size.output(o.Script)
	}
	need := l.spent() + d.fee(size.vsize())
	if l.Change >= 0 {
		least := DustLimit(l.Outputs[l.Change].Script)
		if d.keep != nil {
			keep, err := d.keep(script)
			if err != nil {
				return 0, err
			}
			least = max(least, keep)
		}
		need += least
	}
	return need, nil
}

// sum adds up coins.
func sum(coins []*coin) btcutil.Amount {
	var s btcutil.Amount
	for _, c := range coins {
		s += c.value
	}
	return s
}

// lastIndex is the index of the last coin that may stand first.
func lastIndex(pool []*coin, may func(*coin) bool) int {
	for i := len(pool) - 1; i >= 0; i-- {
		if may(pool[i]) {
			return i
		}
	}
	return -1
}

// cost is what spending the coin adds to the fee.
func (c *coin) cost(rate FeeRate) btcutil.Amount {
	return rate.Fee((4*c.base + c.wit + 3) / 4)
}
