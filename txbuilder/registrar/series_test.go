package registrar

import (
	"context"
	"fmt"
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/txbuilder"
)

// newScripts are fresh payer scripts of the wallet.
func (v *world) newScripts(_ context.Context, n int) (scripts [][]byte, err error) {
	for k := range n {
		scripts = append(scripts, v.w.add(byte(100+k), true))
	}
	return scripts, nil
}

// list is a batch that registers n names, 24 to an owner.
func (v *world) list(prefix string, n int) BatchRequest {
	req := BatchRequest{Rate: txbuilder.SatPerVByte(10), Scripts: v.newScripts, List: prefix}
	for i := range n {
		one := v.register(fmt.Sprintf("%s%d.id", prefix, i))
		req.Items = append(req.Items, Item{Kind: KindRegister, Name: one.Name, Owner: v.w.add(byte(60+i/24), false), ZoneFile: one.ZoneFile})
	}
	return req
}

// begin plans and starts a batch.
func (v *world) begin(req BatchRequest) (*Batch, []ID) {
	v.t.Helper()
	b, err := v.r.PlanBatch(v.t.Context(), req)
	if err != nil {
		v.t.Fatal(err)
	}
	for i, err := range b.Refused {
		v.t.Fatalf("%s: %v", req.Items[i].Name, err)
	}
	split, series, err := v.r.StartBatch(v.t.Context(), b)
	if err != nil {
		v.t.Fatal(err)
	}
	var ids []ID
	for _, j := range series {
		ids = append(ids, j.ID)
	}
	return b, append(ids, split.ID)
}

// all advances every job and says whether one is open.
func (v *world) all() (open bool) {
	v.t.Helper()
	jobs, err := v.r.AdvanceAll(v.t.Context())
	if err != nil {
		v.t.Fatal(err)
	}
	for _, j := range jobs {
		open = open || j.Open()
	}
	return open
}

// TestBatch registers thirty names in three blocks, two transactions each and one
// that makes the coins.
func TestBatch(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	before := v.height()
	paid := v.balance()
	b, ids := v.begin(v.list("n", 30))
	if len(b.Series) != 2 || b.Transactions != 61 || b.Blocks != 3 {
		t.Fatalf("%d series, %d transactions, %d blocks", len(b.Series), b.Transactions, b.Blocks)
	}
	for v.all() {
		v.mine(1)
	}
	if n := v.height() - before; n != 3 {
		t.Errorf("took %d blocks", n)
	}
	var spent btcutil.Amount
	for _, id := range ids {
		j, err := v.r.Job(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if j.State != Done {
			t.Errorf("%s %s: %s", j.Request.Subject(), j.State, j.Reason)
		}
		for _, it := range j.View().Names {
			if it.State != "done" || len(it.Txids) != 2 || it.FeeSat == 0 || it.BurnSat == 0 {
				t.Errorf("%+v", it)
			}
		}
		view := j.View()
		spent += btcutil.Amount(view.FeeSat + view.BurnSat)
	}
	if spent != b.Fee+b.Burn {
		t.Errorf("spent %d, planned %d", spent, b.Fee+b.Burn)
	}
	if left := v.balance(); paid-left != spent {
		t.Errorf("the wallet has %d less, spent were %d", paid-left, spent)
	}
}

// balance is everything that the wallet has, owners' coins included.
func (v *world) balance() (sum btcutil.Amount) {
	v.t.Helper()
	coins, err := v.w.Spendable(v.t.Context(), 0)
	if err != nil {
		v.t.Fatal(err)
	}
	for _, c := range coins {
		sum += c.Amount
	}
	return sum
}
