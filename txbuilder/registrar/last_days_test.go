package registrar

import (
	"errors"
	"os"
	"testing"

	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder/lastdays"
)

// begin makes a home that keeps a record of its last days.
func (v *world) beginHome(why lastdays.Why) *world {
	v.t.Helper()
	v.days = v.t.TempDir()
	if err := lastdays.Begin(v.days, why); err != nil {
		v.t.Fatal(err)
	}
	v.open()
	return v
}

// inDoubt holds an error to be a doubt with so many blocks to come.
func (v *world) inDoubt(err error, why lastdays.Why, blocks int32) {
	v.t.Helper()
	if e := new(InDoubt); !errors.As(err, &e) || e.Why != why || e.Blocks != blocks || e.From != v.height()+blocks {
		v.t.Fatalf("%v, want %s for %d blocks", err, why, blocks)
	}
}

// TestForgottenPreorder: the preorder is nowhere to be seen, in no pool, no block, and this home's
// wallet never heard of it. Then no other is started before it must have been mined, unless the
// user says so, and the first one is found once it is in a block.
func TestForgottenPreorder(t *testing.T) {
	for _, why := range []lastdays.Why{lastdays.Words, lastdays.Backup, lastdays.WatchOnly} {
		v := newWorld(t)
		v.launch("id", 1)
		j, err := v.r.Start(t.Context(), v.register("alice.id"))
		if err != nil {
			t.Fatal(err)
		}
		first, err := v.advance(j.ID).Stages[0].Versions[0].Tx()
		if err != nil {
			t.Fatal(err)
		}
		v.btc.Forget()
		far := v.forgetful().beginHome(why)
		e, err := far.r.Plan(t.Context(), far.register("alice.id"))
		if err != nil || e.Doubt == nil || e.Doubt.Blocks != DoubtBlocks || len(e.Risks) == 0 {
			t.Fatalf("%+v, %v", e, err)
		}
		_, err = far.r.Start(t.Context(), far.register("alice.id"))
		far.inDoubt(err, why, DoubtBlocks)
		b, err := far.r.PlanBatch(t.Context(), far.batch("alice.id", "bob.id"))
		if err != nil || b.Doubt == nil {
			t.Fatalf("%+v, %v", b, err)
		}
		_, _, err = far.r.StartBatch(t.Context(), b)
		far.inDoubt(err, why, DoubtBlocks)
		_, err = far.r.Start(t.Context(), far.launchRequest("web", 1))
		far.inDoubt(err, why, DoubtBlocks)
		if jobs, err := far.r.Jobs(t.Context()); err != nil || len(jobs) != 0 {
			t.Fatalf("%d jobs, %v", len(jobs), err)
		}
		far.mine(DoubtBlocks - 1)
		far.open()
		_, err = far.r.Start(t.Context(), far.register("alice.id"))
		far.inDoubt(err, why, 1)
		// Somebody had kept it.
		if _, err := v.btc.MineTxs(first); err != nil {
			t.Fatal(err)
		}
		far.follow()
		if done := far.run(far.register("alice.id")); done.State != Done || v.preorders() != 1 {
			t.Errorf("%s: %s, %d preorders", done.State, done.Reason, v.preorders())
		}
		if done := far.run(far.register("bob.id")); done.State != Done || v.preorders() != 2 {
			t.Errorf("%s: %s, %d preorders", done.State, done.Reason, v.preorders())
		}
	}
}

// TestNoDoubt: who made the seed and lost nothing waits for nothing, and neither does who says so.
func TestNoDoubt(t *testing.T) {
	v := newWorld(t).beginHome("")
	v.launch("id", 1)
	if done := v.run(v.register("alice.id")); done.State != Done {
		t.Fatalf("%s: %s", done.State, done.Reason)
	}
	v.open()
	if done := v.run(v.register("bob.id")); done.State != Done {
		t.Fatalf("%s: %s", done.State, done.Reason)
	}
	far := v.forgetful().beginHome(lastdays.Words)
	req := far.register("carol.id")
	e, err := far.r.Plan(t.Context(), req)
	if err != nil || e.Doubt == nil {
		t.Fatalf("%+v, %v", e, err)
	}
	req.Assured = e.Doubt.Since
	if done := far.run(req); done.State != Done {
		t.Fatalf("%s: %s", done.State, done.Reason)
	}
	// What was agreed to then says nothing of a later loss.
	later := far.register("dave.id")
	later.Assured = e.Doubt.Since - 1
	_, err = far.r.Start(t.Context(), later)
	if !errors.As(err, new(*InDoubt)) {
		t.Errorf("an old consent: %v", err)
	}
}

// TestRolledBackJournal puts back the journal as it was one write before the preorder was sent: the
// job, which has signed nothing as far as it knows, waits, and so does a list.
func TestRolledBackJournal(t *testing.T) {
	v := newWorld(t).beginHome("")
	v.launch("id", 1)
	j, err := v.r.Start(t.Context(), v.register("alice.id"))
	if err != nil {
		t.Fatal(err)
	}
	old, err := os.ReadFile(v.path)
	if err != nil {
		t.Fatal(err)
	}
	first, err := v.advance(j.ID).Stages[0].Versions[0].Tx()
	if err != nil {
		t.Fatal(err)
	}
	if err := v.journal.Close(); err != nil {
		t.Fatal(err)
	}
	v.journal = nil
	if err := os.WriteFile(v.path, old, 0o600); err != nil {
		t.Fatal(err)
	}
	v.btc.Forget()
	v.kept = nil
	v.open()
	_, err = v.r.Advance(t.Context(), j.ID)
	v.inDoubt(err, lastdays.JournalOlder, DoubtBlocks)
	v.mine(3)
	if _, err := v.btc.MineTxs(first); err != nil {
		t.Fatal(err)
	}
	v.follow()
	if done := v.finish(j.ID); done.State != Done || v.preorders() != 1 {
		t.Errorf("%s: %s, %d preorders", done.State, done.Reason, v.preorders())
	}
}

// TestHeldChange keeps the change of a preorder that no job follows from every other job, until it
// is followed.
func TestHeldChange(t *testing.T) {
	for _, mined := range []bool{false, true} {
		v := newWorld(t)
		v.launch("id", 1)
		j, err := v.r.Start(t.Context(), v.register("alice.id"))
		if err != nil {
			t.Fatal(err)
		}
		txid := v.advance(j.ID).Stages[0].Versions[0].Txid
		if mined {
			v.mine(1)
		}
		far := v.forgetful()
		change := wire.OutPoint{Hash: txid, Index: 1}
		kept, err := far.r.Reserved(t.Context())
		if err != nil || kept[change].Purpose != PurposeFollow {
			t.Fatalf("mined %v: %+v, %v", mined, kept[change], err)
		}
		if done := far.run(far.register("bob.id")); done.State != Done {
			t.Fatalf("%s: %s", done.State, done.Reason)
		}
		for _, tx := range v.btc.Sent() {
			for _, in := range tx.TxIn {
				if in.PreviousOutPoint == change {
					t.Fatalf("mined %v: %s spends the change of alice.id's preorder", mined, tx.TxHash())
				}
			}
		}
		got, err := far.r.Start(t.Context(), far.register("alice.id"))
		if err != nil {
			t.Fatal(err)
		}
		if kept, err = far.r.Reserved(t.Context()); err != nil || kept[change].Holder != got.ID {
			t.Errorf("mined %v: %+v, %v", mined, kept[change], err)
		}
		if done := far.finish(got.ID); done.State != Done || v.preorders() != 2 {
			t.Errorf("%s: %s, %d preorders", done.State, done.Reason, v.preorders())
		}
	}
}
