package registrar

import (
	"errors"
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/txbuilder/registrar/step"
	"blockstack/txbuilder/registrar/terms"
)

// TestHigherFee uses the version that was signed ahead at the higher rate, without a password, and
// a new one when that is not enough either.
func TestHigherFee(t *testing.T) {
	v, _, j := started(t, 1)
	v.mine(1)
	if j = v.advance(j.ID); j.State != RegisterSigned {
		t.Fatal(j.State)
	}
	v.w.locked = true
	v.blocks(step.BumpAfter)
	j = v.advance(j.ID)
	st := j.Stage(RoleRegister)
	if st.Current != 1 || st.Versions[1].Rate != j.Request.HighRate {
		t.Fatalf("current %d at %s", st.Current, st.Versions[st.Current].Rate)
	}
	v.blocks(step.BumpAfter)
	var locked *NeedsKey
	j, err := v.r.Advance(t.Context(), j.ID)
	if !errors.As(err, &locked) || locked.Blocks < 1 || len(j.Stage(RoleRegister).Versions) != 2 {
		t.Fatalf("a locked wallet should say how many blocks are left: %v", err)
	}
	v.w.locked = false
	j = v.advance(j.ID)
	if st = j.Stage(RoleRegister); len(st.Versions) != 3 || st.Current != 2 || st.Versions[2].Rate <= st.Versions[1].Rate {
		t.Fatalf("%d versions, current %d", len(st.Versions), st.Current)
	}
	first := mustTx(t, st.Versions[0])
	for _, ver := range st.Versions {
		if mustTx(t, ver).TxIn[0].PreviousOutPoint != first.TxIn[0].PreviousOutPoint {
			t.Fatal("versions of one transaction spend different coins at input 0")
		}
	}
	if s, _ := v.btc.TxStatus(t.Context(), st.Versions[2].Txid); !s.InMempool {
		t.Fatal("the newest version is not in the memory pool")
	}
	if j = v.finish(j.ID); j.State != Done {
		t.Fatalf("%s: %s", j.State, j.Reason)
	}
}

