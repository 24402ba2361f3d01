package keychain

import (
	"context"
	"errors"
	"testing"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/keychain/hdpath"
)

// sharedPacket spends a coin of 2 of 3: two owner keys of ours and a stranger's.
func sharedPacket(t *testing.T, k *Keychain) *psbt.Packet {
	t.Helper()
	fp, err := k.Fingerprint()
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := btcec.NewPrivateKey()
	if err != nil {
		t.Fatal(err)
	}
	b := txscript.NewScriptBuilder().AddInt64(2).AddData(stranger.PubKey().SerializeCompressed())
	var ours []*psbt.Bip32Derivation
	for i := range uint32(2) {
		key, err := k.Key(hdpath.Owner(i))
		if err != nil {
			t.Fatal(err)
		}
		pub := key.PublicKey().SerializeCompressed()
		b.AddData(pub)
		ours = append(ours, &psbt.Bip32Derivation{PubKey: pub, MasterKeyFingerprint: fp, Bip32Path: hdpath.Owner(i)})
	}
	redeem, err := b.AddInt64(3).AddOp(txscript.OP_CHECKMULTISIG).Script()
	if err != nil {
		t.Fatal(err)
	}
	addr, err := address.NewAddressScriptHash(redeem, &chaincfg.RegressionNetParams)
	if err != nil {
		t.Fatal(err)
	}
	script, err := txscript.PayToAddrScript(addr)
	if err != nil {
		t.Fatal(err)
	}
	prev := wire.NewMsgTx(2)
	prev.AddTxIn(wire.NewTxIn(&wire.OutPoint{}, nil, nil))
	prev.AddTxOut(wire.NewTxOut(10_000, script))
	p, err := psbt.New([]*wire.OutPoint{{Hash: prev.TxHash()}}, []*wire.TxOut{wire.NewTxOut(9_000, []byte{txscript.OP_TRUE})}, 2, 0, []uint32{0xfffffffd})
	if err != nil {
		t.Fatal(err)
	}
	p.Inputs[0].NonWitnessUtxo, p.Inputs[0].RedeemScript, p.Inputs[0].Bip32Derivation = prev, redeem, ours
	return p
}

func TestSignShared(t *testing.T) {
	k := unlocked(t)
	p := sharedPacket(t, k)
	if n, err := k.SignPSBT(context.Background(), p); err != nil || n != 2 || len(p.Inputs[0].PartialSigs) != 2 {
		t.Fatalf("%d signed, %d signatures: %v", n, len(p.Inputs[0].PartialSigs), err)
	}
	runScripts(t, p)
}

// With others we sign only with owner keys that stand in the script that is paid to.
func TestSignSharedRefuses(t *testing.T) {
	k := unlocked(t)
	for name, change := range map[string]func(in *psbt.PInput){
		"another script": func(in *psbt.PInput) {
			in.RedeemScript = append([]byte{}, in.RedeemScript...)
			in.RedeemScript[5] ^= 1
		},
		"a key that is not in the script": func(in *psbt.PInput) {
			in.Bip32Derivation = in.Bip32Derivation[:1]
			key, err := k.Key(hdpath.Owner(7))
			if err != nil {
				t.Fatal(err)
			}
			in.Bip32Derivation[0].PubKey, in.Bip32Derivation[0].Bip32Path = key.PublicKey().SerializeCompressed(), hdpath.Owner(7)
		},
		"a payment key": func(in *psbt.PInput) {
			in.Bip32Derivation[0].Bip32Path = hdpath.Payment(regtest, hdpath.PurposeP2PKH, 0, 1)
		},
		"a revealer key":     func(in *psbt.PInput) { in.Bip32Derivation[0].Bip32Path = hdpath.Revealer(0) },
		"another path":       func(in *psbt.PInput) { in.Bip32Derivation[0].Bip32Path = hdpath.Owner(5) },
		"a path of no role":  func(in *psbt.PInput) { in.Bip32Derivation[0].Bip32Path = hdpath.Path{1, 2, 3} },
		"an empty path":      func(in *psbt.PInput) { in.Bip32Derivation[0].Bip32Path = nil },
		"signature of none":  func(in *psbt.PInput) { in.SighashType = txscript.SigHashNone },
		"no proof of amount": func(in *psbt.PInput) { in.WitnessUtxo, in.NonWitnessUtxo = in.NonWitnessUtxo.TxOut[0], nil },
	} {
		t.Run(name, func(t *testing.T) {
			p := sharedPacket(t, k)
			change(&p.Inputs[0])
			if _, err := k.SignPSBT(context.Background(), p); !errors.Is(err, ErrPSBT) {
				t.Errorf("%v", err)
			}
			if len(p.Inputs[0].PartialSigs) > 0 {
				t.Error("it was signed")
			}
		})
	}
	// Without a key of ours there is nothing to sign.
	p := sharedPacket(t, k)
	for _, d := range p.Inputs[0].Bip32Derivation {
		d.MasterKeyFingerprint ^= 1
	}
	if _, err := k.SignPSBT(context.Background(), p); !errors.Is(err, ErrNothingToSign) {
		t.Errorf("others' keys: %v", err)
	}
}
