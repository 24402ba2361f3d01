package registrar

import (
	"bytes"
	"errors"
	"testing"

	"blockstack/names"
	"blockstack/txbuilder/registrar/own"
)

// TestUnconfirmedPreorder loses the journal while the preorder is in no block: the same command
// goes on with it, whether the memory pool shows it, only the wallet remembers it, or it was mined
// meanwhile.
func TestUnconfirmedPreorder(t *testing.T) {
	for _, c := range []struct {
		name    string
		version uint16
		lose    func(v *world) *world
	}{
		{"another home sees it in the pool", 1, func(v *world) *world { return v.forgetful() }},
		{"another home sees it in the pool, paid in tokens", 3, func(v *world) *world { return v.forgetful() }},
		{"the wallet remembers what the pool forgot", 1, func(v *world) *world {
			far := v.forgetful()
			far.kept = v.kept
			v.btc.Forget()
			return far
		}},
		{"mined before anybody looked", 1, func(v *world) *world {
			v.mine(1)
			return v.forgetful()
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := newWorld(t)
			v.launch("id", c.version)
			j, err := v.r.Start(t.Context(), v.register("alice.id"))
			if err != nil {
				t.Fatal(err)
			}
			before := v.advance(j.ID)
			far := c.lose(v)
			e, err := far.r.Plan(t.Context(), far.register("alice.id"))
			if err != nil || e.Found == nil || e.Found.Txid != before.Stages[0].Versions[0].Txid || e.Running != nil {
				t.Fatalf("%+v, %v", e, err)
			}
			if jobs, err := far.r.Jobs(t.Context()); err != nil || len(jobs) != 0 {
				t.Fatalf("a plan wrote %d jobs, %v", len(jobs), err)
			}
			got, err := far.r.Start(t.Context(), far.register("alice.id"))
			if err != nil {
				t.Fatal(err)
			}
			was, is := before.Stages[0].Versions[0], got.Stages[0].Versions[0]
			if got.State != PreorderSigned || is.Txid != was.Txid || is.Fee != was.Fee || is.Burn != was.Burn || is.Window != was.Window ||
				is.Quoted != was.Quoted || got.Price.Amount.Cmp(before.Price.Amount) != 0 || !bytes.Equal(got.Sender, before.Sender) {
				t.Errorf("read off the transaction: %+v, was %+v", is, was)
			}
			if again, err := far.r.Start(t.Context(), far.register("alice.id")); err != nil || again.ID != got.ID {
				t.Errorf("again: %v, %v", again, err)
			}
			if done := far.finish(got.ID); done.State != Done {
				t.Fatalf("%s: %s", done.State, done.Reason)
			}
			if n := v.preorders(); n != 1 {
				t.Errorf("%d preorders", n)
			}
			if mine := v.advance(j.ID); mine.State != Done {
				t.Errorf("the first journal: %s: %s", mine.State, mine.Reason)
			}
		})
	}
}

