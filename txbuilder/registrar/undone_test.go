package registrar

import (
	"errors"
	"testing"

	"blockstack/txbuilder"
)

// listDid is a world in which a list has done something to alice.id, and has registered fresh.id,
// too, when it is over.
func listDid(t *testing.T, kind Kind, over bool) (v *world, list *Job) {
	t.Helper()
	v = owned(t)
	for range 4 {
		v.pay(v.w.owner, 1e6)
	}
	v.mine(6)
	ask, fresh := v.ask(kind), v.register("fresh.id")
	_, ids := v.begin(BatchRequest{Rate: txbuilder.SatPerVByte(10), Confirmations: 1, Scripts: v.newScripts, Items: []Item{
		{Kind: kind, Name: ask.Name, Owner: ask.Owner, To: ask.To, ZoneFile: ask.ZoneFile},
		{Kind: KindRegister, Name: fresh.Name, Owner: v.w.add(60, false)}}})
	for range 2 {
		v.all()
		v.mine(1)
	}
	for v.all() && over {
		v.mine(1)
	}
	list, err := v.r.Job(t.Context(), ids[0])
	if err != nil || list.ProgressOf(ask.Name).State != Done || list.Open() == over {
		t.Fatalf("%s: %+v, %v", list.State, list.Items, err)
	}
	return v, list
}

// conflict says whether an error names a job that is under way.
func conflict(err error, id ID) bool {
	var c *Conflict
	return errors.As(err, &c) && c.ID == id
}

// TestUndoneInList lets a reorg undo what a list did to a name: the list will do it again, whether
// or not it has other names left, so the same wish is the list's and any other must wait. Without a
// reorg nobody waits.
func TestUndoneInList(t *testing.T) {
	for _, over := range []bool{false, true} {
		for _, kind := range []Kind{KindTransfer, KindRenew} {
			v, list := listDid(t, kind, over)
			other := v.ask(KindUpdate)
			if j, _, _, err := v.r.match.Find(t.Context(), &other); j != nil || err != nil {
				t.Errorf("%s stands, over %v: %+v, %v", kind, over, j, err)
			}
			v.reorg(map[bool]int32{false: 1, true: 2}[over], true)
			before := len(v.jobs())
			same := v.ask(kind)
			if j, err := v.r.Start(t.Context(), same); err != nil || j.ID != list.ID {
				t.Errorf("%s again, over %v: %+v, %v", kind, over, j, err)
			}
			if _, err := v.r.Start(t.Context(), other); !conflict(err, list.ID) {
				t.Errorf("update after %s, over %v: %v", kind, over, err)
			}
			if b, err := v.r.PlanBatch(t.Context(), v.only(other)); err == nil && !conflict(b.Refused[0], list.ID) || err != nil && !conflict(err, list.ID) {
				t.Errorf("a list with an update after %s, over %v: %+v, %v", kind, over, b, err)
			}
			if n := len(v.jobs()); n != before {
				t.Fatalf("%d jobs were begun", n-before)
			}
			for n := 0; v.all(); n++ {
				if v.mine(1); n > 60 {
					t.Fatal("the list does not end")
				}
			}
			if kind == KindRenew {
				if _, err := v.r.Start(t.Context(), other); err != nil {
					t.Errorf("update when %s is done again: %v", kind, err)
				}
			}
		}
	}
}

// TestUndoneBeforeList keeps a list from what a job of one name will do again.
func TestUndoneBeforeList(t *testing.T) {
	v := owned(t)
	for range 4 {
		v.pay(v.w.owner, 1e6)
	}
	v.mine(6)
	req := v.ask(KindTransfer)
	req.Confirmations = 1
	j := v.run(req)
	if j.State != Done {
		t.Fatal(j.State)
	}
	v.reorg(1, true)
	b, err := v.r.PlanBatch(t.Context(), v.only(v.ask(KindRenew)))
	if err == nil && !conflict(b.Refused[0], j.ID) || err != nil && !conflict(err, j.ID) {
		t.Errorf("%+v, %v", b, err)
	}
}

// only is a list with one wish.
func (v *world) only(req Request) BatchRequest {
	return BatchRequest{Rate: req.Rate, Scripts: v.newScripts, Items: []Item{{Kind: req.Kind, Name: req.Name, Owner: req.Owner, To: req.To, ZoneFile: req.ZoneFile}}}
}

func (v *world) jobs() []*Job {
	v.t.Helper()
	jobs, err := v.r.Jobs(v.t.Context())
	if err != nil {
		v.t.Fatal(err)
	}
	return jobs
}
