package registrar

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/terms"
	"blockstack/wallet/chain/chaintest"
)

// staleWorld is a world with a node of Core's rules in which a reorg takes away a consensus hash:
// the update of alice.id in block from changes it.
func staleWorld(t *testing.T) (v *world, from int32) {
	t.Helper()
	v = owned(t)
	v.btc.SetRelay(chaintest.CoreRelay(0))
	if j := v.run(v.ask(KindUpdate)); j.State != Done {
		t.Fatal(j.State)
	}
	from = v.height()
	v.mine(terms.MaxQuoteDepth + 1) // an older hash is quoted
	return v, from
}

// verdicts counts the preorders in the chain of which the index says what it made.
func (v *world) verdicts(id ID) (good, burnt int) {
	v.t.Helper()
	j, err := v.r.Job(v.t.Context(), id)
	if err != nil {
		v.t.Fatal(err)
	}
	for _, st := range j.Stages {
		if st.Role != RolePreorder {
			continue
		}
		for _, ver := range st.Versions {
			op, seen, err := v.x.OpStatus(v.t.Context(), ver.Txid)
			if err != nil {
				v.t.Fatal(err)
			}
			switch {
			case seen && op.Accepted:
				good++
			case seen:
				burnt++
			}
		}
	}
	return good, burnt
}

// TestReorgTogether: a reorg puts a preorder whose consensus hash is gone back into the pool, with
// the registration, and what somebody else hung on that. The newer preorder pays for all that it
// evicts.
func TestReorgTogether(t *testing.T) {
	for _, stranger := range []bool{false, true} {
		v, from := staleWorld(t)
		j, err := v.r.Start(t.Context(), v.register("bob.id"))
		if err != nil {
			t.Fatal(err)
		}
		v.advance(j.ID)
		v.mine(1)
		v.advance(j.ID)
		v.mine(1)
		if j = v.advance(j.ID); j.State != Done {
			t.Fatal(j.State)
		}
		if stranger {
			v.spendAll(j.Stage(RoleRegister).Versions[j.Stage(RoleRegister).Current], 30_000)
			v.mine(1)
		}
		if err := v.btc.Reorg(v.height()-from+1, false); err != nil {
			t.Fatal(err)
		}
		v.follow()
		for _, role := range []Role{RolePreorder, RoleRegister} {
			if _, in := v.waits(j.Stage(role)); !in {
				t.Fatalf("the reorg did not bring back %s", job.Words(role))
			}
		}
		old := j.Stage(RolePreorder).Versions[0]
		j = v.advance(j.ID)
		if st := j.Stage(RolePreorder); st.Versions[st.Current] == old || len(st.Versions) != 2 {
			t.Fatalf("stranger %v: nothing newer was signed", stranger)
		}
		if _, in := v.waits(j.Stage(RolePreorder)); !in {
			t.Errorf("stranger %v: the newer preorder is not in the pool", stranger)
		}
		if j = v.finish(j.ID); j.State != Done {
			t.Errorf("stranger %v: %s: %s", stranger, j.State, j.Reason)
		}
		if good, burnt := v.verdicts(j.ID); good != 1 || burnt != 0 {
			t.Errorf("stranger %v: %d preorders count, %d burnt for nothing", stranger, good, burnt)
		}
	}
}

// TestListReorgTogether: the same for a list, whose split comes back, too. The stale preorders are
// replaced while the split waits; a miner takes what is in the pool.
func TestListReorgTogether(t *testing.T) {
	for _, n := range []int{5, 24, 30} {
		for _, blocks := range []int{1, 2} { // after the split: preorders, registrations
			v, from := staleWorld(t)
			_, ids := v.begin(v.list("r", n))
			v.all()
			v.mine(1)
			v.all()
			for range blocks - 1 {
				v.mine(1)
				v.all()
			}
			if err := v.btc.Reorg(v.height()-from+1, false); err != nil {
				t.Fatal(err)
			}
			v.follow()
			v.all()
			v.mine(1)
			for k := 0; k < 12 && v.all(); k++ {
				v.mine(1)
			}
			good, burnt := 0, 0
			for _, id := range ids {
				j, err := v.r.Job(t.Context(), id)
				if err != nil || j.State != Done {
					t.Errorf("%d names, %d blocks: %s: %s, %v", n, blocks, j.State, j.Reason, err)
				}
				g, b := v.verdicts(id)
				good, burnt = good+g, burnt+b
			}
			if good != n || burnt != 0 {
				t.Errorf("%d names, %d blocks: %d preorders count, %d burnt for nothing", n, blocks, good, burnt)
			}
		}
	}
}

