package txbuilder

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/wallet/txrules"
)

// propertyRuns is how many random wallets are paid from: a few thousand in every run of the tests,
// as many as wanted in a long one (PROPERTY_RUNS=1000000).
func propertyRuns(t *testing.T) int {
	text := os.Getenv("PROPERTY_RUNS")
	if text == "" {
		return 3000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// purse makes random wallets over a fixed set of scripts.
type purse struct {
	r      *rand.Rand
	w      *testWallet
	ours   [][]byte
	owners [][]byte
	others [][]byte
	frozen map[wire.OutPoint]bool
}

func newPurse(t *testing.T) *purse {
	p := &purse{r: rand.New(rand.NewPCG(7, 7)), w: newTestWallet(t, &chaincfg.MainNetParams)}
	for _, kind := range []ScriptKind{KindP2PKH, KindP2SH, KindP2WPKH, KindP2TR} {
		for range 3 {
			p.ours = append(p.ours, p.w.newScript(p.r, kind))
			p.others = append(p.others, p.w.newScript(p.r, kind))
		}
	}
	for range 2 {
		p.owners = append(p.owners, p.w.newScript(p.r, KindP2PKH))
	}
	return p
}

// fill gives the wallet other coins: of any size, some frozen, some at owner addresses.
func (p *purse) fill() {
	p.w.coins, p.frozen = nil, map[wire.OutPoint]bool{}
	clear(p.w.txs)
	p.w.change = pick(p.r, p.ours...)
	for range p.r.IntN(25) {
		c := p.w.fund(pick(p.r, p.ours...), p.amount())
		p.frozen[c.OutPoint] = p.r.IntN(5) == 0
	}
	for range p.r.IntN(3) {
		p.w.fund(pick(p.r, p.owners...), p.amount())
	}
}

func (p *purse) amount() btcutil.Amount {
	return btcutil.Amount(300) << p.r.IntN(20) * btcutil.Amount(8+p.r.IntN(8)) / 8
}

// request asks for something: one payee or several, everything, the fee on top or out of it, from
// any coins or given ones.
func (p *purse) request() PaymentRequest {
	r := PaymentRequest{Funding: Funding{Rate: RelayRate + FeeRate(p.r.IntN(200_000))}, To: pick(p.r, p.others...), Amount: 600 + p.amount()}
	switch p.r.IntN(6) {
	case 0:
		r.All = true
	case 1:
		r.SubtractFee = true
	}
	if !r.All {
		for range p.r.IntN(4) * p.r.IntN(2) {
			r.More = append(r.More, Payee{To: pick(p.r, p.others...), Amount: 600 + p.amount()})
		}
	}
	if p.r.IntN(8) == 0 {
		for _, c := range p.w.coins {
			if !p.frozen[c.OutPoint] && p.r.IntN(3) == 0 && !p.owned(c.PkScript) {
				r.Inputs = append(r.Inputs, Input{OutPoint: c.OutPoint, Tx: p.w.txs[c.Hash]})
			}
		}
		r.Closed = len(r.Inputs) > 0 && p.r.IntN(2) == 0
	}
	if p.r.IntN(10) == 0 && !r.SubtractFee {
		r.MinFee = btcutil.Amount(p.r.IntN(20_000))
	}
	return r
}

func (p *purse) owned(script []byte) bool {
	for _, s := range p.owners {
		if bytes.Equal(s, script) {
			return true
		}
	}
	return false
}

// TestPaymentProperties pays from random wallets. Whatever is asked, inputs are outputs and fee,
// the rate is what was asked for, nothing is dust, no frozen or owner coin is spent, and what is
// left comes back.
func TestPaymentProperties(t *testing.T) {
	p := newPurse(t)
	made, changeless, short := 0, 0, 0
	for run := range propertyRuns(t) {
		p.fill()
		b, err := New(Config{Net: p.w.net, Coins: p.w, Height: 700_000, Owner: p.owned, MaxFee: btcutil.MaxSatoshi,
			Reserved: func(op wire.OutPoint) bool { return p.frozen[op] }})
		if err != nil {
			t.Fatal(err)
		}
		r := p.request()
		plan, err := b.Payment(t.Context(), r)
		switch {
		case errors.Is(err, ErrInsufficientFunds) || errors.Is(err, ErrDust):
			short++
			if err := p.mustBeShort(r, err); err != nil {
				t.Fatalf("run %d: %+v: %v", run, r, err)
			}
			continue
		case err != nil:
			t.Fatalf("run %d: %+v: %v", run, r, err)
		}
		made++
		if plan.Change < 0 {
			changeless++
		}
		if err := p.hold(r, plan); err != nil {
			t.Fatalf("run %d: %+v: %v", run, r, err)
		}
	}
	if made < short || changeless*50 < made {
		t.Errorf("%d payments were made (%d without change), %d were not: the wallets are not what they should be", made, changeless, short)
	}
}

// mustBeShort holds a refusal to the coins: with everything spent at once there must be too little.
func (p *purse) mustBeShort(r PaymentRequest, err error) error {
	if r.All || r.SubtractFee || len(r.Inputs) > 0 || r.MinFee > 0 {
		return nil
	}
	var size sizes
	have := btcutil.Amount(0)
	for _, c := range p.w.coins {
		in := &coin{op: c.OutPoint, value: c.Amount, script: c.PkScript}
		in.base, in.wit, _ = inputWeight(c.PkScript, nil)
		if p.frozen[c.OutPoint] || p.owned(c.PkScript) || in.value <= in.cost(r.Rate) {
			continue
		}
		have += c.Amount
		size.add(in)
	}
	for _, q := range r.payees() {
		size.output(q.To)
	}
	if need := r.amount() + r.Rate.Fee(size.vsize()); have >= need && have > 0 {
		return fmt.Errorf("%d are enough for %d, but: %w", have, need, err)
	}
	return nil
}

// hold checks a plan.
func (p *purse) hold(r PaymentRequest, plan *Plan) error {
	tx, in, out := plan.Packet.UnsignedTx, btcutil.Amount(0), btcutil.Amount(0)
	seen := map[wire.OutPoint]bool{}
	for i, txIn := range tx.TxIn {
		prev := previous(plan.Packet, i)
		in += btcutil.Amount(prev.Value)
		if seen[txIn.PreviousOutPoint] || p.frozen[txIn.PreviousOutPoint] || p.owned(prev.PkScript) || txIn.Sequence != 0xfffffffd {
			return fmt.Errorf("input %d must not be there", i)
		}
		seen[txIn.PreviousOutPoint] = true
	}
	for i, want := range r.Inputs {
		if !r.All && tx.TxIn[i].PreviousOutPoint != want.OutPoint {
			return fmt.Errorf("input %d is not the one given", i)
		}
	}
	if r.Closed && len(tx.TxIn) > len(r.Inputs) {
		return errors.New("it spends more than the given inputs")
	}
	got := map[string]btcutil.Amount{}
	for i, o := range tx.TxOut {
		out += btcutil.Amount(o.Value)
		if err := txrules.CheckOutput(o, txrules.DefaultRelayFeePerKb); err != nil {
			return fmt.Errorf("output %d: %w", i, err)
		}
		if i == plan.Change {
			if !bytes.Equal(o.PkScript, p.w.change) {
				return errors.New("the change is not ours")
			}
			continue
		}
		got[string(o.PkScript)] += btcutil.Amount(o.Value)
	}
	want, taken := map[string]btcutil.Amount{}, btcutil.Amount(0)
	for _, q := range r.payees() {
		want[string(q.To)] += q.Amount
	}
	for script, amount := range want {
		taken += amount - got[script]
		if !r.All && !r.SubtractFee && got[script] != amount {
			return fmt.Errorf("%d were asked for, %d are paid", amount, got[script])
		}
	}
	if in != out+plan.Fee || len(got) != len(want) {
		return fmt.Errorf("inputs %d, outputs %d, fee %d, %d payees of %d", in, out, plan.Fee, len(got), len(want))
	}
	if r.SubtractFee && (taken > plan.Fee || taken < 0) {
		return fmt.Errorf("%d were taken from the payees for a fee of %d", taken, plan.Fee)
	}
	low := max(r.Rate.Fee(plan.VSize), r.MinFee)
	high := low + low/50 + 1
	if plan.Change < 0 && !r.All {
		high += changeCost(p.w.change, r.Rate) + DustLimit(p.w.change)
	}
	if plan.Fee < low || plan.Fee > high {
		return fmt.Errorf("fee %d for %d vB at %s, want %d to %d", plan.Fee, plan.VSize, r.Rate, low, high)
	}
	return nil
}
