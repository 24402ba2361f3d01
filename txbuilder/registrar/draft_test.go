package registrar

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/txscript/v2"

	"blockstack/names"
	"blockstack/txbuilder"
)

// Annotate gives a signer elsewhere the redeem scripts.
func (w *wallet) Annotate(_ context.Context, p *psbt.Packet) error {
	for i := range p.Inputs {
		out := p.Inputs[i].NonWitnessUtxo.TxOut[p.UnsignedTx.TxIn[i].PreviousOutPoint.Index]
		if key := w.keys[string(out.PkScript)]; key != nil && txscript.IsPayToScriptHash(out.PkScript) {
			p.Inputs[i].RedeemScript = append([]byte{0, 20}, address.Hash160(key.PubKey().SerializeCompressed())...)
		}
	}
	return nil
}

// offline is a world whose program never has the keys.
func offline(t *testing.T) *world {
	v := newWorld(t)
	v.launch("id", 1)
	v.w.locked = true
	return v
}

// external starts a request that is signed elsewhere.
func (v *world) external(req Request) *Job {
	v.t.Helper()
	req.External = true
	j, err := v.r.Start(v.t.Context(), req)
	if err != nil {
		v.t.Fatal(err)
	}
	return v.advance(j.ID)
}

// sign is the machine with the keys: it reads the PSBT and gives back a copy.
func (v *world) sign(d *Draft) *psbt.Packet {
	v.t.Helper()
	p, err := d.PSBT()
	if err != nil {
		v.t.Fatal(err)
	}
	v.w.locked = false
	defer func() { v.w.locked = true }()
	if err := v.w.Sign(v.t.Context(), p); err != nil {
		v.t.Fatal(err)
	}
	return p
}

func (v *world) accept(p *psbt.Packet) *Job {
	v.t.Helper()
	j, err := v.r.Accept(v.t.Context(), p)
	if err != nil {
		v.t.Fatal(err)
	}
	return j
}

// signAll runs an external job to its end, signing what it waits for, and counts the trips to the
// signer.
func (v *world) signAll(id ID) (j *Job, trips int) {
	v.t.Helper()
	for range 60 {
		j = v.advance(id)
		if !j.Open() {
			return j, trips
		}
		if j.Wait.Signatures {
			trips++
			for _, d := range j.Drafts() {
				v.accept(v.sign(d))
			}
			continue
		}
		v.mine(1)
	}
	v.t.Fatalf("job %s does not end", id)
	return nil, 0
}

func TestExternalJobs(t *testing.T) {
	v := offline(t)
	reg := v.register("alice.id")
	j := v.external(reg)
	if n := len(j.Drafts()); j.State != Planned || n != 2 {
		t.Fatalf("%s with %d drafts; a nested payer gives preorder and registration at once", j.State, n)
	}
	if !j.Wait.Signatures || len(v.btc.Sent()) != 0 && v.w.signed != 0 && len(j.Stages) > 0 {
		t.Fatalf("wait %+v", j.Wait)
	}
	j, trips := v.signAll(j.ID)
	if j.State != Done || trips != 1 {
		t.Fatalf("%s (%s) after %d trips", j.State, j.Reason, trips)
	}
	// Owner coins are P2PKH here.
	zf := append(bytes.Clone(reg.ZoneFile), "; two\n"...)
	for _, req := range []Request{
		{Kind: KindUpdate, Name: reg.Name, Owner: v.w.owner, ZoneFile: zf, Rate: reg.Rate},
		{Kind: KindRenew, Name: reg.Name, Owner: v.w.owner, Rate: reg.Rate},
		{Kind: KindTransfer, Name: reg.Name, Owner: v.w.owner, To: v.w.payer2, Rate: reg.Rate},
		{Kind: KindRevoke, Name: reg.Name, Owner: v.w.payer2, Rate: reg.Rate},
	} {
		v.pay(req.Owner, 1e5)
		v.mine(1)
		j, trips := v.signAll(v.external(req).ID)
		if j.State != Done || trips != 1 {
			t.Fatalf("%s: %s (%s) after %d trips", req.Kind, j.State, j.Reason, trips)
		}
	}
	launch := v.launchRequest("other", 1)
	j = v.external(launch)
	if n := len(j.Drafts()); n != 3 {
		t.Fatalf("launch: %d drafts", n)
	}
	if j, trips = v.signAll(j.ID); j.State != Done || trips != 1 {
		t.Fatalf("launch: %s (%s) after %d trips", j.State, j.Reason, trips)
	}
}

