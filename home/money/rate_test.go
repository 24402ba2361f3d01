package money

import (
	"errors"
	"testing"

	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet/chain/chaintest"
)

// TestChooseRate asks a node that estimates, one that cannot, and one whose memory pool is full.
func TestChooseRate(t *testing.T) {
	btc, ctx := chaintest.New(), t.Context()
	btc.Mine(101)
	o := RateOrder{Net: btc.Net(), Blocks: 3}
	if _, err := ChooseRate(ctx, btc, o); !errors.Is(err, ErrNoRate) {
		t.Errorf("nothing to learn from: %v", err)
	}
	usual := o
	usual.Usual = 5_000
	if r, err := ChooseRate(ctx, btc, usual); err != nil || r != (Rate{Rate: 5_000}) {
		t.Errorf("no market: %+v, %v", r, err)
	}
	given := usual
	given.Given = 9_000
	if r, err := ChooseRate(ctx, btc, given); err != nil || r != (Rate{Rate: 9_000}) {
		t.Errorf("given: %+v, %v", r, err)
	}
	if _, err := btc.Pay(append([]byte{0, 20}, make([]byte, 20)...), 100_000); err != nil {
		t.Fatal(err)
	}
	btc.Mine(1)
	r, err := ChooseRate(ctx, btc, o)
	if err != nil || r.FromBlocks == 0 || r.Rate != max(r.FromBlocks, txbuilder.RelayRate) || r.Floor != 0 {
		t.Errorf("from blocks: %+v, %v", r, err)
	}
	btc.SetFeeRate(7_000)
	if r, err = ChooseRate(ctx, btc, o); err != nil || r != (Rate{Rate: 7_000}) {
		t.Errorf("estimated: %+v, %v", r, err)
	}
	btc.SetFeeRate(10)
	if r, err = ChooseRate(ctx, btc, o); err != nil || r.Rate != txbuilder.RelayRate {
		t.Errorf("below what is relayed: %+v, %v", r, err)
	}
	full := chaintest.BtcdRelay()
	full.Floor, full.Increment = 20_000, 1_000
	btc.SetRelay(full)
	if r, err = ChooseRate(ctx, btc, usual); err != nil || r.Floor != 20_000 || r.Rate < r.Floor {
		t.Errorf("the pool is full: %+v, %v", r, err)
	}
	var below *registrar.BelowFloor
	if _, err = ChooseRate(ctx, btc, given); !errors.As(err, &below) || below.Rate != 9_000 || below.Floor != 20_000 {
		t.Errorf("given, and the pool is full: %v", err)
	}
}
