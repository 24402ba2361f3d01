package payments_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/lastdays"
	"blockstack/txbuilder/payments"
	"blockstack/txbuilder/payments/bills"
	"blockstack/txbuilder/payments/bump"
	"blockstack/txbuilder/payments/send"
)

// TestUnknownFate loses the connection while a payment is sent. It stays recorded, the same request
// sends the same transaction again, and a bump whose fate is unknown is sent again instead of
// signing another.
func TestUnknownFate(t *testing.T) {
	v := newWorld(t)
	target, script := stranger(1)
	o := order(target, 60_000, "r")
	down := func(*wire.MsgTx) error { return errDown }
	v.node = down
	_, err := v.pay(o)
	var unknown *send.UnknownFate
	if !errors.As(err, &unknown) || !errors.Is(err, errDown) || unknown.Interrupted {
		t.Fatalf("%v", err)
	}
	if _, err = v.pay(o); err == nil {
		t.Fatal("sent through a node that is down")
	}
	var but *payments.SentBut
	if !errors.As(err, &but) || but.Txid != unknown.Txid { // it may have been, and nothing else is signed
		t.Errorf("again: %v", err)
	}
	v.node = nil
	txid, err := v.pay(o)
	if err != nil || txid != unknown.Txid {
		t.Fatalf("%s, %v; want %s", txid, err, unknown.Txid)
	}

	s, ctx := v.bumps(), t.Context()
	v.node = down
	tx, err := s.Find(ctx, txid)
	v.no(err)
	p, err := s.Plan(ctx, tx, bump.Options{Rate: txbuilder.SatPerVByte(30)})
	v.no(err)
	if _, err = s.Pay(ctx, tx, p); !errors.As(err, &unknown) {
		t.Fatalf("bump: %v", err)
	}
	tx, err = s.Find(ctx, txid)
	if err != nil || tx.Signed == nil || tx.Signed.Tx.TxHash() != unknown.Txid || tx.Signed.Fee != p.Tx.Fee || tx.Signed.Extra != p.Extra {
		t.Fatalf("what was signed before: %+v, %v", tx, err)
	}
	v.node = nil
	sent, err := s.Resend(ctx, tx)
	if err != nil || sent.Txid != unknown.Txid {
		t.Errorf("sent again: %+v, %v", sent, err)
	}
	v.mine()
	if n := v.paid(script, 60_000); n != 1 {
		t.Errorf("paid %d times", n)
	}
}

// TestRefused lets a node, and strangers, refuse a payment: the node's word makes it forgotten,
// that of strangers does not.
func TestRefused(t *testing.T) {
	v := newWorld(t)
	target, _ := stranger(1)
	refuse := func(byPeers bool) {
		v.node = func(tx *wire.MsgTx) error {
			return &send.Refused{Txid: tx.TxHash(), ByPeers: byPeers, Err: errors.New("dust")}
		}
	}
	refuse(false)
	var refused *send.Refused
	var strangers *send.RefusedByPeers
	if _, err := v.pay(order(target, 61_000, "node")); !errors.As(err, &refused) || errors.As(err, &strangers) {
		t.Errorf("%v", err)
	}
	if a, err := v.service().Answer(t.Context(), order(target, 61_000, "node"), true); a != nil || err != nil {
		t.Errorf("the request is taken for answered: %+v, %v", a, err)
	}
	if n := len(v.history()); n != 6 {
		t.Errorf("%d transactions in the history", n)
	}
	refuse(true)
	if _, err := v.pay(order(target, 62_000, "peers")); !errors.As(err, &strangers) || strangers.Refused.Txid == (chainhash.Hash{}) {
		t.Errorf("%v", err)
	}
	a, err := v.service().Answer(t.Context(), order(target, 62_000, "peers"), true)
	if err != nil || a == nil || a.Txid() != strangers.Refused.Txid {
		t.Errorf("what may be on its way is forgotten: %+v, %v", a, err)
	}
}

// TestInterrupted ends the context before and after a payment is recorded.
func TestInterrupted(t *testing.T) {
	v := newWorld(t)
	target, _ := stranger(1)
	o := order(target, 63_000, "")
	s := v.service()
	p, err := v.plan(s, o)
	v.no(err)
	ctx, stop := context.WithCancel(t.Context())
	v.node = func(*wire.MsgTx) error { stop(); return ctx.Err() }
	_, err = s.Pay(ctx, p)
	var unknown *send.UnknownFate
	if !errors.As(err, &unknown) || !unknown.Interrupted || !p.Recorded() {
		t.Errorf("%v", err)
	}
	if _, err := s.Pay(ctx, p); err == nil || errors.As(err, &unknown) && unknown.Txid == (chainhash.Hash{}) {
		t.Errorf("after the end: %v", err)
	}
}

