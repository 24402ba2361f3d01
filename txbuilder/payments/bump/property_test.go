package bump

import (
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/txbuilder"
	"blockstack/txbuilder/payments"
	"blockstack/txbuilder/payments/paid"
	"blockstack/txbuilder/payments/send"
)

// purse is a wallet of coins that were made up.
type purse struct {
	rnd   *rand.Rand
	txs   map[chainhash.Hash]*wire.MsgTx
	coins []payments.Coin
	made  uint32
}

// script is a P2WPKH script that nobody else has.
func (p *purse) script() []byte {
	p.made++
	return binary.BigEndian.AppendUint32(append([]byte{0, 20}, make([]byte, 16)...), p.made)
}

// coin makes a transaction that gives the wallet an amount.
func (p *purse) coin(sat int64) wire.OutPoint {
	tx := wire.NewMsgTx(2)
	tx.AddTxIn(wire.NewTxIn(&wire.OutPoint{Hash: chainhash.Hash{1}, Index: p.made}, nil, nil))
	tx.AddTxOut(wire.NewTxOut(sat, p.script()))
	return p.own(tx, 0, 1)
}

// own takes an output of a transaction for the wallet's.
func (p *purse) own(tx *wire.MsgTx, i int, confirmations int32) wire.OutPoint {
	p.txs[tx.TxHash()] = tx
	op := wire.OutPoint{Hash: tx.TxHash(), Index: uint32(i)}
	c := payments.Coin{Role: payments.RolePayment, Confirmations: confirmations, Own: true}
	c.Credit = wtxmgr.Credit{OutPoint: op, Amount: btcutil.Amount(tx.TxOut[i].Value), PkScript: tx.TxOut[i].PkScript}
	c.Height = 5
	p.coins = append(p.coins, c)
	return op
}

func (p *purse) Spendable(context.Context, int32) (list []wtxmgr.Credit, err error) {
	for _, c := range p.coins {
		if c.Confirmations > 0 {
			list = append(list, c.Credit)
		}
	}
	return list, nil
}

func (p *purse) PrevTx(_ context.Context, op wire.OutPoint) (*wire.MsgTx, error) {
	if tx := p.txs[op.Hash]; tx != nil {
		return tx, nil
	}
	return nil, errors.New("unknown")
}

