package chaintest_test

import (
	"testing"

	"blockstack/wallet/chain/chaintest"
)

func TestBitcoin(t *testing.T) {
	b := chaintest.New()
	chaintest.Suite(t, chaintest.World{
		Node: b,
		Mine: func(n int) { b.Mine(n) },
		Reorg: func(depth int32, drop bool) {
			if err := b.Reorg(depth, drop); err != nil {
				t.Fatal(err)
			}
		},
		Pay: b.Pay,
	})
}
