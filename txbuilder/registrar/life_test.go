package registrar

import (
	"errors"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/step"
	"blockstack/txbuilder/registrar/terms"
)

// started launches a namespace and takes a registration to the point where its preorder is in the
// memory pool.
func started(t *testing.T, version uint16) (*world, Request, *Job) {
	t.Helper()
	v := newWorld(t)
	v.launch("id", version)
	req := v.register("alice.id")
	j, err := v.r.Start(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if j = v.advance(j.ID); j.State != PreorderSigned || j.Wait == nil {
		t.Fatalf("%s, %+v", j.State, j.Wait)
	}
	return v, req, j
}

func (v *world) status(name string) names.Record {
	v.t.Helper()
	n, err := names.Parse(name)
	if err != nil {
		v.t.Fatal(err)
	}
	rec, err := v.x.Record(v.t.Context(), n)
	if err != nil {
		v.t.Fatal(err)
	}
	return rec
}

func (v *world) reorg(depth int32, drop bool) {
	v.t.Helper()
	if err := v.btc.Reorg(depth, drop); err != nil {
		v.t.Fatal(err)
	}
	v.follow()
}

// TestLockedFromTheFirstUnlock signs once and finishes without a password.
func TestLockedFromTheFirstUnlock(t *testing.T) {
	for _, kind := range []Kind{KindRegister, KindLaunch} {
		v := newWorld(t)
		req := v.launchRequest("id", 1)
		if kind == KindRegister {
			v.launch("id", 1)
			req = v.register("alice.id")
		}
		j, err := v.r.Start(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		v.w.locked = true
		if _, err := v.r.Advance(t.Context(), j.ID); !errors.Is(err, ErrNeedsKey) {
			t.Fatalf("%s: locked at the start: %v", kind, err)
		}
		v.w.locked = false
		v.advance(j.ID)
		v.w.locked = true
		v.open()
		if j := v.finish(j.ID); j.State != Done {
			t.Fatalf("%s: %s: %s", kind, j.State, j.Reason)
		}
	}
}

// TestReorgs takes transactions out of the chain at every state; the job waits and ends in the same
// way, without a new transaction.
func TestReorgs(t *testing.T) {
	for _, state := range []State{PreorderConfirmed, RegisterSigned, RegisterConfirmed, Done} {
		for _, drop := range []bool{false, true} {
			v, req, j := started(t, 1)
			v.mine(1)
			if j = v.advance(j.ID); j.State != RegisterSigned {
				t.Fatalf("after a block: %s", j.State)
			}
			depth := int32(1)
			if state != PreorderConfirmed {
				v.mine(1)
				depth = 2
			}
			if state == Done {
				if j = v.advance(j.ID); j.State != Done {
					t.Fatalf("after two blocks: %s", j.State)
				}
			}
			signed := v.w.signed
			v.reorg(depth, drop)
			id := j.ID
			if state != Done { // a finished job is found by the same command alone
				v.advance(id)
			}
			if j = v.live(req); j.State != Done || j.ID != id {
				t.Fatalf("reorg at %s (drop %v): job %s, then %s %s: %s", state, drop, id, j.ID, j.State, j.Reason)
			}
			if rec := v.status("alice.id"); rec.Status != names.Registered || rec.LastTx.String() != j.View().Txids[1] {
				t.Errorf("reorg at %s (drop %v): %+v", state, drop, rec)
			}
			if v.w.signed != signed {
				t.Errorf("reorg at %s (drop %v): signed again", state, drop)
			}
		}
	}
}

// blocks mines without the memory pool: a market in which we are too cheap.
func (v *world) blocks(n int) {
	v.t.Helper()
	for range n {
		if _, err := v.btc.MineTxs(); err != nil {
			v.t.Fatal(err)
		}
	}
	v.follow()
}

// TestReplacedBeforeTheWindowCloses starves a preorder until its consensus hash is about to be too
// old.
func TestReplacedBeforeTheWindowCloses(t *testing.T) {
	v, _, j := started(t, 1)
	old := j.Stage(RolePreorder).Versions[0]
	v.blocks(int(v.params.ConsensusWindow) - terms.MaxQuoteDepth - step.ReplaceMargin)
	v.w.locked = true
	if _, err := v.r.Advance(t.Context(), j.ID); !errors.Is(err, ErrNeedsKey) {
		t.Fatalf("locked when it has to be replaced: %v", err)
	}
	v.w.locked = false
	j = v.advance(j.ID)
	st := j.Stage(RolePreorder)
	if len(st.Versions) != 2 || st.Current != 1 {
		t.Fatalf("%d versions, current %d", len(st.Versions), st.Current)
	}
	next := st.Versions[1]
	a, b := mustTx(t, old), mustTx(t, next)
	if a.TxIn[0].PreviousOutPoint != b.TxIn[0].PreviousOutPoint {
		t.Fatal("the replacement spends another coin at input 0")
	}
	if next.Fee <= old.Fee || next.Window <= old.Window {
		t.Fatalf("fee %d after %d, window %d after %d", next.Fee, old.Fee, next.Window, old.Window)
	}
	if s, _ := v.btc.TxStatus(t.Context(), next.Txid); !s.InMempool {
		t.Fatal("the replacement is not in the memory pool")
	}
	if s, _ := v.btc.TxStatus(t.Context(), old.Txid); s.InMempool {
		t.Fatal("the old version is still in the memory pool")
	}
	if j = v.finish(j.ID); j.State != Done {
		t.Fatalf("%s: %s", j.State, j.Reason)
	}
}

// TestMinerTakesTheOldVersion confirms a version that was replaced already.
func TestMinerTakesTheOldVersion(t *testing.T) {
	v, _, j := started(t, 1)
	old := j.Stage(RolePreorder).Versions[0]
	v.blocks(int(v.params.ConsensusWindow) - terms.MaxQuoteDepth - step.ReplaceMargin)
	j = v.advance(j.ID)
	if _, err := v.btc.MineTxs(mustTx(t, old)); err != nil {
		t.Fatal(err)
	}
	v.follow()
	if j = v.finish(j.ID); j.State != Done {
		t.Fatalf("%s: %s", j.State, j.Reason)
	}
	if got := j.View().Txids[0]; got != old.Txid.String() {
		t.Errorf("the view shows %s, mined was %s", got, old.Txid)
	}
}

// TestTooLate mines a preorder after its window; the index refuses it and no registration follows.
func TestTooLate(t *testing.T) {
	v, _, j := started(t, 1)
	v.blocks(int(v.params.ConsensusWindow))
	sent := len(v.btc.Sent())
	v.mine(1)
	j = v.advance(j.ID)
	if j.State != Rejected || !strings.Contains(j.Reason, "consensus") {
		t.Fatalf("%s: %s", j.State, j.Reason)
	}
	if len(v.btc.Sent()) != sent {
		t.Error("something was sent after a refused preorder")
	}
}

// TestLapsed lets a preorder grow too old before the job is looked at again.
func TestLapsed(t *testing.T) {
	for _, late := range []bool{false, true} {
		v := newWorld(t)
		v.w.change = v.w.payer // all money is at one address
		v.launch("id", 1)
		j, err := v.r.Start(t.Context(), v.register("alice.id"))
		if err != nil {
			t.Fatal(err)
		}
		v.advance(j.ID)
		v.mine(1)
		v.blocks(int(v.params.NamePreorderLifetime) - 1)
		if late {
			v.blocks(1)
		}
		j = v.finish(j.ID)
		if want := map[bool]State{false: Done, true: Expired}[late]; j.State != want {
			t.Fatalf("late %v: %s: %s", late, j.State, j.Reason)
		}
		if late {
			r, err := v.r.Reserved(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for op, kept := range r {
				if kept.Holder == j.ID {
					t.Errorf("an expired job reserves %s", op)
				}
			}
			// The same name again needs another payer: the unused hash blocks an equal one.
			if _, err := v.r.Plan(t.Context(), v.register("alice.id")); !errors.As(err, new(*PreorderOutstanding)) {
				t.Errorf("the same preorder again: %v", err)
			}
			v.pay(v.w.payer2, 1e7)
			v.mine(1)
			if again := v.run(v.register("alice.id")); again.State != Done || again.ID == j.ID {
				t.Errorf("from another address: %s: %s", again.State, again.Reason)
			}
		}
	}
}

// stranger registers a name for somebody else, with coins of their own.
func (v *world) stranger(name string, preorder bool) {
	v.t.Helper()
	if err := v.compete(name, preorder); err != nil {
		v.t.Fatal(err)
	}
}

// compete is stranger; in a stormy chain it may not succeed.
func (v *world) compete(name string, preorder bool) error {
	ctx := v.t.Context()
	n, err := names.Parse(name)
	if err != nil {
		return err
	}
	w := &wallet{t: v.t, btc: v.btc, keys: v.w.keys, blocks: v.w.blocks}
	payer, owner := w.add(99, false), w.add(98, false)
	w.change = payer
	defer func() {
		delete(v.w.keys, string(payer))
		delete(v.w.keys, string(owner))
	}()
	price := txbuilder.Price{Unit: names.Satoshi}
	ns, err := v.x.Namespace(ctx, n.Namespace())
	if err != nil {
		return err
	}
	number, err := v.params.NamePrice(n.Label(), &ns, v.height())
	if err != nil {
		return err
	}
	price.Amount = number.Minimum()
	b, err := txbuilder.New(txbuilder.Config{Params: v.params, Net: v.btc.Net(), Coins: w, Height: v.height()})
	if err != nil {
		return err
	}
	f := txbuilder.Funding{Rate: txbuilder.SatPerVByte(50), First: func(s []byte) bool { return string(s) == string(payer) }}
	send := func(p *txbuilder.Plan, err error) error {
		if err == nil {
			err = w.Sign(ctx, p.Packet)
		}
		var tx *wire.MsgTx
		if err == nil {
			tx, err = p.Finish()
		}
		if err == nil {
			_, err = v.btc.MineTxs(tx)
		}
		v.follow()
		return err
	}
	if !preorder {
		return send(b.Register(ctx, txbuilder.RegisterRequest{Funding: f, Name: n, Owner: owner}))
	}
	tx, err := v.btc.Pay(payer, 5e6)
	if err == nil {
		_, err = v.btc.MineTxs(tx)
	}
	if err != nil {
		return err
	}
	v.follow()
	burn, err := v.params.AddressScript(v.params.BurnAddress)
	if err != nil {
		return err
	}
	consensus, err := v.x.ConsensusHash(ctx, v.height())
	if err != nil {
		return err
	}
	return send(b.Preorder(ctx, txbuilder.PreorderRequest{Funding: f, Name: n, Owner: owner, Consensus: consensus, Price: price, Payee: burn}))
}

// TestCompetitorBeforeThePreorder has somebody take the name while our preorder waits: its money
// comes back.
func TestCompetitorBeforeThePreorder(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	v.stranger("alice.id", true)
	j, err := v.r.Start(t.Context(), v.register("alice.id"))
	if err != nil {
		t.Fatal(err)
	}
	v.advance(j.ID)
	v.stranger("alice.id", false)
	if j = v.advance(j.ID); j.State != Cancelling {
		t.Fatalf("%s: %s", j.State, j.Reason)
	}
	if j = v.finish(j.ID); j.State != Cancelled {
		t.Fatalf("%s: %s", j.State, j.Reason)
	}
	if view := j.View(); view.BurnSat != 0 || len(view.Txids) != 1 {
		t.Errorf("view %+v", view)
	}
}

// TestCompetitorAfterThePreorder has somebody take the name between our two transactions: the
// registration is not sent.
func TestCompetitorAfterThePreorder(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	v.stranger("alice.id", true)
	j, err := v.r.Start(t.Context(), v.register("alice.id"))
	if err != nil {
		t.Fatal(err)
	}
	v.advance(j.ID)
	v.mine(1)
	v.stranger("alice.id", false)
	sent := len(v.broadcasts())
	if j = v.finish(j.ID); j.State != Rejected || !strings.Contains(j.Reason, "first") {
		t.Fatalf("%s: %s", j.State, j.Reason)
	}
	if len(v.broadcasts()) != sent {
		t.Error("a registration was sent for a name that was gone")
	}
}

func mustTx(t *testing.T, v *Version) *wire.MsgTx {
	t.Helper()
	tx, err := v.Tx()
	if err != nil {
		t.Fatal(err)
	}
	return tx
}

// TestAdvanceAll finishes several jobs, and reopens one that a reorg undid.
func TestAdvanceAll(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	for _, name := range []string{"one.id", "two.id"} {
		if _, err := v.r.Start(t.Context(), v.register(name)); err != nil {
			t.Fatal(err)
		}
	}
	all := func(want State) {
		t.Helper()
		jobs, err := v.r.AdvanceAll(t.Context())
		if err != nil || len(jobs) != 3 {
			t.Fatalf("%d jobs, %v", len(jobs), err)
		}
		for _, j := range jobs[1:] {
			if j.State != want {
				t.Fatalf("%s is %s, want %s", j.Request.Name, j.State, want)
			}
		}
	}
	all(PreorderSigned)
	v.mine(1)
	all(RegisterSigned)
	v.mine(1)
	all(Done)
	v.reorg(1, true)
	all(RegisterSigned)
	v.mine(1)
	all(Done)
}
