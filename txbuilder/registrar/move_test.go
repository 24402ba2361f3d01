package registrar

import (
	"bytes"
	"errors"
	"testing"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/txbuilder"
)

// segwit is a world whose wallet has only native segwit coins, of these amounts.
func segwit(t *testing.T, amounts ...btcutil.Amount) *world {
	v := newWorld(t)
	v.launch("id", 1)
	for script := range v.w.keys {
		if script != string(v.w.owner) {
			delete(v.w.keys, script)
		}
	}
	script := v.w.native(9)
	v.w.change = v.w.add(5, true)
	for _, a := range amounts {
		v.pay(script, a)
	}
	v.mine(1)
	return v
}

// native makes a key and its P2WPKH script.
func (w *wallet) native(seed byte) []byte {
	key, _ := btcec.PrivKeyFromBytes(bytes.Repeat([]byte{seed}, 32))
	script := append([]byte{0, 20}, address.Hash160(key.PubKey().SerializeCompressed())...)
	w.keys[string(script)] = key
	return script
}

func TestMoveFirst(t *testing.T) {
	v := segwit(t, 3e4, 2e4, 5e4)
	req := v.register("alice.id")
	e := must(v.r.Plan(t.Context(), req))
	if len(e.Transactions) != 3 || e.Transactions[0].Role != RoleMove || e.Transactions[0].Fee <= 0 {
		t.Fatalf("plan of %d transactions", len(e.Transactions))
	}
	if want := e.Transactions[0].Fee + e.Transactions[1].Fee + e.Transactions[2].Fee; e.Fee != want {
		t.Errorf("fee %d, the transactions pay %d", e.Fee, want)
	}
	// The ceiling counts the move.
	tight := req
	tight.MaxTotal = e.Worst - 1
	if _, err := v.r.Plan(t.Context(), tight); !errors.As(err, new(*OverBudget)) {
		t.Errorf("a ceiling of %d below the worst case: %v", tight.MaxTotal, err)
		for _, tx := range e.Transactions {
			t.Logf("%s fee %d high %d burn %d keep %d total %d", tx.Role, tx.Fee, tx.FeeHigh, tx.Burn, tx.Plan.Keep, tx.Plan.Total())
		}
		t.Logf("%+v", e)
	}
	j := v.run(req)
	if j.State != Done {
		t.Fatalf("%s (%s)", j.State, j.Reason)
	}
	view := j.View()
	if len(view.Txids) != 3 || view.FeeSat != int64(e.Fee) {
		t.Errorf("%d transactions for %d, planned was %d", len(view.Txids), view.FeeSat, e.Fee)
	}
	if rec := must(v.x.Record(t.Context(), req.Name)); !bytes.Equal(rec.Owner, v.w.owner) {
		t.Errorf("owner %x", rec.Owner)
	}
	v.audit(j)
}

// audit: every transaction but the move spends only coins that the name system reads.
func (v *world) audit(j *Job) {
	v.t.Helper()
	for _, s := range j.Stages {
		for _, ver := range s.Versions {
			tx := must(ver.Tx())
			for _, in := range tx.TxIn {
				if s.Role == RoleMove {
					continue
				}
				for _, o := range j.Stages {
					for _, p := range o.Versions {
						if p.Txid != in.PreviousOutPoint.Hash {
							continue
						}
						if k := txbuilder.KindOf(must(p.Tx()).TxOut[in.PreviousOutPoint.Index].PkScript); k != txbuilder.KindP2SH && k != txbuilder.KindP2PKH {
							v.t.Errorf("%s spends %s", s.Role, k)
						}
					}
				}
			}
		}
	}
}

func TestMoveFirstForOwner(t *testing.T) {
	v := segwit(t, 2e5)
	j := v.run(v.register("alice.id"))
	// What came back is nested; take it away, so that only native coins are left.
	delete(v.w.keys, string(v.w.change))
	v.w.change = v.w.add(6, true)
	v.pay(v.w.native(9), 1e5)
	v.pay(v.w.owner, 1e4)
	v.mine(1)
	for _, req := range []Request{
		{Kind: KindRenew, Name: j.Request.Name, Owner: v.w.owner, Rate: j.Request.Rate},
		{Kind: KindTransfer, Name: j.Request.Name, Owner: v.w.owner, To: v.w.add(7, false), Rate: j.Request.Rate},
	} {
		before := len(v.btc.Sent())
		done := v.run(req)
		if done.State != Done {
			t.Fatalf("%s: %s (%s)", req.Kind, done.State, done.Reason)
		}
		if n := len(v.btc.Sent()) - before; req.Kind == KindRenew && n != 2 {
			t.Errorf("%s: %d transactions", req.Kind, n)
		}
		v.audit(done)
	}
}

