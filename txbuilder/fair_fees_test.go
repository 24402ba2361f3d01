package txbuilder

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/mempool"
	"github.com/btcsuite/btcd/wire/v2"
)

// cost is what a signed transaction takes from who sends it, and how large it is.
type cost struct {
	vsize int64
	fee   btcutil.Amount
	given btcutil.Amount // to burn and dust outputs that do not come back
}

func (c cost) total() btcutil.Amount { return c.fee + c.given }

// oldCost reads a transaction of the old library. change is the script of the payer.
func (b *bench) oldCost() cost {
	b.t.Helper()
	raw, err := hex.DecodeString(b.v.Tx)
	if err != nil {
		b.t.Fatal(err)
	}
	var tx wire.MsgTx
	if err := tx.Deserialize(bytes.NewReader(raw)); err != nil {
		b.t.Fatal(err)
	}
	values := map[wire.OutPoint]btcutil.Amount{}
	for addr := range b.v.Utxos {
		for _, u := range b.utxos(addr, false) {
			values[u.op] = u.value
		}
	}
	var in btcutil.Amount
	for _, i := range tx.TxIn {
		v, known := values[i.PreviousOutPoint]
		if !known {
			b.t.Fatalf("input %s is no coin of the vector", i.PreviousOutPoint)
		}
		in += v
	}
	return b.costOf(&tx, in)
}

// costOf tells fee, and what goes to others than the payer. A signature is 70 to 72 bytes long by
// chance, so each counts as the longest.
func (b *bench) costOf(tx *wire.MsgTx, in btcutil.Amount) cost {
	const longest = 1 + sigSize + 1 + pubKeySize
	c := cost{vsize: mempool.GetTxVirtualSize(btcutil.NewTx(tx)), fee: in}
	for _, i := range tx.TxIn {
		c.vsize += int64(longest - len(i.SignatureScript))
	}
	for _, o := range tx.TxOut {
		c.fee -= btcutil.Amount(o.Value)
		if !bytes.Equal(o.PkScript, b.payer) {
			c.given += btcutil.Amount(o.Value)
		}
	}
	return c
}

// ourCost builds and signs the operation from coins of the same values, of a kind: P2PKH like the
// old library's, or nested segwit, the wallet's own custom.
func (b *bench) ourCost(kind ScriptKind) cost {
	t := b.t
	t.Helper()
	w := newTestWallet(t, &chaincfg.MainNetParams)
	coins := b.utxos(b.v.Args.PayerAddress, false)
	b.payer = w.addKey(b.sender, kind)
	w.change = b.payer
	for _, u := range coins {
		w.fund(b.payer, u.value)
	}
	builder, err := New(Config{Params: b.p, Net: &chaincfg.MainNetParams, Coins: w, Height: b.vectorHeight()})
	if err != nil {
		t.Fatal(err)
	}
	p, err := b.build(builder, w)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Sign(t.Context(), p.Packet); err != nil {
		t.Fatal(err)
	}
	tx, err := p.Finish()
	if err != nil {
		t.Fatal(err)
	}
	var in btcutil.Amount
	for i := range tx.TxIn {
		in += btcutil.Amount(previous(p.Packet, i).Value)
	}
	c := b.costOf(tx, in)
	if kind != KindP2PKH {
		c.vsize = p.VSize
	}
	return c
}

// TestFairFees puts our preorder and registration beside those that the old library made from the
// same coins at the same fee rate: ours must be no larger and cost no more, each alone and both
// together. The owner's coin and the price count: the old library gives every owner 5500 satoshi
// that it did not ask for.
func TestFairFees(t *testing.T) {
	type row struct {
		op                string
		rate              int64
		old, ours, nested cost
	}
	var rows []row
	n := 0
	for _, v := range readTransactions(t) {
		switch v.Op {
		case "makePreorder", "makeRegister (no zone file)", "makeRegister (zone file)":
		default:
			continue
		}
		if v.Error != "" {
			continue
		}
		n++
		b := newBench(t, v)
		rows = append(rows, row{v.Op, v.Args.FeeRate, b.oldCost(), b.ourCost(KindP2PKH), b.ourCost(KindP2SH)})
	}
	t.Logf("%-28s %8s %15s %21s %23s", "", "sat/vB", "vB old / ours", "fee old / ours", "in all old / ours")
	for _, r := range rows {
		t.Logf("%-28s %8d %7d / %5d %10d / %8d %11d / %9d", r.op, r.rate, r.old.vsize, r.ours.vsize, r.old.fee, r.ours.fee, r.old.total(), r.ours.total())
		if r.ours.vsize > r.old.vsize || r.ours.fee > r.old.fee || r.ours.total() > r.old.total() {
			t.Errorf("%s at %d sat/vB: ours is %+v, the old library's %+v", r.op, r.rate, r.ours, r.old)
		}
	}
	// A registration as a whole: preorder, then register with a zone file.
	for i, r := range rows {
		if r.op != "makePreorder" {
			continue
		}
		for _, s := range rows[i+1:] {
			if s.op != "makeRegister (zone file)" {
				continue
			}
			t.Logf("a registration at %d sat/vB: %d vB and %d sat, from nested coins %d vB and %d sat; the old library's %d vB and %d sat", r.rate,
				r.ours.vsize+s.ours.vsize, r.ours.total()+s.ours.total(), r.nested.vsize+s.nested.vsize, r.nested.total()+s.nested.total(),
				r.old.vsize+s.old.vsize, r.old.total()+s.old.total())
			if r.nested.total()+s.nested.total() > r.ours.total()+s.ours.total() {
				t.Error("nested coins cost more")
			}
			break
		}
	}
	if n == 0 {
		t.Fatal("no registration among the vectors")
	}
}
