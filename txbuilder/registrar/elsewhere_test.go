package registrar

import (
	"strings"
	"testing"

	"blockstack/txbuilder"
)

// spentByAnother spends the coin of a job's first transaction without any job, as another home of
// the same seed does, and mines that.
func (v *world) spentByAnother(j *Job, blocks int) {
	v.t.Helper()
	tx, err := j.Stages[0].Versions[0].Tx()
	if err != nil {
		v.t.Fatal(err)
	}
	coin := tx.TxIn[0].PreviousOutPoint
	prev, err := v.w.PrevTx(v.t.Context(), coin)
	if err != nil {
		v.t.Fatal(err)
	}
	v.spendInput(txbuilder.InputOf(prev, int(coin.Index)), 15_000)
	v.mine(blocks)
}

// TestCopiedDead: the preorder of an open job in the copy can never confirm any more, since its
// coin went elsewhere. It is not waited for: another one takes its place, once.
func TestCopiedDead(t *testing.T) {
	v, far, was := copiedWorld(t, func(v *world) Request { return v.register("alice.id") })
	v.spentByAnother(was, 30)
	far.follow()
	j, err := far.r.Start(t.Context(), far.register("alice.id"))
	if err != nil || j.ID != was.ID {
		t.Fatalf("%+v, %v", j, err)
	}
	if j = far.finish(j.ID); j.State != Done || v.preorders() != 1 {
		t.Errorf("%s: %s, %d preorders", j.State, j.Reason, v.preorders())
	}
}

// TestSpentElsewhere: the same with a job of this home's own journal. While what spent the coin may
// still go in a reorg, nothing else is signed; it can be given up at any time.
func TestSpentElsewhere(t *testing.T) {
	for _, cancel := range []bool{false, true} {
		v := newWorld(t)
		v.launch("id", 1)
		req := v.register("alice.id")
		req.Confirmations = 3
		j, err := v.r.Start(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		j = v.advance(j.ID)
		v.btc.Forget()
		v.spentByAnother(j, 1)
		if _, err := v.r.Advance(t.Context(), j.ID); err == nil {
			t.Fatal("its coin is gone, and that is not told")
		}
		if now, err := v.r.Job(t.Context(), j.ID); err != nil || len(now.Stage(RolePreorder).Versions) != 1 {
			t.Fatalf("another one was signed at once: %+v, %v", now, err)
		}
		want, preorders := Done, 1
		if cancel {
			if _, err := v.r.Cancel(t.Context(), j.ID); err != nil {
				t.Fatal(err)
			}
			want, preorders = Cancelled, 0
		}
		v.mine(int(j.Request.Confirmations))
		if j = v.finish(j.ID); j.State != want || v.preorders() != preorders {
			t.Errorf("%s: %s, %d preorders", j.State, j.Reason, v.preorders())
		}
	}
}

// TestOtherVersionIsAwaited: a deep reorg takes an update and a preorder away that its change paid
// for, and the update quotes a hash that is too old now, so that a newer version of it is sent. The
// preorder waits until that is settled, without an error, and is paid once from other coins.
func TestOtherVersionIsAwaited(t *testing.T) {
	v, from := staleWorld(t)
	update, err := v.r.Jobs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	paid := update[len(update)-1].Stage(RoleUpdate).Versions[0].Txid
	req := v.register("late.id")
	j, err := v.r.Start(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	j = v.advance(j.ID)
	tx := mustTx(t, j.Stage(RolePreorder).Versions[0])
	if tx.TxIn[0].PreviousOutPoint.Hash != paid {
		t.Fatalf("the update does not pay for the preorder")
	}
	v.mine(12)
	if err := v.btc.Reorg(v.height()-from+1, true); err != nil {
		t.Fatal(err)
	}
	v.follow()
	waited := false
	for range 30 {
		if _, err := v.r.AdvanceAll(t.Context()); err != nil {
			t.Fatal(err)
		}
		if j, err = v.r.Advance(t.Context(), j.ID); err != nil {
			t.Fatal(err)
		}
		if !j.Open() {
			break
		}
		waited = waited || j.Wait != nil && strings.Contains(j.Wait.For, "which was replaced")
		v.mine(1)
	}
	if j.State != Done || !waited || v.preorders() != 2 {
		t.Errorf("%s: %s; waited %v; %d preorders", j.State, j.Reason, waited, v.preorders())
	}
}
