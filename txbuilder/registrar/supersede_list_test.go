package registrar

import (
	"errors"
	"testing"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/terms"
)

// overdue is a world in which a list was to update a name whose term is over now, and to register
// another one.
func overdue(t *testing.T, sent bool) (v *world, series ID) {
	v = shortLived(t)
	rec := v.status("alice.id")
	v.blocks(int(rec.ExpiresAt-v.height()) - terms.LastCall - 3)
	ask, fresh := v.ask(KindUpdate), v.register("fresh.id")
	_, ids := v.begin(BatchRequest{Rate: txbuilder.SatPerVByte(10), Scripts: v.newScripts, Items: []Item{
		{Kind: KindUpdate, Name: ask.Name, Owner: ask.Owner, ZoneFile: ask.ZoneFile},
		{Kind: KindRegister, Name: fresh.Name, Owner: v.w.add(60, false)}}})
	v.all()
	if sent {
		v.mine(1)
		v.all()
	}
	v.blocks(int(rec.ExpiresAt-v.height()) + 2)
	return v, ids[0]
}

// TestRenewalSupersedesInList takes the place of what a list has not sent for a name: the list
// leaves it out, and its other name is registered.
func TestRenewalSupersedesInList(t *testing.T) {
	v, series := overdue(t, false)
	before := v.status("alice.id")
	if e, err := v.r.Plan(t.Context(), v.ask(KindRenew)); err != nil || e.Running != nil {
		t.Fatalf("plan: %+v, %v", e, err)
	}
	j, err := v.r.Start(t.Context(), v.ask(KindRenew))
	if err != nil || j.Supersedes != series {
		t.Fatalf("%+v, %v", j, err)
	}
	if again, err := v.r.Start(t.Context(), v.ask(KindRenew)); err != nil || again.ID != j.ID {
		t.Errorf("the same again: %+v, %v", again, err)
	}
	if j = v.finish(j.ID); j.State != Done {
		t.Fatalf("%s: %s", j.State, j.Reason)
	}
	for n := 0; v.all(); n++ {
		if v.mine(1); n > 60 {
			t.Fatal("the list does not end")
		}
	}
	after, fresh := v.status("alice.id"), v.status("fresh.id")
	if after.RenewedAt <= before.RenewedAt || after.ZoneFile != before.ZoneFile || fresh.Status != names.Registered {
		t.Errorf("afterwards %+v and %+v", after, fresh)
	}
	list, err := v.r.Job(t.Context(), series)
	if err != nil || list.ProgressOf(after.Name).State != Rejected || list.ProgressOf(fresh.Name).State != Done {
		t.Errorf("the list: %+v, %v", list.Items, err)
	}
}

// TestSentListIsNotSuperseded says what stands in the way where a list has sent something for the
// name, and renews when the list has left it out.
func TestSentListIsNotSuperseded(t *testing.T) {
	v, series := overdue(t, true)
	var c *Conflict
	if _, err := v.r.Plan(t.Context(), v.ask(KindRenew)); !errors.As(err, &c) || !c.Listed || c.ID != series {
		t.Fatalf("plan: %v", err)
	}
	if _, err := v.r.Start(t.Context(), v.ask(KindRenew)); !errors.As(err, &c) {
		t.Fatalf("start: %v", err)
	}
	for n := 0; v.all(); n++ {
		if v.mine(1); n > 60 {
			t.Fatal("the list does not end")
		}
	}
	if fresh := v.status("fresh.id"); fresh.Status != names.Registered {
		t.Errorf("the other name of the list: %+v", fresh)
	}
	if j := v.run(v.ask(KindRenew)); j.State != Done {
		t.Errorf("%s: %s", j.State, j.Reason)
	}
}
