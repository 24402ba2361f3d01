package registrar

import (
	"errors"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/step"
)

// TestRivalIsNotSentOverOthers: the dearer version of a finished revocation was never sent, and the
// coin that only it spends has paid for something else since. A reorg returns the revocation to the
// pool, where it waits. What is sent to hurry it must not take that other transaction's coin.
func TestRivalIsNotSentOverOthers(t *testing.T) {
	for _, locked := range []bool{false, true} {
		for _, by := range []string{"payment", "job", "job that the wallet knows nothing of"} {
			v := newWorld(t)
			v.launch("id", 1)
			v.run(v.register("alice.id"))
			bob := v.register("bob.id")
			bob.Owner = v.w.payer2
			v.onlyCoins(6000, 1e7)
			j, err := v.r.Start(t.Context(), Request{Kind: KindRevoke, Name: v.register("alice.id").Name, Owner: v.w.owner, Rate: txbuilder.SatPerVByte(10)})
			if err != nil {
				t.Fatal(err)
			}
			versions := v.advance(j.ID).Stage(RoleRevoke).Versions
			dear := coinsOf(t, versions[1])
			only := dear[len(dear)-1]
			v.mine(1)
			if j = v.advance(j.ID); j.State != Done {
				t.Fatalf("%s: %s", j.State, j.Reason)
			}

			var other chainhash.Hash
			if by == "payment" {
				v.spendCoin(only)
				sent := v.btc.Sent()
				other = sent[len(sent)-1].TxHash()
				v.keep(sent[len(sent)-1])
			} else {
				b, err := v.r.Start(t.Context(), bob)
				if err != nil {
					t.Fatal(err)
				}
				other = v.advance(b.ID).Stage(RolePreorder).Versions[0].Txid
				if by != "job" {
					delete(v.kept, other)
				}
			}
			if !v.spends(other, only) {
				t.Fatalf("%s does not spend %s", by, only)
			}
			if err := v.btc.Reorg(1, false); err != nil {
				t.Fatal(err)
			}
			more, err := v.btc.Pay(v.w.change, 1e6) // a dearer revocation needs another coin
			if err != nil {
				t.Fatal(err)
			}
			if _, err := v.btc.MineTxs(more); err != nil {
				t.Fatal(err)
			}
			v.follow()
			v.w.locked = locked
			v.open()
			for range step.BumpAfter + 2 {
				if _, err := v.r.Advance(t.Context(), j.ID); err != nil && !(locked && errors.Is(err, ErrNeedsKey)) {
					t.Fatal(err)
				}
				v.blocks(1)
			}
			if j, err = v.r.Job(t.Context(), j.ID); err != nil {
				t.Fatal(err)
			}
			if st, err := v.r.cfg.Chain.TxStatus(t.Context(), other); err != nil || !st.InMempool {
				t.Errorf("locked %v: the %s that spends the coin was dropped: %+v, %v", locked, by, st, err)
			}
			current := j.Stage(RoleRevoke).Versions[j.Stage(RoleRevoke).Current]
			if dearer := current.Fee > versions[0].Fee; dearer == locked {
				t.Errorf("locked %v, %s: the revocation pays %d after waiting, and %d at first", locked, by, current.Fee, versions[0].Fee)
			}
			v.w.locked = false
			v.mine(1)
			if j = v.finish(j.ID); j.State != Done {
				t.Errorf("locked %v, %s: %s: %s", locked, by, j.State, j.Reason)
			}
			if rec := v.status("alice.id"); rec.Status != names.Revoked {
				t.Errorf("locked %v, %s: %s", locked, by, rec.Status)
			}
		}
	}
}

// spends says whether a transaction that was sent spends a coin.
func (v *world) spends(txid chainhash.Hash, op wire.OutPoint) bool {
	for _, tx := range v.btc.Sent() {
		for _, in := range tx.TxIn {
			if tx.TxHash() == txid && in.PreviousOutPoint == op {
				return true
			}
		}
	}
	return false
}

// TestListWaitsBeforeItPaysMore: the registrations of a list are sent at the planned fee, though
// the preorders before them have waited long for their confirmations.
func TestListWaitsBeforeItPaysMore(t *testing.T) {
	v := newWorld(t)
	v.launch("id", 1)
	req := v.list("f", 3)
	req.Confirmations = step.BumpAfter + 1
	_, ids := v.begin(req)
	planned := make(map[chainhash.Hash]bool)
	for n := 0; n < 4*step.BumpAfter && v.all(); n++ {
		j, err := v.r.Job(t.Context(), ids[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range j.Links() {
			if l.Stage.Role == RoleRegister && l.Stage.Used {
				planned[l.Version.Txid] = l.Version.Rate == req.Rate
			}
		}
		v.mine(1)
	}
	j, err := v.r.Job(t.Context(), ids[0])
	if err != nil || j.State != Done {
		t.Fatalf("%v, %v", j, err)
	}
	seen := 0
	for id, l := range j.Links() {
		if st, err := v.r.cfg.Chain.TxStatus(t.Context(), id); err != nil {
			t.Fatal(err)
		} else if st.Height == 0 || l.Stage.Role != RoleRegister {
			continue
		}
		if seen++; !planned[id] {
			t.Errorf("registration %s paid %d, %d sat/kvB", id, l.Version.Fee, l.Version.Rate)
		}
	}
	if seen != 3 {
		t.Errorf("%d registrations are in the chain", seen)
	}
}