// The wallet locks itself after signing; a program that is stopped anywhere goes on; what was
// signed ahead is enough.
func TestMoveNeedsOneUnlock(t *testing.T) {
	v := segwit(t, 1e5)
	j := must(v.r.Start(t.Context(), v.register("alice.id")))
	v.advance(j.ID)
	v.w.locked = true
	for range 10 {
		v.open()
		if j = v.advance(j.ID); !j.Open() {
			break
		}
		v.mine(1)
	}
	if j.State != Done {
		t.Fatalf("%s (%s)", j.State, j.Reason)
	}
}

// A reorg takes the move out of the chain, and the preorder with it.
func TestMoveReorg(t *testing.T) {
	v := segwit(t, 1e5)
	j := must(v.r.Start(t.Context(), v.register("alice.id")))
	for range 2 {
		v.advance(j.ID)
		v.mine(1)
	}
	if j = v.advance(j.ID); j.State != RegisterSigned {
		t.Fatalf("%s", j.State)
	}
	if err := v.btc.Reorg(3, false); err != nil {
		t.Fatal(err)
	}
	v.follow()
	if j = v.finish(j.ID); j.State != Done {
		t.Fatalf("%s (%s)", j.State, j.Reason)
	}
	if n := len(j.Stage(RolePreorder).Versions); n > 4 {
		t.Errorf("%d preorders were signed", n)
	}
}

// Not enough is said before anything is written, with what is there in all kinds.
func TestMoveTooLittle(t *testing.T) {
	v := segwit(t, 2000, 3000)
	_, err := v.r.Start(t.Context(), v.register("alice.id"))
	var short *txbuilder.InsufficientFunds
	if !errors.As(err, &short) || short.Need <= short.Have {
		t.Fatalf("%v", err)
	}
}

// The move is cancelled without harm: the coins are the wallet's own.
func TestMoveCancel(t *testing.T) {
	v := segwit(t, 1e5)
	j := must(v.r.Start(t.Context(), v.register("alice.id")))
	j = v.advance(j.ID)
	if j.State != MoveSigned {
		t.Fatalf("%s", j.State)
	}
	if j = must(v.r.Cancel(t.Context(), j.ID)); j.State != Cancelled {
		t.Fatalf("%s", j.State)
	}
	v.mine(1)
	if j = v.run(v.register("bob.id")); j.State != Done || j.Stage(RoleMove) != nil {
		t.Errorf("%s; moved again: %t", j.State, j.Stage(RoleMove) != nil)
	}
}

// All three are signed in one go elsewhere, too.
func TestMoveExternal(t *testing.T) {
	v := segwit(t, 1e5)
	v.w.locked = true
	j := v.external(v.register("alice.id"))
	if n := len(j.Drafts()); n != 3 || j.Drafts()[0].Role != RoleMove {
		t.Fatalf("%d drafts", n)
	}
	drafts := j.Drafts()
	v.accept(v.sign(drafts[2]))
	v.accept(v.sign(drafts[1]))
	if j = v.accept(v.sign(drafts[0])); j.State != MoveSigned {
		t.Fatalf("%s", j.State)
	}
	j, trips := v.signAll(j.ID)
	if j.State != Done || trips != 0 {
		t.Fatalf("%s (%s) after %d more trips", j.State, j.Reason, trips)
	}
}

// While the move waits for a block the preorder's consensus hash gets too old.
func TestMoveIsSlow(t *testing.T) {
	v := segwit(t, 1e5)
	j := must(v.r.Start(t.Context(), v.register("alice.id")))
	v.fail = func(boundary string) error {
		if boundary == "before broadcast" {
			return errFault // it does not get through
		}
		return nil
	}
	for range 30 {
		if _, err := v.r.Advance(t.Context(), j.ID); !errors.Is(err, errFault) {
			t.Fatal(err)
		}
		v.mine(1)
	}
	if j = must(v.r.Job(t.Context(), j.ID)); j.State != MoveSigned {
		t.Fatalf("%s", j.State)
	}
	v.fail = nil
	if j = v.finish(j.ID); j.State != Done {
		t.Fatalf("%s (%s)", j.State, j.Reason)
	}
	mined := map[chainhash.Hash]bool{}
	for _, ver := range j.Stage(RolePreorder).Versions {
		if op, ok, err := v.x.OpStatus(t.Context(), ver.Txid); err == nil && ok {
			mined[ver.Txid] = op.Accepted
		}
	}
	if len(mined) != 1 {
		t.Errorf("%d preorders in the chain", len(mined))
	}
}
