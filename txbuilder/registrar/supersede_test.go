package registrar

import (
	"errors"
	"testing"

	"blockstack/names"
	"blockstack/txbuilder/registrar/terms"
	"blockstack/wallet/chain/chaintest"
)

// TestRenewalSupersedes renews a name in its grace period although another operation is open for
// it, sent or only planned: that can change nothing any more. Both spend the same coin, so only the
// renewal confirms; it outbids the other one, which pays more than is asked for.
func TestRenewalSupersedes(t *testing.T) {
	for _, kind := range []Kind{KindUpdate, KindTransfer, KindRevoke} {
		for _, sent := range []bool{false, true} {
			v := shortLived(t)
			v.btc.SetRelay(chaintest.CoreRelay(0))
			before := v.status("alice.id")
			v.blocks(int(before.ExpiresAt-v.height()) - terms.LastCall - 1)
			dear := v.ask(kind)
			dear.Rate *= 5
			idle, err := v.r.Start(t.Context(), dear)
			if err != nil {
				t.Fatal(err)
			}
			if sent {
				if idle = v.advance(idle.ID); idle.State != UpdateSigned {
					t.Fatalf("%s: %s", kind, idle.State)
				}
			}
			v.blocks(int(before.ExpiresAt - v.height() + 3)) // no miner takes it
			if e, err := v.r.Plan(t.Context(), v.ask(KindRenew)); err != nil || e.Running != nil {
				t.Fatalf("%s, sent %v: plan: %+v, %v", kind, sent, e, err)
			}
			j, err := v.r.Start(t.Context(), v.ask(KindRenew))
			if err != nil || j.Supersedes != idle.ID {
				t.Fatalf("%s, sent %v: %+v, %v", kind, sent, j, err)
			}
			if again, err := v.r.Start(t.Context(), v.ask(KindRenew)); err != nil || again.ID != j.ID {
				t.Errorf("the same again: %+v, %v", again, err)
			}
			if j = v.finish(j.ID); j.State != Done {
				t.Fatalf("%s, sent %v: %s: %s", kind, sent, j.State, j.Reason)
			}
			after := v.status("alice.id")
			if after.RenewedAt <= before.RenewedAt || after.Status != names.Registered || string(after.Owner) != string(before.Owner) || after.ZoneFile != before.ZoneFile {
				t.Errorf("%s, sent %v: afterwards %+v", kind, sent, after)
			}
			if old, err := v.r.Job(t.Context(), idle.ID); err != nil || old.State != Rejected {
				t.Errorf("%s, sent %v: the other job is %s (%s), %v", kind, sent, old.State, old.Reason, err)
			}
			v.mine(3)
			if txs, _, err := v.r.cfg.Chain.(Pool).Unconfirmed(t.Context()); err != nil || len(txs) > 0 {
				t.Errorf("%s, sent %v: %d transactions wait still (%v)", kind, sent, len(txs), err)
			}
			if last := v.status("alice.id"); last.LastTx != after.LastTx {
				t.Errorf("%s, sent %v: something came after the renewal", kind, sent)
			}
		}
	}
}

// TestNothingElseIsSuperseded keeps a renewal from what may still count.
func TestNothingElseIsSuperseded(t *testing.T) {
	v := shortLived(t)
	open, err := v.r.Start(t.Context(), v.ask(KindUpdate))
	if err != nil {
		t.Fatal(err)
	}
	var busy *Conflict
	if _, err := v.r.Plan(t.Context(), v.ask(KindRenew)); !errors.As(err, &busy) || busy.ID != open.ID || busy.Listed {
		t.Errorf("within the term: %v", err)
	}
	rec := v.status("alice.id")
	if idle, err := v.r.Superseded(t.Context(), open, rec.Name); idle || err != nil {
		t.Errorf("within the term: superseded %v, %v", idle, err)
	}
	v.blocks(int(rec.ExpiresAt - v.height() + 1))
	rec = v.status("alice.id")
	if idle, err := v.r.Superseded(t.Context(), open, rec.Name); !idle || err != nil {
		t.Errorf("past the term: superseded %v, %v", idle, err)
	}
	v.blocks(int(rec.GraceEnds - v.height() + 1))
	if _, err := v.r.Plan(t.Context(), v.ask(KindRenew)); err == nil {
		t.Error("a name that has expired is renewed")
	}
}

// TestShortTermIsRenewedAgain pays for a term that is over, however short it was and however
// recently it was renewed.
func TestShortTermIsRenewedAgain(t *testing.T) {
	v := shortLived(t)
	first := v.run(v.ask(KindRenew))
	if first.State != Done {
		t.Fatal(first.Reason)
	}
	if again, err := v.r.Start(t.Context(), v.ask(KindRenew)); err != nil || again.ID != first.ID {
		t.Fatalf("at once: %+v, %v", again, err)
	}
	rec := v.status("alice.id")
	v.mine(int(rec.ExpiresAt - v.height() + 2))
	if rec = v.status("alice.id"); rec.Status != names.Grace {
		t.Fatal(rec.Status)
	}
	second := v.run(v.ask(KindRenew))
	if second.ID == first.ID || second.State != Done || v.status("alice.id").Status != names.Registered {
		t.Errorf("in grace: %s %s (%s)", second.ID, second.State, second.Reason)
	}
}
