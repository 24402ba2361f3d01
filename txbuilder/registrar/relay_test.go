package registrar

import (
	"context"
	"errors"
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/build"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/step"
	"blockstack/txbuilder/registrar/terms"
	"blockstack/wallet/chain/chaintest"
)

// floor lets the node begin anew with another lowest rate, and with an empty pool.
func (v *world) floor(satPerVByte int64) {
	r := v.btc.Relay()
	r.Floor = btcutil.Amount(satPerVByte * 1000)
	v.btc.SetRelay(r)
	v.btc.Forget()
}

// waits says whether the current version of a transaction is in the pool, and what it pays.
func (v *world) waits(st *Stage) (rate txbuilder.FeeRate, in bool) {
	v.t.Helper()
	ver := st.Versions[st.Current]
	s, err := v.btc.TxStatus(v.t.Context(), ver.Txid)
	if err != nil {
		v.t.Fatal(err)
	}
	return txbuilder.RateOf(ver.Fee, ver.VSize), s.InMempool
}

// cheapJob is a job at 1 sat/vB that has sent its first transaction.
func cheapJob(t *testing.T, change func(*Request)) (*world, *Job) {
	t.Helper()
	v := newWorld(t)
	v.btc.SetRelay(chaintest.CoreRelay(0))
	v.launch("id", 1)
	v.run(v.register("alice.id"))
	v.pay(v.w.owner, 1e6)
	v.mine(1)
	req := v.register("bob.id")
	req.Rate = txbuilder.RelayRate
	if change != nil {
		change(&req)
	}
	j, err := v.r.Start(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	return v, v.advance(j.ID)
}

// TestRefusedForItsFee: the floor of the node rises above what was signed. The dearer stored
// version is sent, then one above the floor, for every kind of transaction; each once.
func TestRefusedForItsFee(t *testing.T) {
	for _, test := range []struct {
		name   string
		blocks int
		change func(v *world, r *Request)
		role   Role
	}{
		{"preorder", 0, nil, RolePreorder},
		{"registration", 1, nil, RoleRegister},
		{"update", 0, func(v *world, r *Request) { *r = v.ask(KindUpdate) }, RoleUpdate},
		{"transfer", 0, func(v *world, r *Request) { *r = v.ask(KindTransfer) }, RoleTransfer},
		{"renewal", 0, func(v *world, r *Request) { *r = v.ask(KindRenew) }, RoleRenew},
		{"revocation", 0, func(v *world, r *Request) { *r = v.ask(KindRevoke) }, RoleRevoke},
	} {
		for _, sat := range []int64{2, 20} {
			v, j := cheapJob(t, nil)
			if test.change != nil {
				if _, err := v.r.Cancel(t.Context(), j.ID); err != nil {
					t.Fatal(err)
				}
				v.finish(j.ID)
				req := j.Request
				test.change(v, &req)
				req.Rate, req.HighRate = txbuilder.RelayRate, 0
				k, err := v.r.Start(t.Context(), req)
				if err != nil {
					t.Fatal(err)
				}
				j = v.advance(k.ID)
			}
			for range test.blocks {
				v.mine(1)
				j = v.advance(j.ID)
			}
			if _, in := v.waits(j.Stage(test.role)); !in {
				t.Fatalf("%s: not sent", test.name)
			}
			v.floor(sat)
			before := len(v.btc.Sent())
			j = v.advance(j.ID)
			if rate, in := v.waits(j.Stage(test.role)); !in || rate < txbuilder.SatPerVByte(sat) {
				t.Errorf("%s at a floor of %d: waits %v at %s", test.name, sat, in, rate)
			}
			if n := len(v.btc.Sent()) - before; n > 4 {
				t.Errorf("%s: offered %d times", test.name, n)
			}
			if j = v.finish(j.ID); j.State != Done {
				t.Errorf("%s: %s: %s", test.name, j.State, j.Reason)
			}
		}
	}
}

// TestEvicted: a full pool throws the registration out, and its floor is above that.
func TestEvicted(t *testing.T) {
	v, j := cheapJob(t, nil)
	v.mine(1)
	j = v.advance(j.ID)
	script := v.w.add(77, false)
	r := v.btc.Relay()
	r.Room = 600
	v.btc.SetRelay(r)
	for range 3 { // 2000 satoshi each, some 9 sat/vB
		if _, err := v.btc.Pay(script, 1e6); err != nil {
			break
		}
	}
	if _, in := v.waits(j.Stage(RoleRegister)); in {
		t.Fatal("the pool has room for all")
	}
	j = v.advance(j.ID)
	if rate, in := v.waits(j.Stage(RoleRegister)); !in || rate < txbuilder.SatPerVByte(4) {
		t.Errorf("evicted: waits %v at %s", in, rate)
	}
	if j = v.finish(j.ID); j.State != Done {
		t.Errorf("%s: %s", j.State, j.Reason)
	}
}

// TestRefusedLocked: what must be dearer must be signed; until then nothing is lost.
func TestRefusedLocked(t *testing.T) {
	v, j := cheapJob(t, nil)
	v.mine(1)
	j = v.advance(j.ID)
	v.floor(20)
	v.w.locked = true
	var no *Refused
	var key *NeedsKey
	got, err := v.r.Advance(t.Context(), j.ID)
	if !errors.As(err, &no) || no.Class != RefusedFee || !errors.As(err, &key) || key.Deadline == 0 || got.State != RegisterSigned {
		t.Errorf("locked: %s, %v", got.State, err)
	}
	v.w.locked = false
	if j = v.finish(j.ID); j.State != Done {
		t.Errorf("%s: %s", j.State, j.Reason)
	}
}

// TestCancelAboveTheFloor gives a preorder up that the node has forgotten.
func TestCancelAboveTheFloor(t *testing.T) {
	for _, locked := range []bool{false, true} {
		v, j := cheapJob(t, nil)
		if locked { // signed below the floor, and refused then
			if _, err := v.r.Cancel(t.Context(), j.ID); err != nil {
				t.Fatal(err)
			}
		}
		v.floor(30)
		if !locked {
			if _, err := v.r.Cancel(t.Context(), j.ID); err != nil {
				t.Fatal(err)
			}
		}
		j = v.advance(j.ID)
		if rate, in := v.waits(j.Stage(RoleReturn)); !in || rate < txbuilder.SatPerVByte(30) {
			t.Errorf("waits %v at %s", in, rate)
		}
		if j = v.finish(j.ID); j.State != Cancelled {
			t.Errorf("%s: %s", j.State, j.Reason)
		}
	}
}

// TestMoveAboveTheFloor: coins are moved first, below a floor that rises.
func TestMoveAboveTheFloor(t *testing.T) {
	v := segwit(t, 5e6)
	v.btc.SetRelay(chaintest.CoreRelay(0))
	req := v.register("bob.id")
	req.Rate = txbuilder.RelayRate
	j, err := v.r.Start(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if j = v.advance(j.ID); j.State != MoveSigned {
		t.Fatal(j.State)
	}
	v.floor(15)
	j = v.advance(j.ID)
	if rate, in := v.waits(j.Stage(RoleMove)); !in || rate < txbuilder.SatPerVByte(15) {
		t.Errorf("waits %v at %s", in, rate)
	}
	if j = v.finish(j.ID); j.State != Done {
		t.Errorf("%s: %s", j.State, j.Reason)
	}
}

// TestPlansAboveTheFloor refuses a plan below it, single and as a list, and names both rates.
func TestPlansAboveTheFloor(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	v.floor(30)
	var low *BelowFloor
	if _, err := v.r.Plan(t.Context(), v.register("bob.id")); !errors.As(err, &low) || low.Floor != txbuilder.SatPerVByte(30) || low.Rate != txbuilder.SatPerVByte(10) {
		t.Errorf("plan: %v", err)
	}
	if _, err := v.r.PlanBatch(t.Context(), v.list("n", 3)); !errors.As(err, &low) {
		t.Errorf("list: %v", err)
	}
	req := v.register("bob.id")
	req.Rate = txbuilder.SatPerVByte(30)
	if _, err := v.r.Plan(t.Context(), req); err != nil {
		t.Error(err)
	}
}

// TestIncrementAboveTheFloor: a replacement pays the increment that the node wants, which is more
// than nodes want by default.
func TestIncrementAboveTheFloor(t *testing.T) {
	v, j := cheapJob(t, nil)
	r := v.btc.Relay()
	r.Increment = 20_000
	v.btc.SetRelay(r)
	if _, err := v.r.Cancel(t.Context(), j.ID); err != nil {
		t.Fatal(err)
	}
	j = v.advance(j.ID)
	if rate, in := v.waits(j.Stage(RoleReturn)); !in || rate < txbuilder.SatPerVByte(20) || len(j.Stage(RoleReturn).Versions) != 1 {
		t.Errorf("waits %v at %s, %d versions", in, rate, len(j.Stage(RoleReturn).Versions))
	}
}

// TestOutbidsTheRate: a version pays more than its planned rate, since it had to replace others.
// The next one is planned above what it really pays: it may be larger.
func TestOutbidsTheRate(t *testing.T) {
	v, j := cheapJob(t, nil)
	m, err := v.r.build.Txs(t.Context(), j, &terms.Terms{Tip: v.height()}, v.r.build.SignPlan)
	if err != nil {
		t.Fatal(err)
	}
	old := *j.Stage(RolePreorder).Versions[0]
	old.Fee *= 50
	rate, fee, err := m.Outbid(t.Context(), &Stage{Role: RolePreorder, Versions: []*Version{&old}})
	if really := txbuilder.RateOf(old.Fee, old.VSize); err != nil || rate < really+m.Relay.Increment || fee <= old.Fee {
		t.Errorf("%s and a fee of %d after %s and %d, %v", rate, fee, really, old.Fee, err)
	}
}

// TestSignedAboveTheFloor: a job was recorded before the floor rose. Nothing is signed that the
// node would refuse.
func TestSignedAboveTheFloor(t *testing.T) {
	v := newWorld(t)
	v.btc.SetRelay(chaintest.CoreRelay(0))
	v.launch("id", 1)
	req := v.register("bob.id")
	req.Rate = txbuilder.RelayRate
	j, err := v.r.Start(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	v.floor(20)
	for _, st := range v.advance(j.ID).Stages {
		for _, ver := range st.Versions {
			if rate := txbuilder.RateOf(ver.Fee, ver.VSize); rate < txbuilder.SatPerVByte(20) {
				t.Errorf("%s was signed at %s", job.Words(st.Role), rate)
			}
		}
	}
}

// TestFloorThatIsALie: a node says that it takes nothing below 1900 sat/vB.
func TestFloorThatIsALie(t *testing.T) {
	v, j := cheapJob(t, nil)
	v.mine(1)
	j = v.advance(j.ID)
	v.floor(1900)
	var much *FloorTooHigh
	got, err := v.r.Advance(t.Context(), j.ID)
	if !errors.As(err, &much) || much.Fee < build.SmallFee {
		t.Errorf("%v", err)
	}
	for _, ver := range got.Stage(RoleRegister).Versions {
		if ver.Fee > build.SmallFee {
			t.Errorf("a fee of %d was signed", ver.Fee)
		}
	}
	v.floor(1)
	if j = v.finish(j.ID); j.State != Done {
		t.Errorf("%s: %s", j.State, j.Reason)
	}
}

// stingy refuses everything for its fee, without a reason that can be seen.
type stingy struct{ *nodePort }

func (s stingy) Broadcast(_ context.Context, tx *wire.MsgTx) error {
	return &Refused{Txid: tx.TxHash(), Class: RefusedFee, Reason: "insufficient fee"}
}

// TestRefusedWithoutReason gives a node that is never content nothing beyond what was signed.
func TestRefusedWithoutReason(t *testing.T) {
	v, j := cheapJob(t, nil)
	v.mine(1)
	j = v.advance(j.ID)
	v.btc.Forget()
	v.with(func(c *Config) { c.Chain = stingy{(*nodePort)(v)} })
	signed := v.w.signed
	for range 3 {
		var no *Refused
		if _, err := v.r.Advance(t.Context(), j.ID); !errors.As(err, &no) {
			t.Errorf("%v", err)
		}
	}
	if v.w.signed != signed {
		t.Errorf("%d more were signed", v.w.signed-signed)
	}
	v.with(func(c *Config) { c.Chain = (*nodePort)(v) })
	if j = v.finish(j.ID); j.State != Done {
		t.Errorf("%s: %s", j.State, j.Reason)
	}
}

// TestRefusedWithARival: a node refuses everything for its fee and shows an older version in its
// pool, block after block. One dearer version is signed each time, and none above what is at stake,
// or what is small.
func TestRefusedWithARival(t *testing.T) {
	for _, role := range []Role{RoleReturn, RoleRegister, RoleSplit, RolePreorder} {
		v, j := cheapJob(t, nil)
		var err error
		switch role {
		case RoleReturn:
			j, err = v.r.Cancel(t.Context(), j.ID)
		case RoleRegister:
			v.mine(1)
			j = v.advance(j.ID)
			v.empty(step.BumpAfter - 1)
		default: // a list
			req := v.list("r", 2)
			req.Rate = txbuilder.RelayRate
			_, ids := v.begin(req)
			v.all()
			id := ids[1]
			if role == RolePreorder {
				v.mine(1)
				v.all()
				id = ids[0]
			}
			v.empty(step.BumpAfter - 1)
			j, err = v.r.Job(t.Context(), id)
		}
		if err != nil {
			t.Fatal(err)
		}
		v.with(func(c *Config) { c.Chain = stingy{(*nodePort)(v)} })
		refused := false
		for range 24 {
			if _, err := v.btc.MineTxs(); err != nil {
				t.Fatal(err)
			}
			v.follow()
			before := v.w.signed
			_, err := v.r.Advance(t.Context(), j.ID)
			refused = refused || errors.As(err, new(*Refused))
			// Coins may have waited long enough, and be refused then; a list gets newer hashes, and
			// then a higher fee.
			if n := v.w.signed - before; n > map[Kind]int{KindRegister: 1, KindSplit: 2, KindSeries: 12}[j.Request.Kind] {
				t.Errorf("%s: %d were signed at once", job.Words(role), n)
			}
		}
		if j, err = v.r.Job(t.Context(), j.ID); err != nil || !refused {
			t.Fatalf("refused %v, %v", refused, err)
		}
		for _, st := range j.Stages {
			for _, ver := range st.Versions {
				if ver.Fee > 2*build.SmallFee {
					t.Errorf("%s pays %d, of %d versions", job.Words(st.Role), ver.Fee, len(st.Versions))
				}
			}
		}
		v.with(func(c *Config) { c.Chain = (*nodePort)(v) })
		for n := 0; n < 12 && v.all(); n++ {
			v.mine(1)
		}
		if j, err = v.r.Job(t.Context(), j.ID); err != nil || j.Open() {
			t.Errorf("%s: %s: %s, %v", job.Words(role), j.State, j.Reason, err)
		}
	}
}

// TestListAboveTheFloor: split, preorders and registrations of a list, each below a floor that
// rises.
func TestListAboveTheFloor(t *testing.T) {
	for blocks := range 3 {
		v := newWorld(t)
		v.launch("id", 1)
		v.btc.SetRelay(chaintest.CoreRelay(0))
		req := v.list("f", 4)
		req.Rate = txbuilder.RelayRate
		_, ids := v.begin(req)
		v.all()
		for range blocks {
			v.mine(1)
			v.all()
		}
		v.floor(12)
		for n := 0; n < 9 && v.all(); n++ {
			txs, _, err := (*nodePort)(v).Unconfirmed(t.Context())
			if err != nil || len(txs) == 0 {
				t.Errorf("after %d blocks: the pool is empty, %v", blocks, err)
			}
			v.mine(1)
		}
		for _, id := range ids {
			if j, err := v.r.Job(t.Context(), id); err != nil || j.State != Done {
				t.Errorf("after %d blocks: %s: %s, %v", blocks, j.State, j.Reason, err)
			}
		}
		if n := v.preorders(); n != 4 {
			t.Errorf("after %d blocks: %d preorders are in the chain", blocks, n)
		}
	}
}

// TestImportsAboveTheFloor: the coins of imports hold what the higher of two rates costs; above
// that the wallet adds to each.
func TestImportsAboveTheFloor(t *testing.T) {
	for blocks := range 3 { // the payment of the keys, the first import, the others
		v, _ := revealed(t)
		v.ring(4)
		v.btc.SetRelay(chaintest.CoreRelay(0))
		req := v.importing(4)
		req.Rate, req.HighRate = txbuilder.RelayRate, 0
		j, err := v.r.Start(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		j = v.advance(j.ID)
		for range blocks {
			v.mine(1)
			j = v.advance(j.ID)
		}
		v.floor(15)
		v.advance(j.ID)
		txs, _, err := (*nodePort)(v).Unconfirmed(t.Context())
		if want := []int{1, 1, 3}[blocks]; err != nil || len(txs) != want {
			t.Errorf("after %d blocks: %d transactions wait, %v; want %d", blocks, len(txs), err, want)
		}
		if j = v.finish(j.ID); j.State != Done {
			t.Errorf("after %d blocks: %s: %s", blocks, j.State, j.Reason)
		}
	}
}

// TestLaunchAboveTheFloor: each transaction of a launch, below a floor that rises.
func TestLaunchAboveTheFloor(t *testing.T) {
	for blocks := range 3 {
		v := newWorld(t)
		v.btc.SetRelay(chaintest.CoreRelay(0))
		req := v.launchRequest("id", 1)
		req.Rate = txbuilder.RelayRate
		j, err := v.r.Start(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		j = v.advance(j.ID)
		for range blocks {
			v.mine(1)
			j = v.advance(j.ID)
		}
		v.floor(15)
		v.advance(j.ID)
		if txs, _, err := (*nodePort)(v).Unconfirmed(t.Context()); err != nil || len(txs) != 1 {
			t.Errorf("after %d blocks: %d transactions wait, %v", blocks, len(txs), err)
		}
		if j = v.finish(j.ID); j.State != Done {
			t.Errorf("after %d blocks: %s: %s", blocks, j.State, j.Reason)
		}
	}
}

// TestRefusedForACoin: a dearer version spends another coin than the cheaper one, and that coin is
// gone. The cheaper version is sent again.
func TestRefusedForACoin(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	v.run(v.register("alice.id"))
	v.onlyCoins(6000, 1e7)
	j, err := v.r.Start(t.Context(), v.ask(KindRevoke))
	if err != nil {
		t.Fatal(err)
	}
	j = v.advance(j.ID)
	dear := coinsOf(t, j.Stage(RoleRevoke).Versions[1])
	v.btc.Forget()
	v.spendCoin(dear[len(dear)-1])
	v.mine(1)
	v.empty(step.BumpAfter)
	j = v.advance(j.ID) // the dearer one would be next
	if _, in := v.waits(j.Stage(RoleRevoke)); !in {
		t.Error("nothing waits to be mined")
	}
	if j = v.finish(j.ID); j.State != Done {
		t.Errorf("%s: %s", j.State, j.Reason)
	}
}
