package txbuilder

import (
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
		if got := OutOfProportion(c.fee, c.moved); got != c.want {
			t.Errorf("a fee of %d for %d: %v", c.fee, c.moved, got)
		}
	}
}
