package registrar

import (
	"errors"
	"os"
	"testing"
)

// TestListRegisteredByItsJournal: the jobs that a home without the journal has made of a list's
// preorders come to their end when the list's own registrations, which spend one another's change,
// were mined before theirs.
func TestListRegisteredByItsJournal(t *testing.T) {
	for _, sent := range []bool{false, true} {
		v := newWorld(t)
		v.launch("id", 1)
		v.mine(1)
		req := v.list("list", 4)
		v.begin(req)
		for v.preorders() < 4 {
			v.all()
			v.mine(1)
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
			if jobs = append(jobs, j.ID); sent {
				_, _ = far.r.Advance(t.Context(), j.ID) // what it has no coin for waits
			}
		}
		if sent {
			v.btc.Forget()
		}
		for n := 0; n < 6 && v.all(); n++ {
			v.mine(1)
		}
		for range 2 {
			for _, id := range jobs {
				if j, err := far.r.Advance(t.Context(), id); err != nil || j.State != Done {
					t.Errorf("registrations sent %v: %+v, %v", sent, j, err)
				}
			}
			v.mine(1)
		}
		if n := v.preorders(); n != 4 {
			t.Errorf("%d preorders", n)
		}
	}
}

// TestRolledBackList puts back the journal of a list as it was before anything of it was signed but
// the coins. It names the preorders that were sent all the same, and what its hints say works: the
// job is given up, and every name is gone on with, paid once.
func TestRolledBackList(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	v.mine(1)
	req := v.list("list", 3)
	_, ids := v.begin(req)
	old, err := os.ReadFile(v.path)
	if err != nil {
		t.Fatal(err)
	}
	for v.preorders() < 3 {
		v.all()
		v.mine(1)
	}
	if err := v.journal.Close(); err != nil {
		t.Fatal(err)
	}
	v.journal = nil
	if err := os.WriteFile(v.path, old, 0o600); err != nil {
		t.Fatal(err)
	}
	v.open()
	_, err = v.r.Advance(t.Context(), ids[0])
	if e := new(PreorderOurs); !errors.As(err, &e) || !e.Unsigned || e.Job != ids[0] {
		t.Fatalf("%v", err)
	}
	if _, err := v.r.Cancel(t.Context(), ids[0]); err != nil {
		t.Fatal(err)
	}
	b, err := v.r.PlanBatch(t.Context(), req) // the same list again
	if err != nil || len(b.Refused) != 3 {
		t.Fatalf("%v refused, %v", b.Refused, err)
	}
	var jobs []ID
	for i, it := range req.Items {
		if e := new(PreorderOurs); !errors.As(b.Refused[i], &e) || e.Job != "" {
			t.Fatalf("%s: %v", it.Name, b.Refused[i])
		}
		one := v.register(it.Name.String())
		one.Owner = it.Owner
		j, err := v.r.Start(t.Context(), one)
		if err != nil {
			t.Fatal(err)
		}
		jobs = append(jobs, j.ID)
	}
	for range 12 {
		for _, id := range append(jobs, ids...) {
			if _, err := v.r.Advance(t.Context(), id); err != nil && !errors.As(err, new(*NoSenderCoin)) {
				t.Fatal(err)
			}
		}
		v.mine(1)
	}
	for _, id := range jobs {
		if j := v.advance(id); j.State != Done {
			t.Errorf("%s: %s: %s", j.Request.Name, j.State, j.Reason)
		}
	}
	if n := v.preorders(); n != 3 {
		t.Errorf("%d preorders", n)
	}
}
