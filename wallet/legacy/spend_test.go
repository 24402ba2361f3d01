package legacy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/keychain"
)

const keyLong = "2ce3c74a148d76407a4db8df59c510e08bbd79378e15c4e2ea27bd380291a4b3" // keyA with an uncompressed public key

// bundles are texts of every kind that can spend.
func bundles() map[string]string {
	many := "2"
	for range 15 {
		many += "," + keyA
	}
	return map[string]string{
		"one key":          keyA,
		"one long key":     keyLong,
		"1 of 2":           "1," + keyA + "," + keyB,
		"2 of 3":           "2," + keyA + "," + keyB + "," + keyC,
		"3 of 3":           "3," + keyC + "," + keyB + "," + keyA,
		"2 of 15":          many,
		"2 of 2, long":     "2," + keyLong + "," + keyB,
		"segwit, one":      "segwit:p2sh:1," + keyA,
		"segwit, 1 of 2":   "segwit:p2sh:1," + keyA + "," + keyB,
		"segwit, 2 of 3":   "segwit:p2sh:2," + keyA + "," + keyB + "," + keyC,
		"segwit, 3 of 3":   "segwit:p2sh:3," + keyA + "," + keyB + "," + keyC,
		"a key once given": keyB,
	}
}

func parsed(t *testing.T, s string) *Bundle {
	t.Helper()
	b, err := ParseBundle(text(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// spending makes a transaction that spends one coin at each of some scripts, as a PSBT with the
// transactions that made them.
func spending(t *testing.T, net [][]byte) *psbt.Packet {
	t.Helper()
	tx := wire.NewMsgTx(2)
	var prev []*wire.MsgTx
	for i, script := range net {
		from := wire.NewMsgTx(2)
		from.AddTxIn(wire.NewTxIn(&wire.OutPoint{Hash: [32]byte{byte(i + 1)}}, nil, nil))
		from.AddTxOut(wire.NewTxOut(7, []byte{txscript.OP_RETURN}))
		from.AddTxOut(wire.NewTxOut(50_000+int64(i), script))
		tx.AddTxIn(wire.NewTxIn(&wire.OutPoint{Hash: from.TxHash(), Index: 1}, nil, nil))
		prev = append(prev, from)
	}
	tx.AddTxOut(wire.NewTxOut(1000, []byte{txscript.OP_TRUE}))
	p, err := psbt.NewFromUnsignedTx(tx)
	if err != nil {
		t.Fatal(err)
	}
	for i := range p.Inputs {
		p.Inputs[i].NonWitnessUtxo = prev[i]
	}
	return p
}

// finish puts the signatures of an input where its script wants them.
func finish(t *testing.T, p *psbt.Packet, i int, at *Place) (script []byte, witness wire.TxWitness) {
	t.Helper()
	var sigs [][]byte
	for _, s := range p.Inputs[i].PartialSigs {
		sigs = append(sigs, s.Signature)
	}
	push := func(items ...[]byte) []byte {
		b := txscript.NewScriptBuilder()
		for _, item := range items {
			b.AddData(item)
		}
		out, err := b.Script()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	switch {
	case at.Witness != nil:
		return push(at.Redeem), append(append(wire.TxWitness{nil}, sigs...), at.Witness)
	case txscript.IsPayToWitnessPubKeyHash(at.Script):
		return nil, wire.TxWitness{sigs[0], at.publics[0]}
	case at.Redeem != nil && txscript.IsPayToWitnessPubKeyHash(at.Redeem):
		return push(at.Redeem), wire.TxWitness{sigs[0], at.publics[0]}
	case at.Redeem != nil:
		return append([]byte{txscript.OP_0}, push(append(sigs, at.Redeem)...)...), nil
	}
	return push(sigs[0], at.publics[0]), nil
}

// TestSpend spends from every place of every kind of bundle: Bitcoin's script engine takes the
// signatures, and what is put in is not larger than was said.
func TestSpend(t *testing.T) {
	for name, s := range bundles() {
		t.Run(name, func(t *testing.T) {
			places, err := parsed(t, s).Places(&chaincfg.MainNetParams)
			if err != nil || len(places) == 0 {
				t.Fatalf("%d places, %v", len(places), err)
			}
			var from [][]byte
			for i := range places {
				from = append(from, places[i].Script)
			}
			p := spending(t, from)
			if err := SignPSBT(t.Context(), p, places); err != nil {
				t.Fatal(err)
			}
			tx := p.UnsignedTx.Copy()
			prev := txscript.NewMultiPrevOutFetcher(nil)
			for i := range places {
				tx.TxIn[i].SignatureScript, tx.TxIn[i].Witness = finish(t, p, i, &places[i])
				prev.AddPrevOut(tx.TxIn[i].PreviousOutPoint, p.Inputs[i].NonWitnessUtxo.TxOut[1])
			}
			hashes := txscript.NewTxSigHashes(tx, prev)
			for i := range places {
				out := p.Inputs[i].NonWitnessUtxo.TxOut[1]
				vm, err := txscript.NewEngine(out.PkScript, tx, i, txscript.StandardVerifyFlags, nil, hashes, out.Value, prev)
				if err == nil {
					err = vm.Execute()
				}
				if err != nil {
					t.Errorf("%s: %v", places[i].Address, err)
				}
				script, witness := places[i].Sizes()
				size := int64(0)
				if len(tx.TxIn[i].Witness) > 0 {
					size = int64(tx.TxIn[i].Witness.SerializeSize())
				}
				gotScript := int64(len(tx.TxIn[i].SignatureScript))
				slack := int64(3 * places[i].M) // a signature may be shorter by two bytes and more, seldom
				if gotScript > script || size > witness || gotScript+size < script+witness-slack-8 {
					t.Errorf("%s: script %d of %d, witness %d of %d bytes", places[i].Address, gotScript, script, size, witness)
				}
			}
		})
	}
}

// TestPlaces: one key was shown under four addresses by the programs that had it, several under
// one; an address alone is nowhere.
func TestPlaces(t *testing.T) {
	places, err := parsed(t, keyA).Places(&chaincfg.MainNetParams)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, p := range places {
		seen[p.Address.EncodeAddress()] = true
		if script, err := txscript.PayToAddrScript(p.Address); err != nil || !bytes.Equal(script, p.Script) {
			t.Errorf("%s pays %x, %v", p.Address, p.Script, err)
		}
	}
	if len(seen) != 4 || !seen["13W4Ve5FpMBirMGH8a7xUmdrxHh7AosC5d"] {
		t.Errorf("places %v", seen)
	}
	b := parsed(t, "2,"+keyA+","+keyB+","+keyC)
	many, err := b.Places(&chaincfg.MainNetParams)
	if err != nil || len(many) != 1 || many[0].M != 2 {
		t.Errorf("%+v, %v", many, err)
	}
	none, err := parsed(t, "nosign:13W4Ve5FpMBirMGH8a7xUmdrxHh7AosC5d").Places(&chaincfg.MainNetParams)
	if err != nil || len(none) != 0 {
		t.Errorf("an address without a key: %v, %v", none, err)
	}
}

// TestSpendRefuses: what is not proven, not ours or not possible is not signed.
func TestSpendRefuses(t *testing.T) {
	net := &chaincfg.MainNetParams
	b := parsed(t, keyA)
	places, err := b.Places(net)
	if err != nil {
		t.Fatal(err)
	}
	unsigned := func(p *psbt.Packet) error {
		for i := range p.Inputs {
			if len(p.Inputs[i].PartialSigs) > 0 {
				return fmt.Errorf("input %d is signed", i)
			}
		}
		return nil
	}
	for name, c := range map[string]struct {
		change func(p *psbt.Packet)
		want   error
	}{
		"no previous transaction":      {func(p *psbt.Packet) { p.Inputs[0].NonWitnessUtxo = nil }, ErrMalformed},
		"another previous transaction": {func(p *psbt.Packet) { p.Inputs[0].NonWitnessUtxo.TxOut[1].Value++ }, ErrMalformed},
		"an output that is not there": {func(p *psbt.Packet) {
			p.UnsignedTx.TxIn[0].PreviousOutPoint.Index = 2
		}, ErrMalformed},
		"a coin of somebody else": {func(p *psbt.Packet) { p.UnsignedTx.TxIn[0].PreviousOutPoint.Index = 0 }, ErrBadKey},
	} {
		p := spending(t, [][]byte{places[0].Script})
		c.change(p)
		if err := SignPSBT(t.Context(), p, places); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if err := unsigned(p); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := SignPSBT(ended, spending(t, [][]byte{places[0].Script}), places); !errors.Is(err, context.Canceled) {
		t.Errorf("after its end: %v", err)
	}
	other := parsed(t, "segwit:p2sh:2,"+keyA+","+keyB)
	swapped, err := other.Places(net)
	if err != nil {
		t.Fatal(err)
	}
	swapped[0].Witness = append(bytes.Clone(swapped[0].Witness), txscript.OP_NOP)
	if err := SignPSBT(t.Context(), spending(t, [][]byte{swapped[0].Script}), swapped); !errors.Is(err, ErrMalformed) {
		t.Errorf("another witness script: %v", err)
	}
	b.Wipe()
	if err := SignPSBT(t.Context(), spending(t, [][]byte{places[0].Script}), places); !errors.Is(err, keychain.ErrLocked) {
		t.Errorf("with a key that was forgotten: %v", err)
	}
}
