package registrar

import (
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/txbuilder"
)

// TestCosts holds what is asked about to what is paid: for every kind of operation at a rate that a
// lying node names, and at a usual one.
func TestCosts(t *testing.T) {
	v := shortLived(t)
	for _, c := range []struct {
		rate txbuilder.FeeRate
		odd  bool
	}{{5_000, false}, {400_000, true}} {
		for _, kind := range []Kind{KindRenew, KindUpdate, KindTransfer, KindRevoke} {
			req := v.ask(kind)
			req.Rate, req.HighRate = c.rate, 0
			e, err := v.r.Plan(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			costs := e.Costs()
			if len(costs) != 1 || costs[0].Fee != e.Fee || costs[0].Moved != e.Burn+e.Given || kind != KindRenew && e.Burn != 0 {
				t.Errorf("%s: %v of %+v", kind, costs, e)
			}
			if odd, is := txbuilder.OutOfProportion(costs...); is != c.odd {
				t.Errorf("%s at %s: %v, %v", kind, c.rate, odd, is)
			}
		}
		req := v.register("bob.id")
		req.Rate, req.HighRate = c.rate, 0
		e, err := v.r.Plan(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		if odd, is := txbuilder.OutOfProportion(e.Costs()...); is != (c.odd && e.Fee > e.Burn/10) {
			t.Errorf("register at %s: %v, %v of %d", c.rate, odd, is, e.Burn)
		}
	}
}

// TestCostsOfMany gives each name of a list its own cost; together they are what the list costs.
func TestCostsOfMany(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	req := v.list("many", 30)
	b, err := v.r.PlanBatch(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	var sum txbuilder.Cost
	for _, c := range b.OpCosts() {
		sum.Fee, sum.Moved = sum.Fee+c.Fee, sum.Moved+c.Moved
	}
	if n := len(b.OpCosts()); n != len(b.Costs)-len(b.Refused) || n == 0 || sum.Fee != b.Fee || sum.Moved != b.Burn+b.Given {
		t.Errorf("%d costs, %v in all, of %d names: fee %d, burnt %d, given %d", n, sum, len(b.Costs), b.Fee, b.Burn, b.Given)
	}
}

// TestFollowing knows before a job is gone on with what that costs, whoever has signed nothing yet.
func TestFollowing(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	j, err := v.r.Start(t.Context(), v.register("alice.id"))
	if err != nil {
		t.Fatal(err)
	}
	j = v.advance(j.ID)
	v.mine(1)
	far := v.forgetful()
	e, err := far.r.Plan(t.Context(), far.register("alice.id"))
	if err != nil || e.Found == nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		job *Job
		all btcutil.Amount
	}{{e.Found.Job, j.Stage(RolePreorder).Versions[0].Burn}, {j, j.Stage(RolePreorder).Versions[0].Burn}} {
		got, err := Following(t.Context(), far.r, c.job)
		if want := j.Stage(RoleRegister).Versions[0].Fee; err != nil || got != (txbuilder.Cost{Fee: want, Moved: c.all}) {
			t.Errorf("%v, %v; the registration pays %d", got, err, want)
		}
	}
	dear := *e.Found.Job
	dear.Request.Rate, dear.Request.HighRate = 400_000, 400_000
	if got, err := Following(t.Context(), far.r, &dear); err != nil || got.Fee < 50_000 {
		t.Errorf("at 400 sat/vB: %v, %v", got, err)
	}
	if jobs, err := far.r.Jobs(t.Context()); err != nil || len(jobs) != 0 {
		t.Errorf("looking wrote %d jobs, %v", len(jobs), err)
	}
}
