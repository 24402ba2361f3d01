package registrar

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"blockstack/names"
	"blockstack/txbuilder"
)

// TestOwnerReorgs takes the operation out of the chain, alone and with the one it follows; both
// come back in their order.
func TestOwnerReorgs(t *testing.T) {
	for _, drop := range []bool{false, true} {
		for depth := int32(1); depth <= 2; depth++ {
			v := owned(t)
			up := v.run(v.ask(KindUpdate))
			req := v.ask(KindTransfer)
			j := v.run(req)
			signed := v.w.signed
			v.reorg(depth, drop)
			for range 8 {
				if _, err := v.r.AdvanceAll(t.Context()); err != nil {
					t.Fatal(err)
				}
				v.mine(1)
			}
			rec := v.status("alice.id")
			if !bytes.Equal(rec.Owner, v.w.payer2) || rec.LastTx.String() != j.View().Txids[0] || rec.ZoneFile != names.HashZoneFile(up.Request.ZoneFile) {
				t.Errorf("depth %d, drop %v: %+v", depth, drop, rec)
			}
			if v.w.signed != signed {
				t.Errorf("depth %d, drop %v: signed again", depth, drop)
			}
			if again, err := v.r.Start(t.Context(), req); err != nil || again.ID != j.ID || again.State != Done {
				t.Errorf("depth %d, drop %v: %v, %v", depth, drop, again, err)
			}
		}
	}
}

// TestReorgBeforeAnother undoes an operation that was over; before it is done again, nothing else
// begins for the name: the two might come in the other order.
func TestReorgBeforeAnother(t *testing.T) {
	v := owned(t)
	done := v.run(v.ask(KindRevoke))
	if done.State != Done {
		t.Fatal(done.State)
	}
	v.reorg(1, true)
	var busy *Conflict
	if j, err := v.r.Start(t.Context(), v.ask(KindUpdate)); !errors.As(err, &busy) || busy.ID != done.ID {
		t.Fatalf("%+v, %v", j, err)
	}
	if again, err := v.r.Start(t.Context(), done.Request); err != nil || again.ID != done.ID {
		t.Errorf("the same again: %+v, %v", again, err)
	}
}

// TestDeepReorg takes so many blocks away that the quoted consensus hash is gone: a new version is
// made at once, and what followed the old one is made anew.
func TestDeepReorg(t *testing.T) {
	v := owned(t)
	v.mine(10)
	v.run(v.ask(KindUpdate))
	j := v.run(v.ask(KindTransfer))
	v.reorg(12, true)
	for range 12 {
		if _, err := v.r.AdvanceAll(t.Context()); err != nil {
			t.Logf("%v", err)
		}
		v.mine(1)
	}
	jobs, err := v.r.Jobs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range jobs {
		t.Logf("%s %s: %s, %d stages, %s", o.ID, o.Request.Kind, o.State, len(o.Stages), o.Reason)
	}
	if rec := v.status("alice.id"); !bytes.Equal(rec.Owner, v.w.payer2) || rec.ZoneFile != names.HashZoneFile(v.ask(KindUpdate).ZoneFile) {
		t.Errorf("%+v", rec)
	}
	if j = v.advance(j.ID); j.State != Done {
		t.Errorf("%s: %s", j.State, j.Reason)
	}
}

// TestOwnerNameGone has the name change hands on another machine with the same keys while a renewal
// waits: its price comes back.
func TestOwnerNameGone(t *testing.T) {
	v := owned(t)
	v.pay(v.w.owner, 5000) // a second coin for the other machine
	v.mine(1)
	j, err := v.r.Start(t.Context(), v.ask(KindRenew))
	if err != nil {
		t.Fatal(err)
	}
	j = v.advance(j.ID)
	b, err := txbuilder.New(txbuilder.Config{Params: v.params, Net: v.btc.Net(), Coins: v.w, Height: v.height()})
	if err != nil {
		t.Fatal(err)
	}
	coins, err := v.w.CoinsAt(t.Context(), v.w.owner)
	if err != nil || len(coins) != 1 {
		t.Fatalf("%v, %v", coins, err)
	}
	prev, err := v.btc.Tx(t.Context(), coins[0].Hash)
	if err != nil {
		t.Fatal(err)
	}
	consensus, err := v.x.ConsensusHash(t.Context(), v.height())
	if err != nil {
		t.Fatal(err)
	}
	p, err := b.Transfer(t.Context(), txbuilder.TransferRequest{Funding: txbuilder.Funding{Rate: 5000}, Name: j.Request.Name,
		Coin: txbuilder.InputOf(prev, int(coins[0].Index)), NewOwner: v.w.payer2, Consensus: consensus})
	if err != nil {
		t.Fatal(err)
	}
	if err := v.w.Sign(t.Context(), p.Packet); err != nil {
		t.Fatal(err)
	}
	tx, err := p.Finish()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.btc.MineTxs(tx); err != nil {
		t.Fatal(err)
	}
	v.follow()
	if j = v.finish(j.ID); j.State != Cancelled || !strings.Contains(j.Reason, "renewal") || j.View().BurnSat != 0 {
		t.Fatalf("%s: %s", j.State, j.Reason)
	}
}
