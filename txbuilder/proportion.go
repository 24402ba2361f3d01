package txbuilder

import "github.com/btcsuite/btcd/btcutil/v2"

// A fee that a node named is taken for meant up to ModestFee for one operation, and up to
// modestShare for each of many; above that up to a tenth of what it moves. ModestFee is what a name
// costs in fees at more than 100 satoshi per virtual byte, modestShare at 12: many names at a usual
// rate alarm nobody, however cheap they are, and a rate that nobody pays does.
const (
	ModestFee   btcutil.Amount = 50_000
	modestShare btcutil.Amount = 5_000
	modestPart  btcutil.Amount = 10
)

// Cost is the fee of an operation, and what it sends or burns. Operations that burn nothing, as
// updates, move nothing.
type Cost struct{ Fee, Moved btcutil.Amount }

// OutOfProportion says whether the fee of one of a command's operations, or the fees of all
// together, are so large beside what is sent or burnt that a person should look at it before it is
// paid; odd is then what to look at. It is the one rule for everything that pays a fee at a rate
// which the user did not give.
func OutOfProportion(ops ...Cost) (odd Cost, is bool) {
	var sum Cost
	for _, c := range ops {
		if c.above(ModestFee) {
			odd, is = c, true
		}
		sum.Fee, sum.Moved = sum.Fee+c.Fee, sum.Moved+c.Moved
	}
	if sum.above(max(ModestFee, modestShare*btcutil.Amount(len(ops)))) {
		return sum, true
	}
	return odd, is
}

// above says whether a fee is neither modest nor small beside what it moves.
func (c Cost) above(modest btcutil.Amount) bool { return c.Fee > modest && c.Fee > c.Moved/modestPart }

// Alike are the costs of n operations that share fees and amounts evenly.
func Alike(n int, all Cost) []Cost {
	ops := make([]Cost, max(1, n))
	for i := range ops {
		left := btcutil.Amount(len(ops) - i)
		ops[i] = Cost{all.Fee / left, all.Moved / left}
		all.Fee, all.Moved = all.Fee-ops[i].Fee, all.Moved-ops[i].Moved
	}
	return ops
}
