package registrar

import (
	"bytes"
	"errors"
	"testing"

	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
)

// forgetful is the same machine without its journal.
func (v *world) forgetful() *world { return v.elsewhere() }

// remember is a rescue with all scripts of the wallet.
func (v *world) remember(words ...string) RescueRequest {
	v.t.Helper()
	req := RescueRequest{Template: Request{Rate: 10_000}}
	for script := range v.w.keys {
		req.Scripts = append(req.Scripts, []byte(script))
		req.Owners = append(req.Owners, []byte(script))
	}
	for _, word := range words {
		n, err := names.Parse(word)
		if err != nil {
			v.t.Fatal(err)
		}
		req.Names = append(req.Names, n)
	}
	return req
}

// TestRescue loses everything but the keys after the preorder is in a block, and gets the name all
// the same, without another preorder.
func TestRescue(t *testing.T) {
	for _, version := range []uint16{1, 3} {
		v := newWorld(t)
		v.launch("id", version)
		j, err := v.r.Start(t.Context(), v.register("alice.id"))
		if err != nil {
			t.Fatal(err)
		}
		before := v.advance(j.ID)
		v.mine(1)
		far := v.forgetful()

		// Nobody pays again for what is paid: the same request goes on with it.
		e, err := far.r.Plan(t.Context(), far.register("alice.id"))
		if err != nil || e.Found == nil || e.Found.Txid != before.Stages[0].Versions[0].Txid || e.Burn != 0 {
			t.Errorf("another preorder: %+v, %v", e, err)
		}
		elsewhere := far.register("alice.id")
		elsewhere.Owner = v.w.payer2
		_, err = far.r.Plan(t.Context(), elsewhere)
		if mine := new(PreorderOurs); !errors.As(err, &mine) || mine.Txid != before.Stages[0].Versions[0].Txid || !bytes.Equal(mine.Owner, v.w.owner) {
			t.Errorf("another preorder: %v", err)
		}

		list, err := far.r.Rescue(t.Context(), far.remember("bob.id", "carol.id"), false)
		if err != nil || len(list) != 1 || list[0].Job != nil || list[0].Lapsed || list[0].Until != list[0].Height+v.params.NamePreorderLifetime {
			t.Fatalf("without its name: %+v, %v", list, err)
		}
		req := far.remember("bob.id", "alice.id")
		if list, err = far.r.Rescue(t.Context(), req, true); err != nil || list[0].Job == nil || list[0].Name.String() != "alice.id" {
			t.Fatalf("dry: %+v, %v", list[0], err)
		}
		if jobs, err := far.r.Jobs(t.Context()); err != nil || len(jobs) != 0 {
			t.Fatalf("dry wrote %d jobs, %v", len(jobs), err)
		}
		req.Template.ZoneFile = v.register("alice.id").ZoneFile
		list, err = far.r.Rescue(t.Context(), req, false)
		if err != nil || list[0].Job == nil {
			t.Fatalf("%+v, %v", list[0], err)
		}
		got := list[0].Job
		if p := got.Stage(RolePreorder).Versions[0]; p.Fee != before.Stages[0].Versions[0].Fee || p.Burn != before.Stages[0].Versions[0].Burn ||
			p.Window != before.Stages[0].Versions[0].Window || p.Quoted != before.Stages[0].Versions[0].Quoted {
			t.Errorf("read off the chain: %+v, was %+v", p, before.Stages[0].Versions[0])
		}
		if got.Price.Unit != before.Price.Unit || version == 3 && got.Price.Amount.Cmp(before.Price.Amount) != 0 || !bytes.Equal(got.Sender, before.Sender) {
			t.Errorf("price %+v, was %+v", got.Price, before.Price)
		}
		if again, err := far.r.Rescue(t.Context(), req, false); err != nil || again[0].Owned == nil || again[0].Owned.ID != got.ID {
			t.Errorf("again: %+v, %v", again[0], err)
		}
		if done := far.finish(got.ID); done.State != Done {
			t.Fatalf("%s: %s", done.State, done.Reason)
		}
		if n := v.preorders(); n != 1 {
			t.Errorf("%d preorders", n)
		}
		// The first machine finds what the other one did.
		if mine := v.advance(j.ID); mine.State != Done {
			t.Errorf("the first machine: %s: %s", mine.State, mine.Reason)
		}
	}
}

