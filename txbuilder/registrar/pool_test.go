package registrar

import (
	"errors"
	"testing"

	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names/nameop"
	"blockstack/txbuilder"
)

// rival offers a transaction of somebody else with an operation and outputs to the memory pool.
func (v *world) rival(op nameop.Op, outs ...*wire.TxOut) {
	v.t.Helper()
	w := &wallet{t: v.t, btc: v.btc, keys: v.w.keys, blocks: v.w.blocks}
	script := w.add(97, false)
	defer delete(v.w.keys, string(script))
	prev, err := v.btc.Pay(script, 1e6)
	if err != nil {
		v.t.Fatal(err)
	}
	v.mine(1)
	data, err := nameop.Script(v.params.Magic, op)
	if err != nil {
		v.t.Fatal(err)
	}
	in := wire.OutPoint{Hash: prev.TxHash()}
	p, err := psbt.New([]*wire.OutPoint{&in}, append([]*wire.TxOut{wire.NewTxOut(0, data)}, outs...), 2, 0, []uint32{wire.MaxTxInSequenceNum})
	if err != nil {
		v.t.Fatal(err)
	}
	p.Inputs[0].NonWitnessUtxo = prev
	if err := w.Sign(v.t.Context(), p); err != nil {
		v.t.Fatal(err)
	}
	tx, err := txbuilder.Finish(p)
	if err == nil {
		_, err = v.btc.Broadcast(v.t.Context(), tx)
	}
	if err != nil {
		v.t.Fatal(err)
	}
}

// TestRivals looks into the memory pool before money moves: an equal preorder there rules its payer
// out, and a registration of the same name stops the job.
func TestRivals(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	ctx := t.Context()
	e, err := v.r.Plan(ctx, v.register("alice.id"))
	if err != nil {
		t.Fatal(err)
	}
	sender, err := v.params.AddressScript(e.Payer)
	if err != nil {
		t.Fatal(err)
	}
	h, err := txbuilder.PreorderHash(v.params, v.register("alice.id").Name, sender, v.w.owner)
	if err != nil {
		t.Fatal(err)
	}
	stranger := v.w.add(96, false)
	delete(v.w.keys, string(stranger))
	v.rival(nameop.NamePreorder{Hash: h}, wire.NewTxOut(900_000, stranger), wire.NewTxOut(1000, stranger))
	if again, err := v.r.Plan(ctx, v.register("alice.id")); err == nil && again.Payer == e.Payer {
		t.Fatal("the payer whose hash somebody else is using was taken again")
	}
	v.rival(nameop.NameRegistration{Name: "bob.id"}, wire.NewTxOut(900_000, stranger))
	var c *Contested
	if _, err := v.r.Plan(ctx, v.register("bob.id")); !errors.As(err, &c) || c.What != "bob.id" || c.Code() != "contested" {
		t.Fatalf("a registration of it waits in the memory pool: %v", err)
	}
	if _, err := v.r.Plan(ctx, v.register("carol.id")); err != nil {
		t.Fatal(err)
	}
}