// TestListAndStrangerTogether: the same, and another program has spent what the list left over,
// with a large fee. The newer preorder of the list pays for that, too.
func TestListAndStrangerTogether(t *testing.T) {
	v, from := staleWorld(t)
	_, ids := v.begin(v.list("s", 2))
	for range 3 {
		v.all()
		v.mine(1)
	}
	v.all()
	j, err := v.r.Job(t.Context(), ids[0])
	if err != nil || j.State != Done {
		t.Fatalf("%s: %s, %v", j.State, j.Reason, err)
	}
	last := j.Links()[j.Paths[j.Path].Links[3]].Version
	more, err := v.btc.Pay(v.w.add(91, true), 1e6)
	if err != nil {
		t.Fatal(err)
	}
	v.mine(1)
	v.spendInput(txbuilder.InputOf(mustTx(t, last), last.Next), 45_000, txbuilder.InputOf(more, 0))
	v.mine(1)
	if err := v.btc.Reorg(v.height()-from+1, false); err != nil {
		t.Fatal(err)
	}
	v.follow()
	for n := 0; n < 12 && v.all(); n++ {
		v.mine(1)
	}
	if j, err = v.r.Job(t.Context(), ids[0]); err != nil || j.State != Done {
		t.Errorf("%s: %s, %v", j.State, j.Reason, err)
	}
	if good, burnt := v.verdicts(ids[0]); good != 2 || burnt != 0 {
		t.Errorf("%d preorders count, %d burnt for nothing", good, burnt)
	}
}

