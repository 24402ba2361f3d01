package txbuilder

import (
	"slices"
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"
)

func TestOutOfProportion(t *testing.T) {
	for _, c := range []struct {
		fee, moved btcutil.Amount
		want       bool
	}{
		{50_000, 0, false},
		{50_001, 0, true},
		{50_001, 500_009, true},
		{50_001, 500_010, false},
		{1_000_000, 10_000_000, false},
		{1_000_001, 10_000_000, true},
		{328_000, 100_000, true},
	} {
		if odd, got := OutOfProportion(Cost{c.fee, c.moved}); got != c.want || got && odd != (Cost{c.fee, c.moved}) {
			t.Errorf("a fee of %d for %d: %v, %v", c.fee, c.moved, got, odd)
		}
	}
	if _, is := OutOfProportion(); is {
		t.Error("nothing is out of proportion")
	}
}

// TestProportionOfMany holds lists to the rule: each of their operations, and the sum, of which a
// usual rate makes no alarm.
func TestProportionOfMany(t *testing.T) {
	many := func(n int, one Cost) []Cost { return slices.Repeat([]Cost{one}, n) }
	cheap := btcutil.Amount(10_000) // price of a long name
	for _, c := range []struct {
		what string
		ops  []Cost
		want bool
	}{
		{"500 cheap names at 5 sat/vB", many(500, Cost{2_293, cheap}), false},
		{"2400 cheap names at 12 sat/vB", many(2400, Cost{5_000, cheap}), false},
		{"2400 cheap names a little above that", many(2400, Cost{5_001, cheap}), true},
		{"24 updates at 12 sat/vB", many(24, Cost{5_000, 0}), false},
		{"24 updates at 40 sat/vB", many(24, Cost{16_000, 0}), true},
		{"3 updates at 40 sat/vB", many(3, Cost{16_000, 0}), false},
		{"4 updates at 40 sat/vB", many(4, Cost{16_000, 0}), true},
		{"24 dear names at 200 sat/vB", many(24, Cost{90_000, 1_000_000}), false},
		{"one update among dear names", append(many(23, Cost{60_000, 10_000_000}), Cost{60_000, 0}), true},
		{"what one name moves excuses no other", append(many(100, Cost{60_000, 0}), Cost{1_000, 100_000_000}), true},
	} {
		if odd, got := OutOfProportion(c.ops...); got != c.want || got && odd.Fee == 0 {
			t.Errorf("%s: %v, %v", c.what, got, odd)
		}
	}
	for _, n := range []int{0, 1, 7} {
		var sum Cost
		ops := Alike(n, Cost{1_000_003, 500})
		for _, c := range ops {
			sum.Fee, sum.Moved = sum.Fee+c.Fee, sum.Moved+c.Moved
		}
		if len(ops) != max(1, n) || sum != (Cost{1_000_003, 500}) {
			t.Errorf("%d alike: %v", n, ops)
		}
	}
}
