package registrar

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/txbuilder/registrar/own"
)

// renewals counts the renewals of alice.id that are in blocks or wait for one.
func (v *world) renewals() (n int) {
	v.t.Helper()
	blocks, err := v.w.chainBlocks(v.t.Context())
	if err != nil {
		v.t.Fatal(err)
	}
	for i, b := range blocks {
		for _, tx := range b.Transactions {
			if op, is := own.RenewalIn(v.params, tx, int32(i)); is && op.Name == "alice.id" {
				n++
			}
		}
	}
	return n
}

// TestUnconfirmedRenewal loses the journal while a renewal is in no block: the same command goes on
// with it, and pays no second one, though the owner has another coin to spend.
func TestUnconfirmedRenewal(t *testing.T) {
	for _, where := range []string{"in the pool", "remembered by the wallet", "mined"} {
		t.Run(where, func(t *testing.T) {
			v := owned(t)
			v.run(v.register("bob.id")) // another coin of the owner
			j, err := v.r.Start(t.Context(), v.ask(KindRenew))
			if err != nil {
				t.Fatal(err)
			}
			sent := v.advance(j.ID).Stages[0].Versions[0]
			far := v.forgetful()
			switch where {
			case "remembered by the wallet":
				far.kept = v.kept
				v.btc.Forget()
			case "mined":
				v.mine(1)
				far.minedRenewal(sent)
				return
			}
			e, err := far.r.Plan(t.Context(), far.ask(KindRenew))
			if err != nil || e.Found == nil || e.Found.Txid != sent.Txid {
				t.Fatalf("%+v, %v", e, err)
			}
			if jobs, err := far.r.Jobs(t.Context()); err != nil || len(jobs) > 0 {
				t.Fatalf("a plan wrote %d jobs, %v", len(jobs), err)
			}
			// Another renewal is not what was sent.
			other := far.ask(KindRenew)
			other.To = v.w.payer2
			var ours *RenewalOurs
			if _, err := far.r.Plan(t.Context(), other); !errors.As(err, &ours) || ours.Txid != sent.Txid {
				t.Errorf("to somebody else: %v", err)
			}
			b, err := far.r.PlanBatch(t.Context(), BatchRequest{Items: []Item{{Kind: KindRenew, Name: e.Request.Name, Owner: v.w.owner}}, Rate: e.Request.Rate, Scripts: far.batch().Scripts})
			if err != nil || !errors.As(b.Refused[0], &ours) {
				t.Errorf("in a list: %+v, %v", b, err)
			}
			got, err := far.r.Start(t.Context(), far.ask(KindRenew))
			if err != nil || got.State != UpdateSigned {
				t.Fatalf("%+v, %v", got, err)
			}
			if is := got.Stages[0].Versions[0]; is.Txid != sent.Txid || is.Fee != sent.Fee || is.Burn != sent.Burn {
				t.Errorf("read off the transaction: %+v, was %+v", is, sent)
			}
			if done := far.finish(got.ID); done.State != Done {
				t.Fatalf("%s: %s", done.State, done.Reason)
			}
			if n := v.renewals(); n != 1 {
				t.Errorf("%d renewals", n)
			}
			if mine := v.advance(j.ID); mine.State != Done {
				t.Errorf("the first journal: %s: %s", mine.State, mine.Reason)
			}
		})
	}
}

// minedRenewal asks for a renewal that is in a block and that this journal does not know: it is
// done. A renewal that was not asked for as it is, and one in a list, are refused, with the
// transaction that there is.
func (v *world) minedRenewal(sent *Version) {
	t := v.t
	t.Helper()
	e, err := v.r.Plan(t.Context(), v.ask(KindRenew))
	if err != nil || e.Found == nil || e.Found.Txid != sent.Txid || e.Found.Height != v.status("alice.id").RenewedAt {
		t.Fatalf("plan: %+v, %v", e, err)
	}
	if jobs, err := v.r.Jobs(t.Context()); err != nil || len(jobs) > 0 {
		t.Fatalf("a plan wrote %d jobs, %v", len(jobs), err)
	}
	var same *Unchanged
	b, err := v.r.PlanBatch(t.Context(), BatchRequest{Items: []Item{{Kind: KindRenew, Name: e.Request.Name, Owner: v.w.owner}}, Rate: e.Request.Rate, Scripts: v.batch().Scripts})
	if err != nil || !errors.As(b.Refused[0], &same) || !strings.Contains(same.What, sent.Txid.String()) {
		t.Errorf("in a list: %+v, %v", b, err)
	}
	signed := v.w.signed
	got, err := v.r.Start(t.Context(), v.ask(KindRenew))
	if err != nil || got.ID != e.Found.Job.ID {
		t.Fatalf("start: %+v, %v", got, err)
	}
	done := v.finish(got.ID)
	if is := done.Stages[0].Versions[0]; done.State != Done || is.Txid != sent.Txid || is.Fee != sent.Fee || is.Burn != sent.Burn || v.w.signed != signed {
		t.Errorf("%s: %s: %+v, was %+v", done.State, done.Reason, is, sent)
	}
	if again, err := v.r.Start(t.Context(), v.ask(KindRenew)); err != nil || again.ID != got.ID || again.State != Done {
		t.Errorf("again: %+v, %v", again, err)
	}
	if n := v.renewals(); n != 1 {
		t.Errorf("%d renewals", n)
	}
}

// TestRenewedBlockGone asks again where the block of the renewal cannot be had any more: nothing is
// paid.
func TestRenewedBlockGone(t *testing.T) {
	v := owned(t)
	j := v.run(v.ask(KindRenew))
	if j.State != Done {
		t.Fatalf("%s: %s", j.State, j.Reason)
	}
	far := v.forgetful()
	far.with(func(c *Config) { c.Chain = prunedAt{c.Chain, v.status("alice.id").RenewedAt} })
	if _, err := far.r.Start(t.Context(), far.ask(KindRenew)); !errors.As(err, new(*Unchanged)) {
		t.Fatal(err)
	}
}

// prunedAt is a chain without one block.
type prunedAt struct {
	Chain
	height int32
}

func (p prunedAt) BlockAt(ctx context.Context, height int32) (*wire.MsgBlock, error) {
	if height == p.height {
		return nil, errors.New("pruned")
	}
	return p.Chain.BlockAt(ctx, height)
}

// TestPlannedRenewalAdopts: a renewal was recorded and had signed nothing when that of another home
// shows up.
func TestPlannedRenewalAdopts(t *testing.T) {
	v := owned(t)
	v.run(v.register("bob.id"))
	far := v.forgetful()
	planned, err := far.r.Start(t.Context(), far.ask(KindRenew))
	if err != nil {
		t.Fatal(err)
	}
	j, err := v.r.Start(t.Context(), v.ask(KindRenew))
	if err != nil {
		t.Fatal(err)
	}
	txid := v.advance(j.ID).Stages[0].Versions[0].Txid
	if got := far.advance(planned.ID); got.ID != planned.ID || got.State != UpdateSigned || got.Stages[0].Versions[0].Txid != txid {
		t.Fatalf("%s: %+v", got.State, got.Stages)
	}
	if done := far.finish(planned.ID); done.State != Done || v.renewals() != 1 || v.status("alice.id").Status != names.Registered {
		t.Fatalf("%s: %s, %d renewals", done.State, done.Reason, v.renewals())
	}
}