// TestListOverAfterReorg: the same, and the ceiling of the list forbids newer preorders, so that
// its names are given up. What returns the coin replaces the stale preorders while the split waits,
// and those that the reorg did not bring back; it is made dearer where the floor has risen
// meanwhile. Nothing burns.
func TestListOverAfterReorg(t *testing.T) {
	for _, test := range []struct {
		drop   bool
		blocks int // after the split: preorders, registrations
		floor  int64
	}{{false, 1, 60}, {false, 2, 1}, {true, 1, 1}, {true, 2, 60}} {
		v, from := staleWorld(t)
		req := v.list("o", 3)
		b, err := v.r.PlanBatch(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		req.MaxTotal = b.Worst
		_, ids := v.begin(req)
		v.all()
		v.mine(1)
		v.all()
		for range test.blocks - 1 {
			v.mine(1)
			v.all()
		}
		if err := v.btc.Reorg(v.height()-from+1, test.drop); err != nil {
			t.Fatal(err)
		}
		v.follow()
		if test.floor > 1 { // it rises between signing and sending
			v.fail = func(at string) error {
				if j, err := v.journal.Job(t.Context(), ids[0]); err == nil && at == "before broadcast" && j.Stage(RoleReturn) != nil {
					return errFault
				}
				return nil
			}
			if _, err := v.r.AdvanceAll(t.Context()); !errors.Is(err, errFault) {
				t.Fatalf("%+v: %v", test, err)
			}
			v.fail = nil
			r := v.btc.Relay()
			r.Floor = btcutil.Amount(test.floor * 1000)
			v.btc.SetRelay(r)
		}
		v.all()
		if j, err := v.r.Job(t.Context(), ids[0]); err != nil || j.Stage(RoleReturn) == nil {
			t.Fatalf("%+v: nothing replaces the stale preorders: %+v, %v", test, j.Items, err)
		} else if _, in := v.waits(j.Stage(RoleReturn)); !in {
			t.Errorf("%+v: what returns the coin is not in the pool", test)
		}
		for k := 0; k < 12 && v.all(); k++ {
			v.mine(1)
		}
		j, err := v.r.Job(t.Context(), ids[0])
		if err != nil || j.State != Cancelled || j.Reason == "" {
			t.Errorf("%+v: %s: %s, %v", test, j.State, j.Reason, err)
		}
		for _, p := range j.Items {
			if p.State != Cancelled || p.Reason == "" {
				t.Errorf("%+v: %s: %s", test, p.State, p.Reason)
			}
		}
		if good, burnt := v.verdicts(ids[0]); good+burnt != 0 {
			t.Errorf("%+v: %d preorders count, %d burnt for nothing", test, good, burnt)
		}
		v.freeOf(ids[0])
	}
}

// freeOf holds the wallet's coins to be free of a job that is over.
func (v *world) freeOf(id ID) {
	v.t.Helper()
	reserved, err := v.r.Reserved(v.t.Context())
	if err != nil {
		v.t.Fatal(err)
	}
	coins, err := v.w.Spendable(v.t.Context(), 1)
	if err != nil {
		v.t.Fatal(err)
	}
	for _, c := range coins {
		if kept, is := reserved[c.OutPoint]; is && kept.Holder == id {
			v.t.Errorf("%s is kept for a job that is over: %+v", c.OutPoint, kept)
		}
	}
}

// TestReturnTakenAway cancels a list; a reorg takes what returned its coin away, and with it the
// split, or not. The coin is returned again.
func TestReturnTakenAway(t *testing.T) {
	for _, depth := range []int32{1, 2} {
		v := newWorld(t)
		v.launch("id", 1)
		_, ids := v.begin(v.list("c", 2))
		v.all()
		v.mine(1)
		v.all()
		if _, err := v.r.Cancel(t.Context(), ids[0]); err != nil {
			t.Fatal(err)
		}
		v.all()
		v.mine(1)
		for range 2 {
			if j := v.finish(ids[0]); j.State != Cancelled || j.Stage(RoleReturn) == nil {
				t.Fatalf("%s: %s", j.State, j.Reason)
			}
			v.all()
			v.freeOf(ids[0])
			if err := v.btc.Reorg(depth, true); err != nil {
				t.Fatal(err)
			}
			v.follow()
			v.all()
			v.mine(1)
		}
	}
}

// TestListOverAfterItsSplitWasDropped: a reorg takes the split away, the pool does not have it, and
// the list is given up. It waits for the split, whose coin goes back then.
func TestListOverAfterItsSplitWasDropped(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	_, ids := v.begin(v.list("c", 2))
	v.all()
	v.mine(1)
	v.all()
	if err := v.btc.Reorg(1, true); err != nil {
		t.Fatal(err)
	}
	v.follow()
	if _, err := v.r.Cancel(t.Context(), ids[0]); err != nil {
		t.Fatal(err)
	}
	if j := v.advance(ids[0]); !j.Open() || j.Wait == nil || j.Stage(RoleReturn) != nil {
		t.Errorf("%s: %s", j.State, j.Reason)
	}
	for n := 0; n < 9 && v.all(); n++ {
		v.mine(1)
	}
	if j := v.advance(ids[0]); j.State != Cancelled || j.Stage(RoleReturn) == nil {
		t.Errorf("%s: %s", j.State, j.Reason)
	}
	v.freeOf(ids[0])
}

// spendAll spends the payer's change of a version, past the job, with a fee.
func (v *world) spendAll(ver *Version, fee btcutil.Amount) {
	v.t.Helper()
	tx, err := ver.Tx()
	if err != nil {
		v.t.Fatal(err)
	}
	i := slices.IndexFunc(tx.TxOut, func(o *wire.TxOut) bool { return bytes.Equal(o.PkScript, v.w.change) })
	v.spendInput(txbuilder.InputOf(tx, i), fee)
}

// spendCoin spends a coin past every job.
func (v *world) spendCoin(op wire.OutPoint) {
	v.t.Helper()
	tx, err := v.w.PrevTx(v.t.Context(), op)
	if err != nil {
		v.t.Fatal(err)
	}
	v.spendInput(txbuilder.InputOf(tx, int(op.Index)), 0)
}

// spendInput sends a coin, and others, to another script of the wallet.
func (v *world) spendInput(in txbuilder.Input, fee btcutil.Amount, more ...txbuilder.Input) {
	v.t.Helper()
	b, err := txbuilder.New(txbuilder.Config{Net: &chaincfg.RegressionNetParams, Coins: v.w, Height: v.height()})
	if err != nil {
		v.t.Fatal(err)
	}
	p, err := b.Payment(v.t.Context(), txbuilder.PaymentRequest{To: v.w.add(90, true), All: true, Text: "elsewhere",
		Funding: txbuilder.Funding{Rate: txbuilder.SatPerVByte(5), MinFee: fee, Inputs: append([]txbuilder.Input{in}, more...), Closed: true}})
	if err != nil {
		v.t.Fatal(err)
	}
	if err := v.w.Sign(v.t.Context(), p.Packet); err != nil {
		v.t.Fatal(err)
	}
	tx, err := p.Finish()
	if err != nil {
		v.t.Fatal(err)
	}
	if _, err := v.btc.Broadcast(v.t.Context(), tx); err != nil {
		v.t.Fatal(err)
	}
}
