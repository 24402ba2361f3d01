package registrar

import (
	"bytes"
	"testing"

	"github.com/btcsuite/btcd/psbt/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/step"
)

// A preorder that is not mined gets a newer version in good time: the signer is far away. Both
// spend the same input, the old one goes on being offered, and the newer one takes its place when
// it comes back.
func TestExternalNewerVersion(t *testing.T) {
	v := offline(t)
	j := v.external(v.register("alice.id"))
	for _, d := range j.Drafts() {
		v.accept(v.sign(d))
	}
	j = v.advance(j.ID)
	old := j.Stage(RolePreorder).Versions[0]
	for j.Wait == nil || !j.Wait.Signatures {
		if _, err := v.btc.MineTxs(); err != nil {
			t.Fatal(err)
		}
		v.follow()
		j = v.advance(j.ID)
		if v.height() > old.Window {
			t.Fatal("nothing was prepared in time")
		}
	}
	if left := old.Window - v.height(); left < 6 {
		t.Errorf("%d blocks are left for the signer", left)
	}
	drafts := j.Drafts()
	if drafts[0].Role != RolePreorder || drafts[0].Over != old.Txid || len(drafts) != 2 {
		t.Fatalf("%d drafts, the first a %s", len(drafts), drafts[0].Role)
	}
	a, b := must(old.Tx()), must(drafts[0].PSBT())
	if a.TxIn[0].PreviousOutPoint != b.UnsignedTx.TxIn[0].PreviousOutPoint {
		t.Error("both could confirm")
	}
	for _, d := range drafts {
		v.accept(v.sign(d))
	}
	j = v.advance(j.ID)
	if st := j.Stage(RolePreorder); st.Versions[st.Current].Txid == old.Txid || len(st.Versions) != 2 {
		t.Error("the old version is still the one to send")
	}
	if j, trips := v.signAll(j.ID); j.State != Done || trips != 0 {
		t.Fatalf("%s (%s) after %d trips", j.State, j.Reason, trips)
	}
}

// A PSBT that is signed and sent by another program, past the job, is found on the chain, and the
// job goes on from there.
func TestSentPastTheJob(t *testing.T) {
	for name, legacy := range map[string]bool{"nested": false, "legacy": true} {
		t.Run(name, func(t *testing.T) {
			v := offline(t)
			if legacy {
				v.pay(v.w.payer2, 1e7)
				v.mine(1)
				delete(v.w.keys, string(v.w.payer))
				delete(v.w.keys, string(v.w.change))
			}
			j := v.external(v.register("alice.id"))
			past := func(d *Draft) {
				t.Helper()
				tx := must(txbuilder.Finish(v.sign(d)))
				if _, err := v.btc.Broadcast(t.Context(), tx); err != nil {
					t.Fatal(err)
				}
				v.mine(1)
			}
			past(j.Drafts()[0])
			j = v.advance(j.ID)
			if j.State != RegisterSigned && j.State != PreorderConfirmed {
				t.Fatalf("%s", j.State)
			}
			past(j.Drafts()[0])
			if j, trips := v.signAll(j.ID); j.State != Done || trips != 0 {
				t.Fatalf("%s (%s) after %d trips", j.State, j.Reason, trips)
			}
			v.pay(v.w.owner, 1e5)
			v.pay(v.w.payer2, 1e6)
			v.mine(1)
			zf := append(bytes.Clone(j.Request.ZoneFile), '\n')
			j = v.external(Request{Kind: KindUpdate, Name: j.Request.Name, Owner: v.w.owner, ZoneFile: zf, Rate: j.Request.Rate})
			past(j.Drafts()[0])
			if j, trips := v.signAll(j.ID); j.State != Done || trips != 0 {
				t.Fatalf("update: %s (%s) after %d trips", j.State, j.Reason, trips)
			}
		})
	}
}

// Imports are signed elsewhere too, in any order; what does not come back is asked for again, and
// fees that rise ask for dearer versions.
func TestExternalImports(t *testing.T) {
	v, _ := revealed(t)
	req := v.importing(5)
	v.w.locked = true
	j := v.external(req)
	drafts := j.Drafts()
	if len(drafts) != 6 || drafts[0].Role != RoleFund {
		t.Fatalf("%d drafts", len(drafts))
	}
	for _, i := range []int{4, 0, 2} {
		j = v.accept(v.sign(drafts[i]))
	}
	v.open()
	j, trips := v.signAll(j.ID)
	if j.State != Done || trips != 1 {
		t.Fatalf("%s (%s) after %d more trips", j.State, j.Reason, trips)
	}
	v.imported(req)
	for _, s := range j.Stages {
		if len(s.Versions) != 1 {
			t.Errorf("%s has %d versions", s.Role, len(s.Versions))
		}
	}
}

func TestExternalImportsFees(t *testing.T) {
	v, _ := revealed(t)
	req := v.importing(2)
	v.w.locked = true
	j := v.external(req)
	for _, d := range j.Drafts() {
		v.accept(v.sign(d))
	}
	for range 2 { // the coins, then the first import
		j = v.advance(j.ID)
		v.mine(1)
	}
	j = v.advance(j.ID)
	for range step.BumpAfter + 2 { // the second import is not mined
		if _, err := v.btc.MineTxs(); err != nil {
			t.Fatal(err)
		}
		v.follow()
		j = v.advance(j.ID)
	}
	drafts := j.Drafts()
	if len(drafts) != 1 || drafts[0].Role != job.ImportRole(1) || drafts[0].Version.Rate != j.Request.HighRate {
		t.Fatalf("%d drafts in %s: %+v", len(drafts), j.State, j.Wait)
	}
	if j, _ = v.signAll(j.ID); j.State != Done {
		t.Fatalf("%s (%s)", j.State, j.Reason)
	}
	v.imported(req)
}

// Other programs finalize what they sign, which drops what a PSBT said before.
func TestAcceptFinalized(t *testing.T) {
	v := offline(t)
	j := v.external(v.register("alice.id"))
	for _, d := range j.Drafts() {
		p := v.sign(d)
		if err := psbt.MaybeFinalizeAll(p); err != nil {
			t.Fatal(err)
		}
		for i := range p.Inputs {
			p.Inputs[i].NonWitnessUtxo, p.Inputs[i].WitnessUtxo = nil, nil
		}
		v.accept(p)
	}
	j, trips := v.signAll(j.ID)
	if j.State != Done || trips != 0 {
		t.Fatalf("%s (%s)", j.State, j.Reason)
	}
	// And P2PKH.
	v.pay(v.w.owner, 1e5)
	v.mine(1)
	j = v.external(Request{Kind: KindRevoke, Name: j.Request.Name, Owner: v.w.owner, Rate: j.Request.Rate})
	p := v.sign(j.Drafts()[0])
	if err := psbt.MaybeFinalizeAll(p); err != nil {
		t.Fatal(err)
	}
	v.accept(p)
	if j, _ = v.signAll(j.ID); j.State != Done {
		t.Fatalf("%s (%s)", j.State, j.Reason)
	}
}