// A P2PKH payer's preorder has no txid before it is signed, so the registration is drafted after
// it.
func TestExternalLegacyPayer(t *testing.T) {
	v := offline(t)
	for _, c := range must(v.w.CoinsAt(t.Context(), v.w.payer)) {
		if _, err := v.btc.Pay(v.w.payer2, c.Amount); err != nil {
			t.Fatal(err)
		}
	}
	v.mine(1)
	delete(v.w.keys, string(v.w.payer))
	delete(v.w.keys, string(v.w.change))
	j := v.external(v.register("bob.id"))
	if n := len(j.Drafts()); n != 1 {
		t.Fatalf("%d drafts", n)
	}
	j, trips := v.signAll(j.ID)
	if j.State != Done || trips != 2 {
		t.Fatalf("%s (%s) after %d trips", j.State, j.Reason, trips)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestAcceptOnlyWhatWasPlanned(t *testing.T) {
	v := offline(t)
	j := v.external(v.register("alice.id"))
	d := j.Drafts()[0]
	refuse := func(name string, p *psbt.Packet, want error) {
		t.Helper()
		if _, err := v.r.Accept(t.Context(), p); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
		if now := must(v.r.Job(t.Context(), j.ID)); now.State != Planned || len(now.Drafts()) != 2 || len(now.Stages) != 0 {
			t.Fatalf("%s: changed the job to %s", name, now.State)
		}
	}
	unsignedPacket := must(d.PSBT())
	refuse("unsigned", unsignedPacket, txbuilder.ErrNotSigned)
	other := v.sign(d)
	other.UnsignedTx.TxOut[2].Value--
	refuse("another amount", other, ErrNoDraft)
	open := v.sign(d)
	for _, s := range open.Inputs[0].PartialSigs {
		s.Signature[len(s.Signature)-1] = byte(txscript.SigHashNone)
	}
	refuse("another signature type", open, txbuilder.ErrNotSigned)
	// A signature of type NONE that is valid leaves the outputs open to anybody.
	p := v.sign(d)
	key := v.w.keys[string(v.w.payer)]
	hashes := txscript.NewTxSigHashes(p.UnsignedTx, txscript.NewCannedPrevOutputFetcher(v.w.payer, 0))
	prev := p.Inputs[0].NonWitnessUtxo.TxOut[p.UnsignedTx.TxIn[0].PreviousOutPoint.Index]
	sig := must(txscript.RawTxInWitnessSignature(p.UnsignedTx, hashes, 0, prev.Value, p.Inputs[0].RedeemScript, txscript.SigHashNone, key))
	p.Inputs[0].PartialSigs[0].Signature, p.Inputs[0].SighashType = sig, txscript.SigHashNone
	refuse("type NONE", p, txbuilder.ErrAltered)

	// The same again, also finalized, finds the job.
	v.accept(v.sign(d))
	again := v.sign(&Draft{Packet: d.Packet, Unsigned: d.Unsigned})
	if err := psbt.MaybeFinalizeAll(again); err != nil {
		t.Fatal(err)
	}
	if now := v.accept(again); now.State != PreorderSigned || len(now.Stage(RolePreorder).Versions) != 1 {
		t.Errorf("again: %s", now.State)
	}
}

// The signed registration may come back before the signed preorder.
func TestAcceptInAnyOrder(t *testing.T) {
	v := offline(t)
	j := v.external(v.register("alice.id"))
	drafts := j.Drafts()
	if now := v.accept(v.sign(drafts[1])); now.State != Planned {
		t.Fatalf("the registration alone: %s", now.State)
	}
	v.open() // and the program was stopped in between
	if now := v.advance(j.ID); !now.Wait.Signatures || now.State != Planned {
		t.Fatalf("%s", now.State)
	}
	v.accept(v.sign(drafts[0]))
	if j, trips := v.signAll(j.ID); j.State != Done || trips != 0 {
		t.Fatalf("%s (%s) after %d trips", j.State, j.Reason, trips)
	}
}

// A draft that was not signed in time is replaced by one that spends the same input 0, and is not
// taken back.
func TestOldDraft(t *testing.T) {
	v := offline(t)
	j := v.external(v.register("alice.id"))
	first := j.Drafts()[0]
	v.mine(30)
	if _, err := v.r.Accept(t.Context(), v.sign(first)); !errors.Is(err, ErrOldDraft) {
		t.Fatalf("too late: %v", err)
	}
	j = v.advance(j.ID)
	second := j.Drafts()[0]
	if len(j.Drafts()) != 2 || second.Unsigned == first.Unsigned {
		t.Fatalf("%d drafts, the first %s", len(j.Drafts()), second.Unsigned)
	}
	if a, b := must(first.PSBT()), must(second.PSBT()); a.UnsignedTx.TxIn[0].PreviousOutPoint != b.UnsignedTx.TxIn[0].PreviousOutPoint {
		t.Error("both could confirm")
	}
	if _, err := v.r.Accept(t.Context(), v.sign(first)); !errors.Is(err, ErrOldDraft) {
		t.Errorf("replaced: %v", err)
	}
	if j, trips := v.signAll(j.ID); j.State != Done || trips != 1 {
		t.Fatalf("%s (%s) after %d trips", j.State, j.Reason, trips)
	}
}

// What a draft needs is reserved, and a job that is waiting survives a restart with the same
// drafts.
func TestDraftsAreKept(t *testing.T) {
	v := offline(t)
	j := v.external(v.register("alice.id"))
	v.open()
	again := v.advance(j.ID)
	if !slices.EqualFunc(j.Drafts(), again.Drafts(), func(a, b *Draft) bool { return bytes.Equal(a.Packet, b.Packet) }) {
		t.Error("other drafts after a restart")
	}
	reserved := must(v.r.Reserved(t.Context()))
	for _, d := range j.Drafts() {
		for _, in := range must(d.PSBT()).UnsignedTx.TxIn {
			if reserved[in.PreviousOutPoint].Holder != j.ID {
				t.Errorf("%s is not reserved", in.PreviousOutPoint)
			}
		}
	}
	other := v.external(v.register("bob.id"))
	if a, b := must(j.Drafts()[0].PSBT()), must(other.Drafts()[0].PSBT()); a.UnsignedTx.TxIn[0].PreviousOutPoint == b.UnsignedTx.TxIn[0].PreviousOutPoint {
		t.Error("two jobs spend one coin")
	}
	for _, id := range []ID{j.ID, other.ID} {
		if j, _ := v.signAll(id); j.State != Done {
			t.Errorf("%s (%s)", j.State, j.Reason)
		}
	}
}

// A transaction that is stuck gets a draft with a higher fee; a cancelled job one that returns its
// coins.
func TestExternalReplacements(t *testing.T) {
	v := offline(t)
	j := v.external(v.register("alice.id"))
	v.accept(v.sign(j.Drafts()[0]))
	j = v.advance(j.ID)
	if j.State != PreorderSigned {
		t.Fatalf("%s", j.State)
	}
	j, err := v.r.Cancel(t.Context(), j.ID)
	if err != nil || !j.Wait.Signatures {
		t.Fatalf("%v %+v", err, j.Wait)
	}
	i := slices.IndexFunc(j.Drafts(), func(d *Draft) bool { return d.Role == RoleReturn })
	if i < 0 {
		t.Fatal("nothing to sign")
	}
	v.accept(v.sign(j.Drafts()[i]))
	if j, _ = v.signAll(j.ID); j.State != Cancelled {
		t.Fatalf("%s (%s)", j.State, j.Reason)
	}
	if rec := must(v.x.Record(t.Context(), j.Request.Name)); rec.Status != names.Available {
		t.Errorf("the name is %s", rec.Status)
	}
}

// The index reads every draft as the operation that was meant, and the claim tells a signer which
// name a hash stands for.
func TestDraftsReadBack(t *testing.T) {
	v := offline(t)
	reg := v.register("alice.id")
	j := v.external(reg)
	for _, d := range j.Drafts() {
		r, ok := txbuilder.Read(v.params, v.height()+1, must(d.PSBT()))
		if !ok || r.Problem != "" || r.Subject != "alice.id" || !bytes.Equal(r.Owner, v.w.owner) {
			t.Errorf("%s reads as %+v", d.Role, r)
		}
		if d.Role == RolePreorder && (r.Paid != d.Version.Burn || r.Payee != v.params.BurnAddress) {
			t.Errorf("pays %d to %s", r.Paid, r.Payee)
		}
		lie := must(d.PSBT())
		if err := txbuilder.AddClaim(lie, txbuilder.Claim{Name: "mallory.id", Owner: v.w.address(v.w.owner)}); err != nil {
			t.Fatal(err)
		}
		if r, _ := txbuilder.Read(v.params, v.height()+1, lie); r.Subject == "mallory.id" {
			t.Errorf("%s: a claim that the hash does not prove is believed", d.Role)
		}
	}
	v.signAll(j.ID)
	v.pay(v.w.owner, 1e5)
	v.mine(1)
	for _, req := range []Request{
		{Kind: KindUpdate, Name: reg.Name, Owner: v.w.owner, ZoneFile: append(bytes.Clone(reg.ZoneFile), '\n'), Rate: reg.Rate},
		{Kind: KindTransfer, Name: reg.Name, Owner: v.w.owner, To: v.w.payer2, Rate: reg.Rate},
	} {
		j := v.external(req)
		r, ok := txbuilder.Read(v.params, v.height()+1, must(j.Drafts()[0].PSBT()))
		if !ok || r.Subject != "alice.id" || r.Roles[len(r.Roles)-1] != txbuilder.RoleChange {
			t.Errorf("%s reads as %+v", req.Kind, r)
		}
		if _, err := v.r.Cancel(t.Context(), j.ID); err != nil {
			t.Fatal(err)
		}
	}
}
