package payments_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/payments"
	"blockstack/txbuilder/payments/bump"
)

// boundariesOf counts the boundaries of a piece of work that nothing disturbs.
func (v *world) boundariesOf(f func() error) int {
	v.t.Helper()
	if died, err := v.survive(f); died || err != nil {
		v.t.Fatalf("undisturbed: died %v, %v", died, err)
	}
	return v.reached
}

// TestStopWhilePaying ends the process at every boundary of a payment with a request id. The same
// command again until it is done pays once.
func TestStopWhilePaying(t *testing.T) {
	v := newWorld(t)
	target, script := stranger(1)
	sat := btcutil.Amount(20_000)
	places := v.boundariesOf(func() error { _, err := v.pay(order(target, sat, "undisturbed")); return err })
	if places < 6 {
		t.Fatalf("only %d places to stop at", places)
	}
	v.mine()
	for at := 1; at <= places; at++ {
		sat, request := sat+btcutil.Amount(at), fmt.Sprintf("stopped at %d", at)
		v.die = at
		died, err := v.survive(func() error { _, err := v.pay(order(target, sat, request)); return err })
		if !died {
			t.Fatalf("at %d: it did not stop: %v", at, err)
		}
		if again, err := v.survive(func() error { _, err := v.pay(order(target, sat, request)); return err }); again || err != nil {
			t.Fatalf("at %d: again: %v", at, err)
		}
		v.mine()
		if n := v.paid(script, sat); n != 1 {
			t.Errorf("at %d: paid %d times", at, n)
		}
		a, err := v.service().Answer(t.Context(), order(target, sat, request), true)
		if err != nil || a == nil || a.State != payments.Confirmed {
			t.Errorf("at %d: the answer is %+v, %v", at, a, err)
		}
	}
}

// TestStopWithoutRequest ends the process at every boundary of a payment without a request id. The
// same command again either pays, when nothing was recorded, or is asked about as a twin: it never
// pays twice unasked.
func TestStopWithoutRequest(t *testing.T) {
	v := newWorld(t)
	target, script := stranger(2)
	places := v.boundariesOf(func() error { _, err := v.pay(order(target, 19_999, "")); return err })
	asked := 0
	for at := 1; at <= places; at++ {
		sat := btcutil.Amount(30_000 + at)
		v.die = at
		if died, err := v.survive(func() error { _, err := v.pay(order(target, sat, "")); return err }); !died {
			t.Fatalf("at %d: it did not stop: %v", at, err)
		}
		_, err := v.pay(order(target, sat, ""))
		var open *payments.NeedsApproval
		switch {
		case errors.As(err, &open):
			if _, twin := open.Concerns[0].(*payments.TwinFound); !twin || len(open.Concerns) != 1 {
				t.Errorf("at %d: asked about %+v", at, open.Concerns)
			}
			asked++
		case err != nil:
			t.Errorf("at %d: %v", at, err)
		}
		v.mine()
		if n := v.paid(script, sat); n != 1 {
			t.Errorf("at %d: paid %d times", at, n)
		}
	}
	if asked != places-1 {
		t.Errorf("asked about a twin %d times, want at every place but the first of %d", asked, places)
	}
}

// TestStopWhilePreparing ends the process at every boundary of a payment that is signed elsewhere:
// its coins are held once or not at all, and the same command again hands out one transaction.
func TestStopWhilePreparing(t *testing.T) {
	v := newWorld(t)
	target, script := stranger(3)
	prepare := func(o payments.Order) (*payments.ForElsewhere, error) {
		s := v.service()
		if a, err := s.Answer(t.Context(), o, false); err != nil || a != nil {
			if err != nil {
				return nil, err
			}
			return s.PreparedAgain(t.Context(), a)
		}
		p, err := v.plan(s, o)
		if err != nil {
			return nil, err
		}
		return s.Prepare(t.Context(), p, hour)
	}
	places := v.boundariesOf(func() error { _, err := prepare(order(target, 40_000, "undisturbed")); return err })
	for at := 1; at <= places; at++ {
		o := order(target, btcutil.Amount(41_000+at), fmt.Sprintf("prepared %d", at))
		v.die = at
		if died, err := v.survive(func() error { _, err := prepare(o); return err }); !died {
			t.Fatalf("at %d: it did not stop: %v", at, err)
		}
		var txids []chainhash.Hash
		for range 2 {
			e, err := prepare(o)
			v.no(err)
			txids = append(txids, e.Record.Tx.TxHash())
		}
		if txids[0] != txids[1] {
			t.Errorf("at %d: two transactions for one request: %v", at, txids)
		}
		v.sendPrepared(o, at == 2)
		v.mine()
		if n := v.paid(script, o.Bills[0].Amount); n != 1 {
			t.Errorf("at %d: paid %d times", at, n)
		}
	}
}

