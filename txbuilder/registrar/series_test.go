package registrar

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/build"
	"blockstack/txbuilder/registrar/step"
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

// TestBatch registers thirty names in three blocks, two transactions each and one that makes the
// coins.
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

// empty mines blocks that leave everything out.
func (v *world) empty(n int) {
	v.t.Helper()
	for range n {
		if _, err := v.btc.MineTxs(); err != nil {
			v.t.Fatal(err)
		}
		v.follow()
		v.all()
	}
}

// TestSeriesReplaced lets the preorders of a series wait until their consensus hash is too old: all
// of them are made anew, each as a spend of the new one before it. Then a miner takes the first two
// as they were. The third is made anew once more, on top of the old second, and everything is paid
// for once.
func TestSeriesReplaced(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	_, ids := v.begin(v.list("r", 3))
	v.all()
	v.mine(1)
	v.all()
	first, err := v.r.Job(t.Context(), ids[0])
	if err != nil || len(first.Paths) != 2 {
		t.Fatalf("%d paths, %v", len(first.Paths), err)
	}
	v.empty(15)
	second, err := v.r.Job(t.Context(), ids[0])
	if err != nil || len(second.Paths) != 4 {
		t.Fatalf("%d paths after fifteen blocks, %v", len(second.Paths), err)
	}
	links := second.Links()
	var fees btcutil.Amount
	for _, id := range first.Paths[0].Links[:3] {
		fees += links[id].Version.Fee
	}
	now := second.Paths[second.Path].Links
	if v := links[now[0]].Version; v.Fee <= fees {
		t.Errorf("the first replacement pays %d, what it replaces %d in all", v.Fee, fees)
	}
	for k, id := range now[1:3] {
		if p := links[id].Version.Parent; p != now[k] {
			t.Errorf("replacement %d spends %s, not the one before it", k+1, p)
		}
	}
	var old []*wire.MsgTx
	for _, id := range first.Paths[0].Links[:2] {
		tx, err := links[id].Version.Tx()
		if err != nil {
			t.Fatal(err)
		}
		old = append(old, tx)
	}
	if _, err := v.btc.MineTxs(old...); err != nil {
		t.Fatal(err)
	}
	v.follow()
	for v.all() {
		v.mine(1)
	}
	done, err := v.r.Job(t.Context(), ids[0])
	if err != nil || done.State != Done {
		t.Fatalf("%s: %s, %v", done.State, done.Reason, err)
	}
	mined := map[string]int{}
	for id, l := range done.Links() {
		if at, err := v.btc.TxStatus(t.Context(), id); err == nil && at.Height > 0 {
			mined[l.Stage.Name.String()+" "+string(l.Stage.Role)]++
		}
	}
	for what, n := range mined {
		if n != 1 {
			t.Errorf("%s: %d times", what, n)
		}
	}
	if len(mined) != 6 {
		t.Errorf("mined: %v", mined)
	}
}

// TestSeriesReserved keeps the coins of a batch from everybody else as soon as the split is signed,
// before a series spends its own.
func TestSeriesReserved(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	b, ids := v.begin(v.list("s", 30))
	reserved, err := v.r.Reserved(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	split, err := v.r.Job(t.Context(), ids[len(ids)-1])
	if err != nil {
		t.Fatal(err)
	}
	tx, err := split.Stage(RoleSplit).Versions[0].Tx()
	if err != nil {
		t.Fatal(err)
	}
	for k, one := range b.Series {
		n, ok := split.Output(tx, k)
		if !ok || tx.TxOut[n].Value != int64(one.Series.Amount) {
			t.Fatalf("series %d has no coin", k)
		}
		if id := reserved[wire.OutPoint{Hash: tx.TxHash(), Index: uint32(n)}].Holder; id != ids[k] {
			t.Errorf("the coin of series %s is kept for %q", ids[k], id)
		}
	}
}

// TestSeriesCancelled gives up what is not paid yet: the coin comes back, and only fees are gone.
func TestSeriesCancelled(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	before := v.balance()
	_, ids := v.begin(v.list("c", 5))
	v.all()
	v.mine(1)
	v.all()
	if _, err := v.r.Cancel(t.Context(), ids[0]); err != nil {
		t.Fatal(err)
	}
	for v.all() {
		v.mine(1)
	}
	j, err := v.r.Job(t.Context(), ids[0])
	if err != nil || j.State != Cancelled || j.Reason == "" {
		t.Fatalf("%s: %s, %v", j.State, j.Reason, err)
	}
	if lost := before - v.balance(); lost > 30_000 {
		t.Errorf("%d satoshi are gone", lost)
	}
	for _, it := range j.Items {
		if it.State != Cancelled {
			t.Errorf("%+v", it)
		}
	}
}

// TestBatchRefusals leaves out what the rules refuse, says why, and holds a batch to its ceiling.
func TestBatchRefusals(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	req := v.list("q", 30)
	for i := range req.Items {
		req.Items[i].Owner = v.w.owner // who may get 24 of them
	}
	req.Items[3].Name = req.Items[2].Name
	b, err := v.r.PlanBatch(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	var quota *Quota
	var twice *Conflict
	if len(b.Refused) != 6 || !errors.As(b.Refused[29], &quota) || quota.Flying != 24 || !errors.As(b.Refused[3], &twice) {
		t.Errorf("refused: %v", b.Refused)
	}
	good := v.list("g", 4)
	b, err = v.r.PlanBatch(t.Context(), good)
	if err != nil {
		t.Fatal(err)
	}
	good.MaxTotal = b.Worst - 1
	var over *OverBudget
	if _, err := v.r.PlanBatch(t.Context(), good); !errors.As(err, &over) || over.Need != b.Worst {
		t.Errorf("one satoshi less than the worst: %v", err)
	}
	good.MaxTotal = b.Worst
	if _, err := v.r.PlanBatch(t.Context(), good); err != nil {
		t.Errorf("as much as the worst: %v", err)
	}
	// A second batch sees what the first is about to do.
	v.begin(v.list("g", 4))
	if b, err = v.r.PlanBatch(t.Context(), v.list("g", 4)); err != nil || len(b.Refused) != 4 {
		t.Errorf("the same names again: %v, %v", b.Refused, err)
	}
	if _, err := v.r.Plan(t.Context(), Request{Kind: KindRegister, Name: good.Items[0].Name, Owner: v.w.owner, Rate: good.Rate}); !errors.As(err, &twice) {
		t.Errorf("one of the names by itself: %v", err)
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

// TestNothingNewer asks for the path of a list that is there already: the error names the job, its
// names and what is burnt, and has a code.
func TestNothingNewer(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	_, ids := v.begin(v.list("n", 2))
	v.all()
	j, err := v.r.Job(t.Context(), ids[0])
	if err != nil {
		t.Fatal(err)
	}
	f, err := v.r.facts.Series(t.Context(), j, nil)
	if err != nil {
		t.Fatal(err)
	}
	b := v.r.build
	w, err := b.Paths(t.Context(), j, b.SignPlan)
	if err != nil {
		t.Fatal(err)
	}
	root, coin, err := b.RootOf(t.Context(), j, f.Newest)
	if err != nil {
		t.Fatal(err)
	}
	err = w.NewPaths(t.Context(), step.SeriesAction{Do: DoSign, To: Running, First: []int{0, 1}}, build.Trunk{Root: root, Coin: coin, Closed: true})
	var no *NothingNewer
	if !errors.As(err, &no) || no.Job != j.ID || len(no.Names) != 2 || no.Burnt != 0 || no.Code() == "" {
		t.Errorf("%+v", err)
	}
}
