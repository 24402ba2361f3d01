package registrar

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"blockstack/txbuilder/registrar/step"
)

// TestSplitDoomed takes away, by a reorg, the coin that pays for a batch: a miner has another
// version of the transaction that made it. The batch ends, says why, keeps no coin and no name
// busy, and the same list can be begun again.
func TestSplitDoomed(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	v.w.change = v.w.add(30, true)
	alice := v.run(v.register("alice.id"))
	versions := alice.Stage(RoleRegister).Versions
	if alice.State != Done || len(versions) != 2 {
		t.Fatalf("%s with %d registrations", alice.State, len(versions))
	}
	for script := range v.w.keys { // only the change of the registration is left
		if script != string(v.w.change) {
			delete(v.w.keys, script)
		}
	}
	_, ids := v.begin(v.list("d", 2))
	v.all()
	other, err := versions[1].Tx()
	if err != nil {
		t.Fatal(err)
	}
	if err := v.btc.Reorg(1, true); err != nil {
		t.Fatal(err)
	}
	if _, err := v.btc.MineTxs(other); err != nil {
		t.Fatal(err)
	}
	v.follow()
	v.all()
	for _, id := range ids {
		j, err := v.r.Job(t.Context(), id)
		if err != nil || j.Open() || j.State == Done || j.Reason == "" {
			t.Errorf("%s: %s: %s, %v", j.Request.Subject(), j.State, j.Reason, err)
		}
		if view := j.View(); view.FeeSat+view.BurnSat != 0 {
			t.Errorf("%s says that it paid %d and %d", j.Request.Subject(), view.FeeSat, view.BurnSat)
		}
	}
	_, again := v.begin(v.list("d", 2))
	for n := 0; n < 9 && v.all(); n++ {
		v.mine(1)
	}
	for _, id := range again {
		if j, err := v.r.Job(t.Context(), id); err != nil || j.State != Done {
			t.Errorf("again: %s: %s, %v", j.State, j.Reason, err)
		}
	}
	if n := v.preorders(); n != 3 {
		t.Errorf("%d preorders are in the chain", n)
	}
}

// TestSeriesCoinLost takes away, by a reorg, the coin of an owner whose name is in a list: a miner
// has another version of the registration that made it. The transactions behind the one that would
// spend it do not wait for it, else their preorders would lapse.
func TestSeriesCoinLost(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	if _, err := v.btc.Pay(v.w.add(88, true), 500_000_000); err != nil {
		t.Fatal(err)
	}
	delete(v.w.keys, string(v.w.add(88, true)))
	v.mine(1)
	alice := v.run(v.register("alice.id"))
	versions := alice.Stage(RoleRegister).Versions
	if alice.State != Done || len(versions) != 2 {
		t.Fatalf("%s with %d registrations", alice.State, len(versions))
	}
	for script := range v.w.keys { // nothing but the name hangs on the registration
		if script != string(alice.Request.Owner) {
			delete(v.w.keys, script)
		}
	}
	v.w.change = v.w.add(88, true)
	req := v.list("l", 2)
	req.Items = append([]Item{{Kind: KindTransfer, Name: alice.Request.Name, Owner: alice.Request.Owner, To: v.w.add(77, true)}}, req.Items...)
	_, ids := v.begin(req)
	v.all()
	v.mine(1)
	v.all() // all that comes before the registrations is sent
	other, err := versions[1].Tx()
	if err != nil {
		t.Fatal(err)
	}
	if err := v.btc.Reorg(2, true); err != nil {
		t.Fatal(err)
	}
	if _, err := v.btc.MineTxs(other); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		v.follow()
		_, _ = v.r.AdvanceAll(t.Context()) // the refusal is told each time
		v.mine(1)
	}
	j, err := v.r.Job(t.Context(), ids[0])
	if err != nil || j.Open() {
		t.Fatalf("%s, %v: %+v", j.State, err, j.Items)
	}
	for i, p := range j.Items {
		name, want := j.Request.Series.Items[i].Name, Done
		if name == alice.Request.Name {
			want = Rejected
		}
		if p.State != want || (want != Done) != (p.Reason != "") {
			t.Errorf("%s: %s: %s, want %s", name, p.State, p.Reason, want)
		}
	}
}