// TestPreorderForAnother finds a preorder whoever of the wallet it was meant for, in a block and in
// none, names it, and rescues it.
func TestPreorderForAnother(t *testing.T) {
	for _, mined := range []bool{true, false} {
		for _, who := range []string{"identity", "legacy payer", "nested payer", "revealer"} {
			v := newWorld(t)
			v.launch("id", 1)
			req := v.register("alice.id")
			req.Owner = map[string][]byte{"identity": v.w.add(60, false), "legacy payer": v.w.payer2, "nested payer": v.w.add(61, true), "revealer": v.w.revealer}[who]
			j, err := v.r.Start(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			txid := v.advance(j.ID).Stages[0].Versions[0].Txid
			if mined {
				v.mine(1)
			}
			far := v.forgetful()
			for _, act := range []func() error{
				func() error { _, err := far.r.Plan(t.Context(), far.register("alice.id")); return err },
				func() error { _, err := far.r.Start(t.Context(), far.register("alice.id")); return err },
				func() error {
					b, err := far.r.PlanBatch(t.Context(), far.batch("alice.id", "bob.id"))
					if err == nil {
						err = b.Refused[0]
					}
					return err
				},
			} {
				err := act()
				if e := new(PreorderOurs); !errors.As(err, &e) || e.Txid != txid || !bytes.Equal(e.Owner, req.Owner) || e.Height > 0 != mined {
					t.Fatalf("for the %s, mined %v: %v", who, mined, err)
				}
			}
			list, err := far.r.Rescue(t.Context(), far.remember("alice.id"), false)
			if err != nil || len(list) != 1 || list[0].Job == nil || !bytes.Equal(list[0].Owner, req.Owner) {
				t.Fatalf("%+v, %v", list, err)
			}
			if done := far.finish(list[0].Job.ID); done.State != Done || v.preorders() != 1 {
				t.Fatalf("%s: %s, %d preorders", done.State, done.Reason, v.preorders())
			}
		}
	}
}

// TestPlannedJobAdopts: a job was recorded and had signed nothing when its name's preorder, sent by
// another home, shows up.
func TestPlannedJobAdopts(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	far := v.forgetful()
	planned, err := far.r.Start(t.Context(), far.register("alice.id"))
	if err != nil {
		t.Fatal(err)
	}
	j, err := v.r.Start(t.Context(), v.register("alice.id"))
	if err != nil {
		t.Fatal(err)
	}
	txid := v.advance(j.ID).Stages[0].Versions[0].Txid
	if got := far.advance(planned.ID); got.ID != planned.ID || got.State != PreorderSigned || got.Stages[0].Versions[0].Txid != txid {
		t.Fatalf("%s: %+v", got.State, got.Stages)
	}
	if done := far.finish(planned.ID); done.State != Done || v.preorders() != 1 {
		t.Fatalf("%s: %s, %d preorders", done.State, done.Reason, v.preorders())
	}
}

// TestStaleUnconfirmedPreorder adopts one whose consensus hash is too old to count: it is replaced
// from the same coin before it can burn for nothing.
func TestStaleUnconfirmedPreorder(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	j, err := v.r.Start(t.Context(), v.register("alice.id"))
	if err != nil {
		t.Fatal(err)
	}
	first := v.advance(j.ID).Stages[0].Versions[0]
	for range int(v.params.ConsensusWindow) + 2 {
		if _, err := v.btc.MineTxs(); err != nil {
			t.Fatal(err)
		}
	}
	v.follow()
	far := v.forgetful()
	got, err := far.r.Start(t.Context(), far.register("alice.id"))
	if err != nil {
		t.Fatal(err)
	}
	got = far.advance(got.ID)
	st := got.Stages[0]
	if len(st.Versions) != 2 || st.Current != 1 || st.Versions[0].Txid != first.Txid {
		t.Fatalf("%d versions, current %d", len(st.Versions), st.Current)
	}
	if err := got.OneCoin(); err != nil {
		t.Error(err)
	}
	if done := far.finish(got.ID); done.State != Done || v.preorders() != 1 {
		t.Fatalf("%s: %s, %d preorders", done.State, done.Reason, v.preorders())
	}
}

// TestUnconfirmedLaunch goes on with a namespace whose preorder is in no block, though it was made
// for another revealer than the one that the request names.
func TestUnconfirmedLaunch(t *testing.T) {
	v := newWorld(t)
	req := v.launchRequest("id", 1)
	j, err := v.r.Start(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	v.advance(j.ID)
	far := v.forgetful()
	req.Owner = v.w.add(62, false)
	e, err := far.r.Plan(t.Context(), req)
	if err != nil || e.Found == nil || e.Found.Namespace != "id" {
		t.Fatalf("%+v, %v", e, err)
	}
	got, err := far.r.Start(t.Context(), req)
	if err != nil || !bytes.Equal(got.Request.Owner, v.w.revealer) {
		t.Fatalf("%+v, %v", got, err)
	}
	if done := far.finish(got.ID); done.State != Done {
		t.Fatalf("%s: %s", done.State, done.Reason)
	}
	if ns, err := v.x.Namespace(t.Context(), "id"); err != nil || ns.Status != names.NamespaceIsReady {
		t.Errorf("%+v, %v", ns, err)
	}
}

// TestListWithoutJournal loses the journal of a list of names after its preorders were sent, each
// of which spends the change of the one before: every name is registered, and none is paid for
// twice.
func TestListWithoutJournal(t *testing.T) {
	for _, mined := range []bool{true, false} {
		v := newWorld(t)
		v.launch("id", 1)
		v.mine(1)
		req := v.list("list", 4)
		_, ids := v.begin(req)
		for v.waitingPreorders() < 4 {
			for _, id := range ids {
				v.advance(id)
			}
			if v.waitingPreorders() == 0 || mined {
				v.mine(1)
			}
			if mined && v.preorders() == 4 {
				break
			}
		}
		far := v.forgetful()
		var jobs []ID
		for _, it := range req.Items {
			one := far.register(it.Name.String())
			one.Owner = it.Owner
			j, err := far.r.Start(t.Context(), one)
			if err != nil {
				t.Fatal(err)
			}
			if j.State != PreorderSigned {
				t.Fatalf("mined %v: %s is %s", mined, it.Name, j.State)
			}
			jobs = append(jobs, j.ID)
		}
		for range 12 {
			for _, id := range jobs {
				if _, err := far.r.Advance(t.Context(), id); err != nil && !errors.As(err, new(*NoSenderCoin)) {
					t.Fatal(err)
				}
			}
			far.mine(1)
		}
		for _, id := range jobs {
			if j := far.advance(id); j.State != Done {
				t.Errorf("mined %v: %s: %s: %s", mined, j.Request.Name, j.State, j.Reason)
			}
		}
		if n := v.preorders(); n != 4 {
			t.Errorf("mined %v: %d preorders", mined, n)
		}
	}
}

// waitingPreorders counts those in the memory pool.
func (v *world) waitingPreorders() (n int) {
	v.t.Helper()
	txs, _, err := (*nodePort)(v).Unconfirmed(v.t.Context())
	if err != nil {
		v.t.Fatal(err)
	}
	for _, tx := range txs {
		if _, is := own.PreorderIn(v.params, tx, v.height()); is {
			n++
		}
	}
	return n
}