// sendPrepared signs what was prepared for an order, and sends it; with stops the process ends at
// every boundary of that.
func (v *world) sendPrepared(o payments.Order, stops bool) {
	v.t.Helper()
	s, ctx := v.service(), v.t.Context()
	a, err := s.Answer(ctx, o, true)
	v.no(err)
	e, err := s.PreparedAgain(ctx, a)
	v.no(err)
	packet, err := txbuilder.DecodePacket(e.Record.PSBT)
	v.no(err)
	v.no(v.w.Sign(ctx, packet))
	tx, err := txbuilder.Finish(packet)
	v.no(err)
	for at := 1; stops; at++ {
		v.die = at
		died, err := v.survive(func() error { _, err := v.signed().Send(ctx, tx, true); return err })
		if v.die = 0; !died {
			v.no(err)
			break
		}
	}
	if sent, err := v.signed().Send(ctx, tx, true); err != nil || sent.Known != stops {
		v.t.Fatalf("sent: %+v, %v", sent, err)
	}
	if a, err = v.service().Answer(ctx, o, true); err != nil || a == nil || a.State != payments.Sent || a.Record.PSBT != nil {
		v.t.Errorf("the answer is %+v, %v", a, err)
	}
}

// TestStopWhileBumping ends the process at every boundary of a bump. The same command again until
// it is done sends one replacement, and the payee is paid once, whatever became of which.
func TestStopWhileBumping(t *testing.T) {
	v := newWorld(t)
	target, script := stranger(4)
	bumpIt := func(txid chainhash.Hash) (chainhash.Hash, error) {
		s, ctx := v.bumps(), t.Context()
		tx, err := s.Find(ctx, txid)
		if err != nil {
			return txid, err
		}
		if tx.Signed != nil {
			sent, err := s.Resend(ctx, tx)
			return sent.Txid, err
		}
		p, err := s.Plan(ctx, tx, bump.Options{Rate: txbuilder.SatPerVByte(20)})
		if err != nil {
			return txid, err
		}
		sent, err := s.Pay(ctx, tx, p)
		return sent.Txid, err
	}
	paid := func(sat btcutil.Amount) chainhash.Hash {
		txid, err := v.pay(order(target, sat, fmt.Sprint(sat)))
		v.no(err)
		return txid
	}
	first := paid(50_000)
	places := v.boundariesOf(func() error { _, err := bumpIt(first); return err })
	if places < 6 {
		t.Fatalf("only %d places to stop at", places)
	}
	v.mine()
	for at := 1; at <= places; at++ {
		sat := btcutil.Amount(51_000 + at)
		old := paid(sat)
		v.die = at
		if died, err := v.survive(func() error { _, err := bumpIt(old); return err }); !died {
			t.Fatalf("at %d: it did not stop: %v", at, err)
		}
		var last chainhash.Hash
		for range 2 {
			now, err := bumpIt(old)
			if err != nil {
				t.Fatalf("at %d: again: %v", at, err)
			}
			last = now
		}
		v.mine()
		if n := v.paid(script, sat); n != 1 {
			t.Errorf("at %d: paid %d times", at, n)
		}
		a, err := v.service().Answer(t.Context(), order(target, sat, fmt.Sprint(sat)), true)
		if err != nil || a.State != payments.Confirmed || a.Txid() != last {
			t.Errorf("at %d: the request is answered with %+v, %v; the last replacement is %s", at, a, err, last)
		}
	}
}