// TestBudget keeps a job from outbidding itself beyond its ceiling.
func TestBudget(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	req := v.register("alice.id")
	e, err := v.r.Plan(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	req.MaxTotal = e.Worst - 1000
	var over *OverBudget
	if _, err := v.r.Plan(t.Context(), req); !errors.As(err, &over) || over.Need <= over.Max {
		t.Fatalf("below the worst case: %v", err)
	}
	req.MaxTotal = e.Worst + 100
	j, err := v.r.Start(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	v.advance(j.ID)
	v.blocks(int(v.params.ConsensusWindow) - terms.MaxQuoteDepth - step.ReplaceMargin)
	// The ceiling forbids a replacement, and the preorder would burn for nothing: its coins are
	// taken back, for less than the ceiling.
	if j = v.advance(j.ID); j.State != Cancelling {
		t.Fatalf("replacement above the ceiling: %s", j.State)
	}
	j = v.finish(j.ID)
	if view := j.View(); j.State != Cancelled || view.BurnSat != 0 || view.FeeSat > int64(req.MaxTotal) || view.FeeSat == 0 {
		t.Fatalf("%s: %s, %+v", j.State, j.Reason, view)
	}
}

// TestCancel gives up before, while and after the preorder could be taken back.
func TestCancel(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	ctx := t.Context()
	j, err := v.r.Start(ctx, v.register("bob.id"))
	if err != nil {
		t.Fatal(err)
	}
	if j, err = v.r.Cancel(ctx, j.ID); err != nil || j.State != Cancelled {
		t.Fatalf("planned: %v, %v", j, err)
	}
	v2, _, j := started(t, 1)
	if j, err = v2.r.Cancel(ctx, j.ID); err != nil || j.State != Cancelling {
		t.Fatalf("preorder sent: %v, %v", j, err)
	}
	if j = v2.finish(j.ID); j.State != Cancelled || v2.status("alice.id").Status != names.Available {
		t.Fatalf("%s: %s", j.State, j.Reason)
	}
	v3, _, j := started(t, 1)
	preorder := mustTx(t, j.Stage(RolePreorder).Versions[0])
	if j, err = v3.r.Cancel(ctx, j.ID); err != nil {
		t.Fatal(err)
	}
	v3.advance(j.ID)
	if _, err := v3.btc.MineTxs(preorder); err != nil { // a miner takes it all the same
		t.Fatal(err)
	}
	v3.follow()
	if j = v3.finish(j.ID); j.State != Done {
		t.Fatalf("confirmed after all: %s: %s", j.State, j.Reason)
	}
	v4, _, j := started(t, 1)
	v4.mine(1)
	if _, err := v4.r.Cancel(ctx, j.ID); !errors.Is(err, ErrNotCancellable) {
		t.Fatalf("preorder in a block: %v", err)
	}
}

// TestReserved keeps a job's coins, and what it is about to spend, from others.
func TestReserved(t *testing.T) {
	v, _, j := started(t, 1)
	start := v.height()
	reserved, err := v.r.Reserved(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	pre := j.Stage(RolePreorder).Versions[0]
	tx := mustTx(t, pre)
	for _, in := range tx.TxIn {
		if reserved[in.PreviousOutPoint].Holder != j.ID {
			t.Errorf("input %s is not reserved", in.PreviousOutPoint)
		}
	}
	if reserved[wire.OutPoint{Hash: pre.Txid, Index: 1}].Holder != j.ID {
		t.Error("the change that pays for the registration is not reserved")
	}
	second, err := v.r.Start(t.Context(), v.register("bob.id"))
	if err != nil {
		t.Fatal(err)
	}
	second = v.advance(second.ID)
	for _, in := range mustTx(t, second.Stage(RolePreorder).Versions[0]).TxIn {
		if reserved[in.PreviousOutPoint].Holder != "" {
			t.Error("a second job spends a coin of the first")
		}
	}
	a, b := v.finish(j.ID), v.finish(second.ID)
	if a.State != Done || b.State != Done {
		t.Fatalf("%s and %s", a.State, b.State)
	}
	if reserved, err = v.r.Reserved(t.Context()); err != nil {
		t.Fatal(err)
	}
	coins, err := v.w.Spendable(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range coins {
		if reserved[c.OutPoint].Holder != "" {
			t.Errorf("a finished job reserves coin %s", c.OutPoint)
		}
	}
	// A reorg that loses everything gives the coins back, but not to others.
	v.reorg(v.height()-start, true)
	if coins, err = v.w.Spendable(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	kept := 0
	for _, c := range coins {
		if id := reserved[c.OutPoint].Holder; id == a.ID || id == b.ID {
			kept++
		}
	}
	if kept < 2 {
		t.Errorf("%d coins of finished jobs are kept from others", kept)
	}
}

// TestEstimate compares what was announced with what was paid.
func TestEstimate(t *testing.T) {
	for version := uint16(1); version <= 3; version += 2 {
		v := newWorld(t)
		v.launch("id", version)
		req := v.register("alice.id")
		e, err := v.r.Plan(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		if len(e.Irreversible) == 0 || len(e.Risks) == 0 || e.PreorderBy <= v.height() || e.RegisterWithin != 144 || len(e.Transactions) != 2 {
			t.Errorf("estimate %+v", e)
		}
		j := v.run(req)
		view := j.View()
		if view.FeeSat != int64(e.Fee) || view.BurnSat != int64(e.Burn) || (view.BurnUstacks == nil) != (e.BurnTokens == nil) {
			t.Errorf("version %d: announced a fee of %d and a burn of %d, paid %d and %d", version, e.Fee, e.Burn, view.FeeSat, view.BurnSat)
		}
		if e.Worst < e.Total || e.Total != e.Fee+e.Burn+e.Given || e.Given < btcutil.Amount(546) {
			t.Errorf("totals %d, %d, given %d", e.Total, e.Worst, e.Given)
		}
	}
}

// TestUpdateWhereTheRegistrationCarriesNoHash runs a registration by the rules of an epoch in which
// the zone-file hash needs an update of its own.
func TestUpdateWhereTheRegistrationCarriesNoHash(t *testing.T) {
	v := newWorld(t, func(p *names.Params) {
		old := p.Epochs[0]
		old.Features &^= names.FeatureRegisterUpdate
		p.Epochs = []names.Epoch{old}
	})
	v.launch("id", 1)
	req := v.register("alice.id")
	j := v.run(req)
	if j.State != Done || len(j.View().Txids) != 3 {
		t.Fatalf("%s: %s, %v", j.State, j.Reason, j.View().Txids)
	}
	if rec := v.status("alice.id"); rec.ZoneFile != names.HashZoneFile(req.ZoneFile) {
		t.Fatalf("%+v", rec)
	}
}

// TestCheapRates signs at rates so low that what is left is not worth a change
// output: then both rates make one transaction.
func TestCheapRates(t *testing.T) {
	v := newWorld(t)
	req := v.launchRequest("id", 1)
	req.Rate = 1000
	if j := v.run(req); j.State != Done {
		t.Fatalf("%s: %s", j.State, j.Reason)
	}
	req = v.register("alice.id")
	req.Rate = 1000
	j := v.run(req)
	if j.State != Done {
		t.Fatalf("%s: %s", j.State, j.Reason)
	}
	seen := map[string]bool{}
	for _, s := range j.Stages {
		for _, ver := range s.Versions {
			if seen[ver.Txid.String()] {
				t.Errorf("%s has one transaction twice", s.Role)
			}
			seen[ver.Txid.String()] = true
		}
	}
}

// TestReservedBeforeTheSuccessorIsSigned keeps the preorder's change even while nothing on record
// spends it yet.
func TestReservedBeforeTheSuccessorIsSigned(t *testing.T) {
	v, _, j := started(t, 1)
	j.Stages = j.Stages[:1]
	if err := v.journal.Save(t.Context(), j); err != nil {
		t.Fatal(err)
	}
	reserved, err := v.r.Reserved(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if reserved[wire.OutPoint{Hash: j.Stages[0].Versions[0].Txid, Index: 1}].Holder != j.ID {
		t.Error("the change that pays for the registration is not reserved")
	}
	if j = v.finish(j.ID); j.State != Done {
		t.Fatalf("signed later: %s: %s", j.State, j.Reason)
	}
}