// spend pays an output of a transaction away, as a payment from another machine does.
func (v *world) spend(parent *Version, index int) {
	v.t.Helper()
	tx, err := parent.Tx()
	if err != nil {
		v.t.Fatal(err)
	}
	out := wire.NewMsgTx(2)
	out.AddTxIn(wire.NewTxIn(&wire.OutPoint{Hash: parent.Txid, Index: uint32(index)}, nil, nil))
	out.AddTxOut(wire.NewTxOut(tx.TxOut[index].Value-10_000, v.w.change))
	p, err := psbt.NewFromUnsignedTx(out)
	if err != nil {
		v.t.Fatal(err)
	}
	p.Inputs[0].NonWitnessUtxo, p.Inputs[0].SighashType = tx, txscript.SigHashAll
	if txscript.IsPayToScriptHash(tx.TxOut[index].PkScript) {
		p.Inputs[0].WitnessUtxo = tx.TxOut[index]
	}
	if err := v.w.Sign(v.t.Context(), p); err != nil {
		v.t.Fatal(err)
	}
	if err := psbt.MaybeFinalizeAll(p); err != nil {
		v.t.Fatal(err)
	}
	signed, err := psbt.Extract(p)
	if err != nil {
		v.t.Fatal(err)
	}
	if _, err := v.btc.Broadcast(v.t.Context(), signed); err != nil {
		v.t.Fatal(err)
	}
}

// TestRescueSpentChange: while nobody knew what it was for, the preorder's change was paid away.
// Another coin of the same script serves.
func TestRescueSpentChange(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	j, err := v.r.Start(t.Context(), v.register("alice.id"))
	if err != nil {
		t.Fatal(err)
	}
	pre := v.advance(j.ID)
	v.mine(1)
	far := v.forgetful()
	v.spend(pre.Stage(RolePreorder).Versions[0], 1)
	v.pay(pre.Sender, 50_000)
	v.mine(1)
	list, err := far.r.Rescue(t.Context(), far.remember("alice.id"), false)
	if err != nil || list[0].Job == nil {
		t.Fatalf("%+v, %v", list, err)
	}
	if done := far.finish(list[0].Job.ID); done.State != Done {
		t.Fatalf("%s: %s", done.State, done.Reason)
	}
}

// TestRescueLapsed finds a preorder that is too old and makes no job of it.
func TestRescueLapsed(t *testing.T) {
	v := newWorld(t, func(p *names.Params) { p.NamePreorderLifetime = 5 })
	v.launch("id", 1)
	j, err := v.r.Start(t.Context(), v.register("alice.id"))
	if err != nil {
		t.Fatal(err)
	}
	v.advance(j.ID)
	v.mine(8)
	far := v.forgetful()
	list, err := far.r.Rescue(t.Context(), far.remember("alice.id"), false)
	if err != nil || len(list) != 1 || !list[0].Lapsed || list[0].Job != nil || list[0].Name.IsZero() {
		t.Fatalf("%+v, %v", list, err)
	}
	// A new one, from another address, is no second payment for the same thing.
	if done := far.run(far.register("alice.id")); done.State != Done {
		t.Errorf("%s: %s", done.State, done.Reason)
	}
}

// TestRescueLaunch goes on with a namespace whose preorder is all that is left.
func TestRescueLaunch(t *testing.T) {
	v := newWorld(t)
	req := v.launchRequest("id", 1)
	j, err := v.r.Start(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	v.advance(j.ID)
	v.mine(1)
	far := v.forgetful()
	if e, err := far.r.Plan(t.Context(), req); err != nil || e.Found == nil || e.Found.Job.State != PreorderSigned {
		t.Errorf("another preorder: %+v, %v", e, err)
	}
	r := far.remember()
	r.Namespaces = append(r.Namespaces, *req.Namespace)
	list, err := far.r.Rescue(t.Context(), r, false)
	if err != nil || len(list) != 1 || list[0].Job == nil || list[0].Namespace != "id" {
		t.Fatalf("%+v, %v", list, err)
	}
	if done := far.finish(list[0].Job.ID); done.State != Done {
		t.Fatalf("%s: %s", done.State, done.Reason)
	}
	if mine := v.advance(j.ID); mine.State != Done {
		t.Errorf("the first machine: %s: %s", mine.State, mine.Reason)
	}
}