// TestConcerns plans what a payer has to agree to. Nothing is paid before he has agreed to all of
// it.
func TestConcerns(t *testing.T) {
	v := newWorld(t)
	first, _ := stranger(1)
	second, script := stranger(2)
	height := int32(7)
	v.names["alice.id"] = payments.NamePayee{Addresses: []string{first}}
	_, err := v.pay(order("alice.id", 64_000, ""))
	v.no(err)
	v.mine()
	v.names["alice.id"] = payments.NamePayee{Addresses: []string{second}, ExactUntil: &height}
	o := order("alice.id", 64_000, "")
	o.Rate = txbuilder.SatPerVByte(400)
	s, ctx := v.service(), t.Context()
	p, err := v.plan(s, o)
	v.no(err)
	if len(p.Concerns) != 4 {
		t.Fatalf("%d concerns: %+v", len(p.Concerns), p.Concerns)
	}
	if c, is := p.Concerns[0].(*payments.PayeeChanged); !is || c.Payee.Before.Address != first || c.Payee.Address != second {
		t.Errorf("%+v", p.Concerns[0])
	}
	if c, is := p.Concerns[1].(*payments.OddFee); !is || c.Cost.Moved != 64_000 || c.Cost.Fee != p.Tx.Fee {
		t.Errorf("%+v", p.Concerns[1])
	}
	if c, is := p.Concerns[2].(*payments.TwinFound); !is || c.Twin.Height < 0 {
		t.Errorf("%+v", p.Concerns[2])
	}
	if c, is := p.Concerns[3].(*payments.Uncertain); !is || c.Until != 7 {
		t.Errorf("%+v", p.Concerns[3])
	}
	var prepared *payments.ForElsewhere
	for i, c := range p.Concerns {
		var open *payments.NeedsApproval
		if _, err := s.Pay(ctx, p); !errors.As(err, &open) || len(open.Concerns) != 4-i {
			t.Fatalf("with %d agreed: %v", i, err)
		}
		if prepared, err = s.Prepare(ctx, p, hour); i < 3 && !errors.As(err, &open) {
			t.Fatalf("prepared with %d agreed: %v", i, err)
		} else if i == 3 && err != nil { // who signs elsewhere is not asked about uncertain owners
			t.Fatal(err)
		}
		p.Agree(c)
	}
	v.no(s.Drop(ctx, prepared))
	if _, err := s.Pay(ctx, p); err != nil {
		t.Error(err)
	}
	v.mine()
	if n := v.paid(script, 64_000); n != 1 {
		t.Errorf("paid %d times", n)
	}
	o.RateGiven = true
	if p, err = v.plan(s, o); err != nil || len(p.Concerns) != 2 { // it was paid there now; the twin and the owner are left
		t.Errorf("%+v, %v", p.Concerns, err)
	}
}

// TestMeanwhile lets another command pay between the plan and the payment.
func TestMeanwhile(t *testing.T) {
	v := newWorld(t)
	target, script := stranger(1)
	s, ctx := v.service(), t.Context()
	p, err := v.plan(s, order(target, 65_000, ""))
	v.no(err)
	named, err := v.plan(s, order(target, 66_000, "r"))
	v.no(err)
	other, err := v.plan(s, order(target, 67_000, ""))
	v.no(err)
	_, err = v.pay(order(target, 65_000, ""))
	v.no(err)
	var twin *payments.PaidMeanwhile
	if _, err := s.Pay(ctx, p); !errors.As(err, &twin) || twin.Twin.Target.Amount != 65_000 {
		t.Errorf("%v", err)
	}
	_, err = v.pay(order(target, 66_000, "r"))
	v.no(err)
	if _, err := s.Pay(ctx, named); !errors.Is(err, payments.ErrAnswered) || named.Recorded() {
		t.Errorf("%v", err)
	}
	if _, err := s.Prepare(ctx, named, hour); !errors.Is(err, payments.ErrAnswered) {
		t.Errorf("%v", err)
	}
	_, err = v.pay(order(target, 39_000_000, "")) // most coins
	v.no(err)
	var changed *payments.CoinsChanged
	var short *txbuilder.InsufficientFunds
	if _, err := s.Pay(ctx, other); !errors.As(err, &changed) && !errors.As(err, &short) {
		t.Errorf("%v", err)
	}
	v.mine()
	for _, sat := range []btcutil.Amount{65_000, 66_000} {
		if n := v.paid(script, sat); n != 1 {
			t.Errorf("%d: paid %d times", sat, n)
		}
	}
}

