package registrar

import (
	"errors"
	"slices"
	"testing"

	"blockstack/txbuilder/registrar/job"
)

// openTogether gives a world whose journal, which has copies, has two open jobs for one name: a
// reorg undid the first after the second was sent, so that both are to be made again.
func openTogether(t *testing.T, first, second func(*world) Request) (v *world, dir string, a, b *Job) {
	v = newWorld(t)
	v.launch("id", 1)
	for range 3 {
		v.pay(v.w.payer, 3e6)
		v.pay(v.w.owner, 1e6)
	}
	v.mine(6)
	dir = v.copying()
	base := v.height()
	if req := first(v); req.Kind != KindRegister {
		v.run(v.register("alice.id"))
		base = v.height()
	}
	if a = v.run(first(v)); a.State != Done {
		t.Fatalf("%s: %s", a.State, a.Reason)
	}
	b, err := v.r.Start(t.Context(), second(v))
	if err != nil {
		t.Fatal(err)
	}
	v.advance(b.ID)
	v.reorg(v.height()-base, true)
	if _, err := v.r.AdvanceAll(t.Context()); err != nil && !errors.As(err, new(Coded)) {
		t.Fatal(err)
	}
	for i, j := range []**Job{&a, &b} {
		if *j, err = v.r.Job(t.Context(), (*j).ID); err != nil || !(*j).Open() {
			t.Fatalf("job %d is not open: %+v, %v", i, *j, err)
		}
	}
	v.mine(1) // the first one is in a block, and has not settled
	if _, err := v.r.AdvanceAll(t.Context()); err != nil && !errors.As(err, new(Coded)) {
		t.Fatal(err)
	}
	return v, dir, a, b
}

// wish is something that is to be done to alice.id.
func wish(kind Kind) func(*world) Request {
	return func(v *world) Request {
		req := v.ask(kind)
		if kind == KindRegister {
			req = v.register("alice.id")
		}
		req.Confirmations = 3
		return req
	}
}

// minedFor counts the versions of a job's transaction that are in blocks.
func (v *world) minedFor(j *Job, role Role) (n int) {
	v.t.Helper()
	for _, ver := range j.Stage(role).Versions {
		at, err := v.btc.TxStatus(v.t.Context(), ver.Txid)
		if err != nil {
			v.t.Fatal(err)
		}
		if at.Height > 0 {
			n++
		}
	}
	return n
}

// TestImportOfJobsOpenTogether loses a journal with two open jobs for one name, one of which a
// reorg has opened again. Whatever the order of their copies, both are brought in and end, the
// first before the second, and each is paid once.
func TestImportOfJobsOpenTogether(t *testing.T) {
	for _, pair := range [][2]Kind{{KindRegister, KindRevoke}, {KindRegister, KindTransfer}, {KindRegister, KindRenew}, {KindUpdate, KindTransfer}} {
		t.Run(string(pair[0]+" "+pair[1]), func(t *testing.T) {
			v, dir, a, b := openTogether(t, wish(pair[0]), wish(pair[1]))
			copies := readCopies(t, dir)
			for _, back := range []bool{false, true} {
				if back {
					slices.Reverse(copies)
				}
				list, err := v.elsewhere().r.Import(t.Context(), copies)
				if err != nil || slices.ContainsFunc(list, func(in Imported) bool { return in.What != ImportNew }) {
					t.Fatalf("%+v, %v", list, err)
				}
			}
			far := v.elsewhere()
			if _, err := far.r.Import(t.Context(), copies); err != nil {
				t.Fatal(err)
			}
			for range 30 {
				if _, err := far.r.AdvanceAll(t.Context()); err != nil {
					t.Fatal(err)
				}
				v.mine(1)
			}
			for _, j := range []*Job{a, b} {
				end, err := far.r.Job(t.Context(), j.ID)
				if err != nil || end.State != Done {
					t.Fatalf("%s: %+v, %v", j.Request.Kind, end, err)
				}
				for _, st := range end.Stages {
					if n := v.minedFor(end, st.Role); n != 1 {
						t.Errorf("%s: %s was paid %d times", j.Request.Kind, job.Words(st.Role), n)
					}
				}
			}
		})
	}
}

// TestImportOfRivals bars what was never open together in one journal, and what would pay a price
// twice.
func TestImportOfRivals(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	v.run(v.register("alice.id"))
	for range 2 {
		v.pay(v.w.owner, 1e6)
	}
	v.mine(6)
	dir := v.copying()
	far := v.elsewhere()
	far.copies = dir // one folder for both
	far.open()
	mine, err := v.r.Start(t.Context(), wish(KindUpdate)(v))
	if err != nil {
		t.Fatal(err)
	}
	v.advance(mine.ID)
	theirs, err := far.r.Start(t.Context(), wish(KindTransfer)(v))
	if err != nil {
		t.Fatal(err)
	}
	// Its transaction may be refused; it is in the copy all the same.
	if _, err := far.r.Advance(t.Context(), theirs.ID); err != nil && !errors.As(err, new(Coded)) {
		t.Fatal(err)
	}
	third := v.elsewhere()
	list, err := third.r.Import(t.Context(), readCopies(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	barred := func(in Imported) bool { return in.What == ImportBarred && errors.As(in.Err, new(*Conflict)) }
	if i := slices.IndexFunc(list, barred); i < 0 || list[i].Job.ID != theirs.ID {
		t.Fatalf("the later one of two machines: %+v", list)
	}
	for _, kind := range []Kind{KindRegister, KindRenew} {
		two := make([]*Job, 2)
		for i := range two {
			two[i] = &Job{ID: ID([]string{"a", "b"}[i]), State: UpdateSigned, Request: wish(kind)(v), From: "one"}
		}
		if !job.InTheWay(two[0], two[1]) || job.BesideIn(two).Together(two[0], two[1]) {
			t.Errorf("two jobs that pay for %s are no rivals", kind)
		}
	}
}

// TestListThroughWithAName is in nobody's way.
func TestListThroughWithAName(t *testing.T) {
	v := newWorld(t)
	one := v.register("alice.id")
	list := &Job{State: Running, Request: Request{Kind: KindSeries, Series: &Series{Items: []Item{{Kind: KindRegister, Name: one.Name, Owner: one.Owner}}}}}
	update := &Job{State: UpdateSigned, Request: wish(KindUpdate)(v)}
	for state, way := range map[State]bool{Running: true, RegisterSigned: true, Done: false, Rejected: false} {
		list.Items = []Progress{{State: state}}
		if job.InTheWay(list, update) != way || job.InTheWay(update, list) != way {
			t.Errorf("a list whose name is %s: %v", state, !way)
		}
	}
}
