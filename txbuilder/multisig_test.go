package txbuilder

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/ecdsa"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/mempool"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/txscript/v2"

	"blockstack/names"
)

// owners are n keys of which m sign.
type owners struct {
	m      int
	keys   []*btcec.PrivateKey
	redeem []byte
	script []byte
}

func newOwners(t testing.TB, r *rand.Rand, m, n int) owners {
	t.Helper()
	o := owners{m: m}
	b := txscript.NewScriptBuilder().AddInt64(int64(m))
	for range n {
		var raw [32]byte
		for i := range raw {
			raw[i] = byte(r.Uint32())
		}
		raw[0] &= 0x7f
		key, _ := btcec.PrivKeyFromBytes(raw[:])
		o.keys = append(o.keys, key)
		b.AddData(key.PubKey().SerializeCompressed())
	}
	var err error
	if o.redeem, err = b.AddInt64(int64(n)).AddOp(txscript.OP_CHECKMULTISIG).Script(); err != nil {
		t.Fatal(err)
	}
	o.script = names.ScriptHashScript([20]byte(address.Hash160(o.redeem)))
	return o
}

// sign adds the signature of one key to input 0.
func (o owners) sign(t testing.TB, p *psbt.Packet, i int) {
	t.Helper()
	hash, err := txscript.CalcSignatureHash(o.redeem, txscript.SigHashAll, p.UnsignedTx, 0)
	if err != nil {
		t.Fatal(err)
	}
	der := append(ecdsa.Sign(o.keys[i], hash).Serialize(), byte(txscript.SigHashAll))
	p.Inputs[0].PartialSigs = append(p.Inputs[0].PartialSigs, &psbt.PartialSig{PubKey: o.keys[i].PubKey().SerializeCompressed(), Signature: der})
}

// copyOf is what is sent to a signer.
func copyOf(t testing.TB, p *psbt.Packet) *psbt.Packet {
	t.Helper()
	c, err := clonePacket(p)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestMultisigOwners builds operations of owners of m of n keys, for many m, n and sets of signers:
// with m signatures or more, in any order, the transaction is valid, no larger than planned, and
// close to it; with fewer it is not.
func TestMultisigOwners(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	params := names.Mainnet()
	for round := range 36 {
		n := 1 + r.IntN(15)
		m := 1 + r.IntN(n)
		o := newOwners(t, r, m, n)
		w := newTestWallet(t, &chaincfg.MainNetParams)
		payer := w.newScript(r, []ScriptKind{KindP2PKH, KindP2SH}[r.IntN(2)])
		w.change = payer
		w.fund(payer, 1_000_000)
		b, err := New(Config{Params: params, Net: &chaincfg.MainNetParams, Coins: w, Height: 600_000})
		if err != nil {
			t.Fatal(err)
		}
		name, err := names.Parse("home.id")
		if err != nil {
			t.Fatal(err)
		}
		coin := w.ownerCoin(o.script, 546)
		coin.Redeem = o.redeem
		rate := SatPerVByte(1 + r.Int64N(80))
		var p *Plan
		switch round % 3 {
		case 0:
			p, err = b.Update(t.Context(), UpdateRequest{Funding: Funding{Rate: rate}, Name: name, Coin: coin})
		case 1:
			p, err = b.Transfer(t.Context(), TransferRequest{Funding: Funding{Rate: rate}, Name: name, Coin: coin, NewOwner: payer, Keep: true})
		default:
			p, err = b.Revoke(t.Context(), RevokeRequest{Funding: Funding{Rate: rate}, Name: name, Coin: coin})
		}
		if err != nil {
			t.Fatalf("%d of %d: %v", m, n, err)
		}
		if size, ok := SignedSize(p.Packet); !ok || size != p.VSize {
			t.Errorf("%d of %d: %d vB planned, %d read off the packet", m, n, p.VSize, size)
		}
		planned := copyOf(t, p.Packet)
		signers := r.Perm(n)[:m+r.IntN(n-m+1)]
		var copies []*psbt.Packet
		for _, i := range signers {
			c := copyOf(t, planned)
			o.sign(t, c, i)
			copies = append(copies, c)
		}
		payers := copyOf(t, planned)
		if err := w.Sign(t.Context(), payers); err != nil {
			t.Fatal(err)
		}
		few, err := Combine(append([]*psbt.Packet{payers}, copies[:m-1]...)...)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := MultisigOf(few, 0); !ok || len(got.Signed) != m-1 || len(got.Missing) != n-m+1 || got.Threshold != m {
			t.Fatalf("%d of %d: %d signed, %d missing", m, n, len(got.Signed), len(got.Missing))
		}
		if _, err := FinishSigned(planned, few); err == nil {
			t.Fatalf("%d of %d: %d signatures are enough", m, n, m-1)
		}
		all, err := Combine(append(copies, payers)...)
		if err != nil {
			t.Fatal(err)
		}
		tx, err := FinishSigned(planned, all)
		if err != nil {
			t.Fatalf("%d of %d by %v: %v", m, n, signers, err)
		}
		size := mempool.GetTxVirtualSize(btcutil.NewTx(tx))
		if slack := int64(3 * (m + 1)); size > p.VSize || size < p.VSize-slack {
			t.Errorf("%d of %d: %d vB, planned %d", m, n, size, p.VSize)
		}
	}
}

// A worthless signature in the name of another signer keeps nobody's good one out, whatever the
// order.
func TestCombineKeepsTheGoodSignature(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	o := newOwners(t, r, 2, 3)
	w := newTestWallet(t, &chaincfg.MainNetParams)
	prev := w.coinTx(o.script, 50_000)
	p, err := packetOf(&result{layout: &Layout{Outputs: []Output{{Role: RolePayment, Script: o.script, Value: 40_000}}},
		coins: []*coin{{op: InputOf(prev, 0).OutPoint, tx: prev, script: o.script, redeem: o.redeem, value: 50_000}}}, 0)
	if err != nil {
		t.Fatal(err)
	}
	good0, good1, bad := copyOf(t, p), copyOf(t, p), copyOf(t, p)
	o.sign(t, good0, 0)
	o.sign(t, good1, 1)
	o.sign(t, bad, 2)
	forged := slices.Clone(bad.Inputs[0].PartialSigs[0].Signature)
	bad.Inputs[0].PartialSigs = append(bad.Inputs[0].PartialSigs, &psbt.PartialSig{PubKey: o.keys[0].PubKey().SerializeCompressed(), Signature: forged})
	for _, order := range [][]*psbt.Packet{{bad, good0, good1}, {good0, bad, good1}, {good1, good0, bad}} {
		all, err := Combine(order...)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Finish(all); err != nil {
			t.Error(err)
		}
	}
	// The forged one alone counts for nothing.
	two, err := Combine(bad, p)
	if err != nil {
		t.Fatal(err)
	}
	if m, _ := MultisigOf(two, 0); len(m.Signed) != 1 || !bytes.Equal(m.Signed[0], o.keys[2].PubKey().SerializeCompressed()) {
		t.Errorf("%d signatures are valid", len(m.Signed))
	}
}