// TestPayees finds out who is paid, and leaves open what the payer has to decide.
func TestPayees(t *testing.T) {
	v := newWorld(t)
	a, script := stranger(1)
	b, _ := stranger(2)
	v.names["one.id"] = payments.NamePayee{Addresses: []string{a}}
	v.names["two.id"] = payments.NamePayee{Addresses: []string{a, b}}
	v.names["none.id"] = payments.NamePayee{Owner: script, OwnerAddress: a, Why: "it has no profile"}
	v.names["bad.id"] = payments.NamePayee{Addresses: []string{"1JeTQ5cQjsD57YGcsVFhwT7iuQUXJR6BSk"}}
	s, ctx := v.service(), t.Context()
	find := func(o payments.Order) payments.Payee {
		t.Helper()
		list, err := s.Payees(ctx, o)
		v.no(err)
		return list[0]
	}
	if p := find(order("one.id", 1_000, "")); p.How != payments.ByProfile || p.Address != a || string(p.Script) != string(script) {
		t.Errorf("%+v", p)
	}
	if p := find(order(a, 1_000, "")); p.How != payments.ByAddress || !p.Name.IsZero() {
		t.Errorf("%+v", p)
	}
	p := find(order("two.id", 1_000, ""))
	if p.How != payments.Open || len(p.Choices) != 2 {
		t.Errorf("%+v", p)
	}
	o := order("two.id", 1_000, "")
	if _, err := s.Plan(ctx, o, []payments.Payee{p}); !errors.Is(err, payments.ErrOpen) {
		t.Errorf("planned before it was decided: %v", err)
	}
	if err := s.Choose(&p, "2N8MZWKfUxqeyrLvvKHEuRfsVuwRjmMWcg9"); !errors.Is(err, payments.ErrOpen) {
		t.Errorf("an address that the profile does not name: %v", err)
	}
	if err := s.Choose(&p, b); err != nil || p.How != payments.ByProfile || p.Address != b {
		t.Errorf("%+v, %v", p, err)
	}
	if p = find(order("none.id", 1_000, "")); p.How != payments.Open || p.Instead == "" {
		t.Errorf("%+v", p)
	}
	if p.PayOwner(); p.How != payments.ByOwner || p.Address != a {
		t.Errorf("%+v", p)
	}
	o = order("none.id", 1_000, "")
	o.ToOwner = true
	if p = find(o); p.How != payments.ByOwner {
		t.Errorf("%+v", p)
	}
	var bad *payments.BadProfileAddress
	if _, err := s.Payees(ctx, order("bad.id", 1_000, "")); !errors.As(err, &bad) {
		t.Errorf("%v", err)
	}
	o = order("one.id", 1_000, "")
	o.Bills = append(o.Bills, bills.Bill{Target: a, Amount: 2_000})
	list, err := s.Payees(ctx, o)
	v.no(err)
	var same *payments.SamePayee
	if _, err := s.Plan(ctx, o, list); !errors.As(err, &same) || same.One != "one.id" || same.Other != a {
		t.Errorf("%v", err)
	}
}

