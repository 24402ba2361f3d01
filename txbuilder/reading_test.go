package txbuilder

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/psbt/v2"

	"blockstack/names"
)

// readable makes an unsigned transfer by an owner of 2 of 3 keys, with its claim.
func readable(t testing.TB) *psbt.Packet {
	t.Helper()
	r := rand.New(rand.NewPCG(5, 6))
	o := newOwners(t, r, 2, 3)
	w := newTestWallet(t, &chaincfg.MainNetParams)
	payer := w.newScript(r, KindP2SH)
	w.change = payer
	w.fund(payer, 1_000_000)
	b, err := New(Config{Params: names.Mainnet(), Net: &chaincfg.MainNetParams, Coins: w, Height: 600_000})
	if err != nil {
		t.Fatal(err)
	}
	name, err := names.Parse("home.id")
	if err != nil {
		t.Fatal(err)
	}
	coin := w.ownerCoin(o.script, 546)
	coin.Redeem = o.redeem
	p, err := b.Transfer(t.Context(), TransferRequest{Funding: Funding{Rate: SatPerVByte(2)}, Name: name, Coin: coin, NewOwner: payer})
	if err != nil {
		t.Fatal(err)
	}
	if err := AddClaim(p.Packet, Claim{Name: "home.id", Job: "0123456789"}); err != nil {
		t.Fatal(err)
	}
	return p.Packet
}

func TestRead(t *testing.T) {
	p := readable(t)
	r, ok := Read(names.Mainnet(), math.MaxInt32, p)
	if !ok || r.Problem != "" || r.Subject != "home.id" || r.Job != "0123456789" || r.Roles[2] != RoleOwnerChange {
		t.Fatalf("%+v", r)
	}
	if text := r.String(); text != "gives home.id to another owner and erases its zone file" {
		t.Error(text)
	}
	// One native segwit input, and nobody would see it.
	q := copyOf(t, p)
	q.Inputs[1].NonWitnessUtxo = q.Inputs[1].NonWitnessUtxo.Copy()
	q.Inputs[1].NonWitnessUtxo.TxOut[0].PkScript = append([]byte{0, 20}, make([]byte, 20)...)
	q.UnsignedTx.TxIn[1].PreviousOutPoint.Hash = q.Inputs[1].NonWitnessUtxo.TxHash()
	q.Inputs[1].WitnessUtxo = nil
	if r, ok := Read(names.Mainnet(), math.MaxInt32, q); !ok || r.Problem == "" {
		t.Errorf("a segwit input: %+v", r)
	}
	// The claim says another name than the hash.
	if err := AddClaim(p, Claim{Name: "other.id"}); err != nil {
		t.Fatal(err)
	}
	if r, _ := Read(names.Mainnet(), math.MaxInt32, p); r.Subject != "" {
		t.Errorf("believes that it is %s", r.Subject)
	}
	if len(p.Unknowns) != 1 {
		t.Errorf("%d claims", len(p.Unknowns))
	}
}

// FuzzRead reads packets of strangers: whatever is in them, nothing breaks, and what is taken for a
// name operation has a role for each output.
func FuzzRead(f *testing.F) {
	raw, err := EncodePacket(readable(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte("psbt\xff"))
	params := names.Mainnet()
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := DecodePacket(raw)
		if err != nil {
			return
		}
		if r, ok := Read(params, math.MaxInt32, p); ok {
			_ = r.String()
			if r.Problem == "" && len(r.Roles) != len(p.UnsignedTx.TxOut) {
				t.Errorf("%d roles for %d outputs", len(r.Roles), len(p.UnsignedTx.TxOut))
			}
		}
		for i := range p.Inputs {
			if m, ok := MultisigOf(p, i); ok && len(m.Signed)+len(m.Missing) != len(m.Keys) {
				t.Errorf("input %d: %d of %d keys are accounted for", i, len(m.Signed)+len(m.Missing), len(m.Keys))
			}
		}
		if tx, ok := FixedTx(p); ok && len(tx.TxIn) != len(p.UnsignedTx.TxIn) {
			t.Error("another transaction")
		}
		if size, ok := SignedSize(p); ok && size <= 0 {
			t.Errorf("size %d", size)
		}
		if tx, err := FinishSigned(p, p); err == nil && sameTransaction(p.UnsignedTx, tx) != nil {
			t.Error("finished another transaction")
		}
	})
}