func (p *purse) ChangeScript(context.Context) ([]byte, error)   { return p.script(), nil }
func (p *purse) Tip(context.Context) (payments.Tip, error)      { return payments.Tip{Height: 900}, nil }
func (p *purse) Coins(context.Context) ([]payments.Coin, error) { return p.coins, nil }
func (p *purse) CheckSigned(context.Context, *wire.MsgTx) error { return nil }
func (p *purse) Sign(context.Context, *psbt.Packet) error       { return errors.New("no keys") }
func (p *purse) builder(t *testing.T) *txbuilder.Builder {
	t.Helper()
	b, err := txbuilder.New(txbuilder.Config{Net: &chaincfg.RegressionNetParams, Coins: p, Height: 900})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// market is a node that says what its memory pool wants.
type market struct {
	increment txbuilder.FeeRate
	hanging   btcutil.Amount
	txs       map[chainhash.Hash]*wire.MsgTx
}

func (m *market) Broadcast(context.Context, *wire.MsgTx) (send.Outcome, error) {
	return 0, errors.New("nothing is sent here")
}

func (m *market) Fees(context.Context) (Fees, error) {
	return Fees{Increment: m.increment, Least: txbuilder.RelayRate}, nil
}

func (m *market) HangingFees(context.Context, chainhash.Hash) (btcutil.Amount, error) {
	return m.hanging, nil
}

func (m *market) Tx(_ context.Context, txid chainhash.Hash) (*wire.MsgTx, bool) {
	return m.txs[txid], m.txs[txid] != nil
}

// waiting is a payment from some coins to strangers, with a low fee and often with change.
func (p *purse) waiting() *paid.Entry {
	tx := wire.NewMsgTx(2)
	var in, out int64
	for range 1 + p.rnd.IntN(4) {
		sat := 20_000 + p.rnd.Int64N(500_000)
		op := p.coin(sat)
		p.coins[len(p.coins)-1].Confirmations = 0 // it is spent
		txin := wire.NewTxIn(&op, nil, nil)
		txin.Sequence = wire.MaxTxInSequenceNum - 2
		tx.AddTxIn(txin)
		in += sat
	}
	e := &paid.Entry{Height: -1, Spent: btcutil.Amount(in), FeeKnown: true}
	for range 1 + p.rnd.IntN(3) {
		sat := 1_000 + p.rnd.Int64N(in/8)
		tx.AddTxOut(wire.NewTxOut(sat, p.script()))
		e.Outputs = append(e.Outputs, paid.Output{Amount: btcutil.Amount(sat), Script: tx.TxOut[len(tx.TxOut)-1].PkScript})
		out += sat
	}
	e.Fee = btcutil.Amount(200 + p.rnd.Int64N(2_000))
	if change := in - out - int64(e.Fee); p.rnd.IntN(4) > 0 {
		tx.AddTxOut(wire.NewTxOut(change, p.script()))
		e.Outputs = append(e.Outputs, paid.Output{Amount: btcutil.Amount(change), Script: tx.TxOut[len(tx.TxOut)-1].PkScript, Ours: true, Change: true})
	} else {
		e.Fee += btcutil.Amount(change)
	}
	e.Tx, e.Txid = tx, tx.TxHash()
	return e
}

// TestReplacement replaces payments of all shapes: whatever they were, the replacement spends all
// that they spend, pays the same payees the same, pays for all that it evicts and for its own size
// on top (BIP 125, rules 3 and 4), and no less than the rate.
func TestReplacement(t *testing.T) {
	made, short := 0, 0
	for seed := range uint64(300) {
		p := &purse{rnd: rand.New(rand.NewPCG(seed, 1)), txs: map[chainhash.Hash]*wire.MsgTx{}}
		e := p.waiting()
		for range p.rnd.IntN(4) {
			p.coin(5_000 + p.rnd.Int64N(200_000))
		}
		m := &market{increment: txbuilder.FeeRate(1_000 + p.rnd.Int64N(4_000)), hanging: btcutil.Amount(p.rnd.Int64N(3) * 5_000)}
		o := Options{Rate: txbuilder.FeeRate(1_000 + p.rnd.Int64N(40_000)), Closed: p.rnd.IntN(3) == 0}
		r := payment(o, 812)
		plan, err := replacement(t.Context(), p, m, p.builder(t), e, r)
		if errors.Is(err, txbuilder.ErrInsufficientFunds) {
			short++
			continue
		}
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		made++
		tx := plan.Packet.UnsignedTx
		if least := e.Fee + m.hanging + m.increment.Fee(plan.VSize); plan.Fee < least || plan.Fee < o.Rate.Fee(plan.VSize) {
			t.Errorf("seed %d: a fee of %v for %d vB; what it evicts and its own size want %v", seed, plan.Fee, plan.VSize, least)
		}
		spends := map[wire.OutPoint]bool{}
		for _, in := range tx.TxIn {
			spends[in.PreviousOutPoint] = true
		}
		for _, in := range e.Tx.TxIn {
			if !spends[in.PreviousOutPoint] {
				t.Errorf("seed %d: it leaves the coin %s, so that both can be mined", seed, in.PreviousOutPoint)
			}
		}
		if o.Closed && len(tx.TxIn) != len(e.Tx.TxIn) {
			t.Errorf("seed %d: it adds inputs", seed)
		}
		if !paysSame(tx, &paid.Entry{Outputs: append(e.Outputs, paid.Output{Ours: true})}) {
			t.Errorf("seed %d: others are paid otherwise", seed)
		}
		if tx.LockTime != 812 {
			t.Errorf("seed %d: a lock time of %d", seed, tx.LockTime)
		}
		var in, out btcutil.Amount
		for op := range spends {
			in += btcutil.Amount(p.txs[op.Hash].TxOut[op.Index].Value)
		}
		for i, o := range tx.TxOut {
			if out += btcutil.Amount(o.Value); btcutil.Amount(o.Value) < txbuilder.DustLimit(o.PkScript) {
				t.Errorf("seed %d: output %d is dust", seed, i)
			}
		}
		if in-out != plan.Fee {
			t.Errorf("seed %d: %v in, %v out, a fee of %v", seed, in, out, plan.Fee)
		}
	}
	if made < 150 || short == 0 {
		t.Errorf("%d were replaced, %d had no money for it: the cases are not mixed", made, short)
	}
}

// TestChild pulls along payments to us: both together pay the rate, the child alone does, and all
// of it comes back to ourselves.
func TestChild(t *testing.T) {
	made := 0
	for seed := range uint64(200) {
		p := &purse{rnd: rand.New(rand.NewPCG(seed, 2)), txs: map[chainhash.Hash]*wire.MsgTx{}}
		m := &market{txs: map[chainhash.Hash]*wire.MsgTx{}}
		prev := wire.NewMsgTx(2)
		prev.AddTxIn(wire.NewTxIn(&wire.OutPoint{Hash: chainhash.Hash{7}}, nil, nil))
		prev.AddTxOut(wire.NewTxOut(10_000_000, p.script()))
		tx := wire.NewMsgTx(2)
		tx.AddTxIn(wire.NewTxIn(&wire.OutPoint{Hash: prev.TxHash()}, make([]byte, 100), nil))
		gives := 1_000 + p.rnd.Int64N(100_000)
		paysFee := p.rnd.Int64N(3_000)
		tx.AddTxOut(wire.NewTxOut(10_000_000-gives-paysFee, p.script()))
		tx.AddTxOut(wire.NewTxOut(gives, p.script()))
		op := p.own(tx, 1, 0)
		known := p.rnd.IntN(2) == 0 // the node knows what it spends
		parentFee := btcutil.Amount(0)
		if known {
			m.txs[prev.TxHash()], parentFee = prev, btcutil.Amount(paysFee)
		}
		e := &paid.Entry{Tx: tx, Txid: tx.TxHash(), Height: -1}
		rate := txbuilder.FeeRate(1_000 + p.rnd.Int64N(50_000))
		plan, err := child(t.Context(), p, m, p.builder(t), e, payment(Options{Rate: rate}, 0))
		if errors.Is(err, txbuilder.ErrInsufficientFunds) {
			continue
		}
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		made++
		both := payments.VSize(tx) + plan.VSize
		if parentFee+plan.Fee < rate.Fee(both) || plan.Fee < rate.Fee(plan.VSize) {
			t.Errorf("seed %d: fees of %v and %v for %d vB at %s", seed, parentFee, plan.Fee, both, rate)
		}
		got := plan.Packet.UnsignedTx
		if len(got.TxIn) != 1 || got.TxIn[0].PreviousOutPoint != op || len(got.TxOut) != 1 || btcutil.Amount(got.TxOut[0].Value)+plan.Fee != btcutil.Amount(gives) {
			t.Errorf("seed %d: %+v", seed, got)
		}
	}
	if made < 80 {
		t.Errorf("only %d children", made)
	}
	p := &purse{txs: map[chainhash.Hash]*wire.MsgTx{}}
	none := wire.NewMsgTx(2)
	none.AddTxOut(wire.NewTxOut(1, p.script()))
	var no *Refused
	if _, err := child(t.Context(), p, &market{}, p.builder(t), &paid.Entry{Tx: none, Txid: none.TxHash()}, payment(Options{Rate: 1_000}, 0)); !errors.As(err, &no) || no.Why != GivesNone {
		t.Errorf("it gives us nothing: %v", err)
	}
}

// TestChildFee: what a child pays is enough, and one satoshi less is not.
func TestChildFee(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 3))
	for range 10_000 {
		rate, fee := txbuilder.FeeRate(1_000+rnd.Int64N(100_000)), btcutil.Amount(rnd.Int64N(50_000))
		parent, size := 100+rnd.Int64N(2_000), 100+rnd.Int64N(300)
		enough := func(f btcutil.Amount) bool { return fee+f >= rate.Fee(parent+size) && f >= rate.Fee(size) }
		if f := childFee(rate, fee, parent, size); !enough(f) || enough(f-1) {
			t.Fatalf("%v at %s for %d and %d vB beside %v", f, rate, parent, size, fee)
		}
	}
}