// TestAnswers asks for requests that were answered, in the same and in other words.
func TestAnswers(t *testing.T) {
	v := newWorld(t)
	target, _ := stranger(1)
	o := order(target, 68_000, "r")
	txid, err := v.pay(o)
	v.no(err)
	s, ctx := v.service(), t.Context()
	if a, err := s.Answer(ctx, o, true); err != nil || a.State != payments.Sent || a.Txid() != txid || a.Summary().Amount != 68_000 {
		t.Errorf("%+v, %v", a, err)
	}
	for name, change := range map[string]func(o *payments.Order){
		"amount":       func(o *payments.Order) { o.Bills[0].Amount++ },
		"everything":   func(o *payments.Order) { o.Bills[0].All = true },
		"subtract fee": func(o *payments.Order) { o.SubtractFee = true },
		"target":       func(o *payments.Order) { o.Bills[0].Target, _ = stranger(9) },
	} {
		again := order(target, 68_000, "r")
		change(&again)
		var other *payments.OtherRequest
		if _, err := s.Answer(ctx, again, true); !errors.As(err, &other) || other.Paid.Tx.TxHash() != txid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if a, err := s.Answer(ctx, order(target, 68_000, "another"), true); a != nil || err != nil {
		t.Errorf("%+v, %v", a, err)
	}
	if _, forgot, err := s.Forgotten(ctx); forgot || err != nil {
		t.Errorf("a new home has forgotten: %v", err)
	}
	v.no(lastdays.Begin(v.cfg.Dir, lastdays.Backup))
	if at, forgot, err := s.Forgotten(ctx); !forgot || at.IsZero() || err != nil {
		t.Errorf("a home from a backup knows all: %v, %v", at, err)
	}
	v.mine()
	if a, err := s.Answer(ctx, o, true); err != nil || a.State != payments.Confirmed {
		t.Errorf("%+v, %v", a, err)
	}
	if height, found, err := s.Height(ctx, txid); err != nil || !found || height < 100 {
		t.Errorf("%d, %v, %v", height, found, err)
	}
}

// TestBudget holds a plan to what it may cost, to the satoshi.
func TestBudget(t *testing.T) {
	v := newWorld(t)
	target, _ := stranger(1)
	o := order(target, 69_000, "")
	s := v.service()
	p, err := v.plan(s, o)
	v.no(err)
	exact := p.Tx.Total()
	o.Most = &exact
	if _, err := v.plan(s, o); err != nil {
		t.Errorf("what it may cost exactly: %v", err)
	}
	less := exact - 1
	o.Most = &less
	var over *payments.OverBudget
	if _, err := v.plan(s, o); !errors.As(err, &over) || over.Need != exact || over.Most != less {
		t.Errorf("%v", err)
	}
}

// TestSubtractFee takes the fee out of the amounts: in all what was asked for leaves the wallet,
// and nobody bears more than another but for what cannot be divided.
func TestSubtractFee(t *testing.T) {
	v := newWorld(t)
	s := v.service()
	for n := 1; n <= 5; n++ {
		o := payments.Order{Rate: txbuilder.SatPerVByte(7), SubtractFee: true}
		var asked btcutil.Amount
		for i := range n {
			target, _ := stranger(byte(i + 1))
			o.Bills = append(o.Bills, bills.Bill{Target: target, Amount: btcutil.Amount(50_000 + 1_000*i)})
			asked += o.Bills[i].Amount
		}
		p, err := v.plan(s, o)
		v.no(err)
		sum := p.Summary()
		if sum.Amount+sum.Fee != asked || p.Tx.Total() != asked {
			t.Errorf("%d payees: %v and a fee of %v leave of %v", n, sum.Amount, sum.Fee, asked)
		}
		least, most := sum.Fee, btcutil.Amount(0)
		for i, q := range sum.Payees {
			part := o.Bills[i].Amount - q.Amount
			least, most = min(least, part), max(most, part)
		}
		if most-least >= btcutil.Amount(n) { // what cannot be divided, one bears
			t.Errorf("%d payees: parts of the fee from %v to %v", n, least, most)
		}
	}
	small, _ := stranger(1)
	o := payments.Order{Rate: txbuilder.SatPerVByte(7), SubtractFee: true, Bills: []bills.Bill{{Target: small, Amount: 600}}}
	if _, err := v.plan(s, o); !errors.Is(err, txbuilder.ErrDust) && !errors.Is(err, txbuilder.ErrInsufficientFunds) {
		t.Errorf("what is left is dust: %v", err)
	}
}

// TestRenew holds a prepared payment's coins for longer, and lets nobody else have them meanwhile.
func TestRenew(t *testing.T) {
	v := newWorld(t)
	target, _ := stranger(1)
	s, ctx := v.service(), t.Context()
	o := order(target, 70_000, "r")
	p, err := v.plan(s, o)
	v.no(err)
	e, err := s.Prepare(ctx, p, time.Minute)
	v.no(err)
	held := e.Summary.Inputs[0]
	from := order(target, 71_000, "")
	from.From.Coins = []wire.OutPoint{held}
	var no *payments.CoinRefused
	if _, err := v.plan(s, from); !errors.As(err, &no) || no.Why != payments.CoinHeld || no.OutPoint != held {
		t.Errorf("%v", err)
	}
	before := e.Record.Until
	v.no(s.Renew(ctx, e, hour))
	list, err := v.past().Payments(ctx)
	v.no(err)
	if !list[0].Until.After(before) {
		t.Errorf("held until %s, before until %s", list[0].Until, before)
	}
	v.no(s.Drop(ctx, e))
	if _, err := v.plan(s, from); err != nil {
		t.Errorf("after it was dropped: %v", err)
	}
}