// TestCancelDoomed cancels a registration, and then a reorg takes away for good what both the
// preorder and its replacement spend: the job is over, and keeps nothing.
func TestCancelDoomed(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	v.w.change = v.w.add(30, true)
	alice := v.run(v.register("alice.id"))
	versions := alice.Stage(RoleRegister).Versions
	if alice.State != Done || len(versions) != 2 {
		t.Fatalf("%s with %d registrations", alice.State, len(versions))
	}
	for script := range v.w.keys { // only the change of the registration is left
		if script != string(v.w.change) {
			delete(v.w.keys, script)
		}
	}
	j, err := v.r.Start(t.Context(), v.register("bob.id"))
	if err != nil {
		t.Fatal(err)
	}
	v.advance(j.ID)
	if j, err = v.r.Cancel(t.Context(), j.ID); err != nil || j.State != Cancelling {
		t.Fatalf("%+v, %v", j, err)
	}
	other, err := versions[1].Tx()
	if err != nil {
		t.Fatal(err)
	}
	if err := v.btc.Reorg(1, true); err != nil {
		t.Fatal(err)
	}
	if _, err := v.btc.MineTxs(other); err != nil {
		t.Fatal(err)
	}
	v.follow()
	if j = v.finish(j.ID); j.State != Cancelled || j.Reason == "" {
		t.Errorf("%s: %s", j.State, j.Reason)
	}
	if view := j.View(); view.FeeSat+view.BurnSat != 0 {
		t.Errorf("it says that it paid %d and %d", view.FeeSat, view.BurnSat)
	}
}

// TestCancelVanished cancels a registration whose coin a reorg takes away, and nobody knows why:
// after some blocks the job is over.
func TestCancelVanished(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	clear(v.w.keys)
	v.w.change = v.w.add(88, true)
	if _, err := v.btc.Pay(v.w.change, 500_000_000); err != nil {
		t.Fatal(err)
	}
	v.mine(1)
	j, err := v.r.Start(t.Context(), v.register("bob.id"))
	if err != nil {
		t.Fatal(err)
	}
	v.advance(j.ID)
	if j, err = v.r.Cancel(t.Context(), j.ID); err != nil || j.State != Cancelling {
		t.Fatalf("%+v, %v", j, err)
	}
	if err := v.btc.Reorg(1, true); err != nil {
		t.Fatal(err)
	}
	v.follow()
	if _, err := v.r.Advance(t.Context(), j.ID); !errors.As(err, new(*Refused)) {
		t.Errorf("at first it may come back: %v", err)
	}
	v.mine(int(j.Request.Confirmations) + step.BumpAfter)
	if j = v.finish(j.ID); j.State != Cancelled || j.Reason == "" || j.View().FeeSat != 0 {
		t.Errorf("%s: %s", j.State, j.Reason)
	}
}

// TestImportAfterDoomed brings a job into an empty journal whose first preorder lost its coin to a
// reorg: the versions spend different coins, and only one of them can confirm.
func TestImportAfterDoomed(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	dir := v.copying()
	v.w.change = v.w.add(30, true)
	alice := v.run(v.register("alice.id"))
	other := must(alice.Stage(RoleRegister).Versions[1].Tx())
	kept := maps.Clone(v.w.keys)
	for script := range v.w.keys { // only the change of the registration is left
		if script != string(v.w.change) {
			delete(v.w.keys, script)
		}
	}
	j := must(v.r.Start(t.Context(), v.register("bob.id")))
	v.advance(j.ID)
	v.w.keys = kept
	must(0, v.btc.Reorg(1, true))
	must(v.btc.MineTxs(other))
	v.follow()
	j = v.advance(j.ID)
	if n := len(j.Stage(RolePreorder).Versions); n != 2 || j.OneCoin() == nil {
		t.Fatalf("%d preorders", n)
	}
	far := v.elsewhere()
	bob := func() Imported {
		list, err := far.r.Import(t.Context(), readCopies(t, dir))
		if err != nil {
			t.Fatal(err)
		}
		return list[slices.IndexFunc(list, func(in Imported) bool { return in.Job != nil && in.Job.ID == j.ID })]
	}
	if in := bob(); in.What != ImportBarred || !errors.Is(in.Err, ErrBadCopy) {
		t.Errorf("before one of them is in a block: %+v", in)
	}
	v.mine(1)
	far.follow()
	if in := bob(); in.What == ImportBarred {
		t.Errorf("after that: %v", in.Err)
	}
	if j = far.finish(j.ID); j.State != Done {
		t.Errorf("%s: %s", j.State, j.Reason)
	}
}
