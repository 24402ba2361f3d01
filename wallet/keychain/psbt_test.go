package keychain

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/btcsuite/btcd/btcec/v2/schnorr"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/keychain/hdpath"
	"blockstack/wallet/keychain/keyfile"
)

var regtest = &chaincfg.RegressionNetParams

// ownPaths has one key of every role and kind.
func ownPaths() []hdpath.Path {
	return []hdpath.Path{
		hdpath.Owner(2), hdpath.Revealer(0),
		hdpath.Payment(regtest, hdpath.PurposeP2PKH, 0, 1), hdpath.Payment(regtest, hdpath.PurposeP2SHP2WPKH, 1, 7),
		hdpath.Payment(regtest, hdpath.PurposeP2WPKH, 0, 3), hdpath.Payment(regtest, hdpath.PurposeP2TR, 1, 0),
	}
}

// ownPacket spends 10000 sat of each path.
func ownPacket(t *testing.T, k *Keychain, paths []hdpath.Path) *psbt.Packet {
	t.Helper()
	fp, err := k.Fingerprint()
	if err != nil {
		t.Fatal(err)
	}
	var (
		ops  []*wire.OutPoint
		seqs []uint32
		prev []*wire.MsgTx
	)
	for i, path := range paths {
		key, err := k.Key(path)
		if err != nil {
			t.Fatal(err)
		}
		script, _, err := path.Script(key.PublicKey())
		if err != nil {
			t.Fatal(err)
		}
		tx := wire.NewMsgTx(2)
		tx.AddTxIn(wire.NewTxIn(&wire.OutPoint{Index: uint32(i)}, nil, nil))
		tx.AddTxOut(wire.NewTxOut(5, []byte{txscript.OP_TRUE}))
		tx.AddTxOut(wire.NewTxOut(10_000, script))
		ops, seqs, prev = append(ops, &wire.OutPoint{Hash: tx.TxHash(), Index: 1}), append(seqs, 0xfffffffd), append(prev, tx)
	}
	p, err := psbt.New(ops, []*wire.TxOut{wire.NewTxOut(int64(len(paths))*10_000-500, []byte{txscript.OP_TRUE})}, 2, 0, seqs)
	if err != nil {
		t.Fatal(err)
	}
	for i, path := range paths {
		key, _ := k.Key(path)
		in := &p.Inputs[i]
		in.NonWitnessUtxo = prev[i]
		if path[0] == hdpath.PurposeP2TR+hdpath.Hardened {
			in.TaprootBip32Derivation = []*psbt.TaprootBip32Derivation{{XOnlyPubKey: schnorr.SerializePubKey(key.PublicKey()), MasterKeyFingerprint: fp, Bip32Path: path}}
		} else {
			in.Bip32Derivation = []*psbt.Bip32Derivation{{PubKey: key.PublicKey().SerializeCompressed(), MasterKeyFingerprint: fp, Bip32Path: path}}
		}
	}
	return p
}

// runScripts finalizes a signed packet and executes every input's script.
func runScripts(t *testing.T, p *psbt.Packet) {
	t.Helper()
	outs := make([]*wire.TxOut, len(p.Inputs))
	fetcher := txscript.NewMultiPrevOutFetcher(nil)
	for i, in := range p.UnsignedTx.TxIn {
		outs[i] = p.Inputs[i].NonWitnessUtxo.TxOut[in.PreviousOutPoint.Index]
		fetcher.AddPrevOut(in.PreviousOutPoint, outs[i])
	}
	if err := psbt.MaybeFinalizeAll(p); err != nil {
		t.Fatal(err)
	}
	tx, err := psbt.Extract(p)
	if err != nil {
		t.Fatal(err)
	}
	hashes := txscript.NewTxSigHashes(tx, fetcher)
	for i, o := range outs {
		vm, err := txscript.NewEngine(o.PkScript, tx, i, txscript.StandardVerifyFlags, nil, hashes, o.Value, fetcher)
		if err != nil {
			t.Fatal(err)
		}
		if err := vm.Execute(); err != nil {
			t.Errorf("input %d: %v", i, err)
		}
	}
}

func TestSignEveryKind(t *testing.T) {
	k := unlocked(t)
	for name, change := range map[string]func(p *psbt.Packet){
		"as made":         func(*psbt.Packet) {},
		"sighash all":     func(p *psbt.Packet) { setSighash(p, txscript.SigHashAll) },
		"witness outputs": addWitnessUtxos,
		"read from bytes": func(p *psbt.Packet) {
			var b bytes.Buffer
			if err := p.Serialize(&b); err != nil {
				t.Fatal(err)
			}
			q, err := psbt.NewFromRawBytes(&b, false)
			if err != nil {
				t.Fatal(err)
			}
			*p = *q
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := ownPacket(t, k, ownPaths())
			change(p)
			n, err := k.SignPSBT(context.Background(), p)
			if err != nil || n != len(p.Inputs) {
				t.Fatalf("signed %d: %v", n, err)
			}
			var first, second bytes.Buffer
			if err := p.Serialize(&first); err != nil {
				t.Fatal(err)
			}
			if _, err := k.SignPSBT(context.Background(), p); err != nil {
				t.Errorf("signing again: %v", err)
			}
			if err := p.Serialize(&second); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(first.Bytes(), second.Bytes()) {
				t.Error("signing again changes the PSBT")
			}
			runScripts(t, p)
		})
	}
}

func setSighash(p *psbt.Packet, h txscript.SigHashType) {
	for i := range p.Inputs {
		p.Inputs[i].SighashType = h
	}
}

func addWitnessUtxos(p *psbt.Packet) {
	for i, in := range p.UnsignedTx.TxIn {
		p.Inputs[i].WitnessUtxo = p.Inputs[i].NonWitnessUtxo.TxOut[in.PreviousOutPoint.Index]
	}
}

// A taproot input needs no previous transaction: its signature commits to all amounts.
func TestSignTaprootFromWitnessOutput(t *testing.T) {
	k := unlocked(t)
	p := ownPacket(t, k, ownPaths()[5:])
	prev := p.Inputs[0].NonWitnessUtxo
	addWitnessUtxos(p)
	p.Inputs[0].NonWitnessUtxo = nil
	if _, err := k.SignPSBT(context.Background(), p); err != nil {
		t.Fatal(err)
	}
	p.Inputs[0].NonWitnessUtxo = prev // for the check below only
	runScripts(t, p)
}

// Whatever a hostile PSBT claims, nothing is signed.
func TestSignRefuses(t *testing.T) {
	k := unlocked(t)
	const owner, p2pkh, nested, wpkh, taproot = 0, 2, 3, 4, 5
	replacePrev := func(p *psbt.Packet, i int, change func(*wire.MsgTx)) {
		tx := p.Inputs[i].NonWitnessUtxo.Copy()
		change(tx)
		p.Inputs[i].NonWitnessUtxo = tx
	}
	for name, change := range map[string]func(p *psbt.Packet){
		"amount of another previous transaction": func(p *psbt.Packet) {
			replacePrev(p, p2pkh, func(tx *wire.MsgTx) { tx.TxOut[1].Value = 9_000 })
		},
		"script of another previous transaction": func(p *psbt.Packet) {
			replacePrev(p, wpkh, func(tx *wire.MsgTx) { tx.TxOut[1].PkScript = []byte{txscript.OP_TRUE} })
		},
		"witness output with another amount": func(p *psbt.Packet) {
			p.Inputs[nested].WitnessUtxo = wire.NewTxOut(9_999, p.Inputs[nested].NonWitnessUtxo.TxOut[1].PkScript)
		},
		"witness output with another script": func(p *psbt.Packet) {
			p.Inputs[taproot].WitnessUtxo = wire.NewTxOut(10_000, []byte{txscript.OP_TRUE})
		},
		"segwit input without the previous transaction": func(p *psbt.Packet) {
			addWitnessUtxos(p)
			p.Inputs[wpkh].NonWitnessUtxo = nil
		},
		"nested input without the previous transaction": func(p *psbt.Packet) {
			addWitnessUtxos(p)
			p.Inputs[nested].NonWitnessUtxo = nil
		},
		"old input without the previous transaction": func(p *psbt.Packet) { p.Inputs[owner].NonWitnessUtxo = nil },
		"output index out of range":                  func(p *psbt.Packet) { p.UnsignedTx.TxIn[owner].PreviousOutPoint.Index = 2 },
		"another output of ours":                     func(p *psbt.Packet) { p.UnsignedTx.TxIn[owner].PreviousOutPoint.Index = 0 },
		"outputs worth more":                         func(p *psbt.Packet) { p.UnsignedTx.TxOut[0].Value = 60_001 },
		"negative output":                            func(p *psbt.Packet) { p.UnsignedTx.TxOut[0].Value = -1 },
		"huge output":                                func(p *psbt.Packet) { p.UnsignedTx.TxOut[0].Value = btcutil.MaxSatoshi + 1 },
		"sighash none":                               func(p *psbt.Packet) { p.Inputs[p2pkh].SighashType = txscript.SigHashNone },
		"sighash single":                             func(p *psbt.Packet) { p.Inputs[taproot].SighashType = txscript.SigHashSingle },
		"anyone can pay": func(p *psbt.Packet) {
			p.Inputs[wpkh].SighashType = txscript.SigHashAll | txscript.SigHashAnyOneCanPay
		},
		"key of another path": func(p *psbt.Packet) {
			p.Inputs[p2pkh].Bip32Derivation[0].Bip32Path = hdpath.Payment(regtest, hdpath.PurposeP2PKH, 0, 2)
		},
		"named key of another": func(p *psbt.Packet) {
			p.Inputs[p2pkh].Bip32Derivation[0].PubKey = p.Inputs[wpkh].Bip32Derivation[0].PubKey
		},
		"path and key of another": func(p *psbt.Packet) { p.Inputs[p2pkh].Bip32Derivation = p.Inputs[wpkh].Bip32Derivation },
		"owner key in a payment script": func(p *psbt.Packet) {
			p.Inputs[wpkh].Bip32Derivation = p.Inputs[owner].Bip32Derivation
		},
		"path without a role": func(p *psbt.Packet) {
			p.Inputs[owner].Bip32Derivation[0].Bip32Path = mustPath(t, "m/888'/0'/2'/0'")
		},
		"path of the root": func(p *psbt.Packet) { p.Inputs[owner].Bip32Derivation[0].Bip32Path = hdpath.Path{} },
		"taproot path on an old script": func(p *psbt.Packet) {
			p.Inputs[owner].Bip32Derivation, p.Inputs[owner].TaprootBip32Derivation = nil, p.Inputs[taproot].TaprootBip32Derivation
		},
		"an input is missing":  func(p *psbt.Packet) { p.Inputs = p.Inputs[:5] },
		"an output is missing": func(p *psbt.Packet) { p.Outputs = nil },
		"script already there": func(p *psbt.Packet) { p.UnsignedTx.TxIn[0].SignatureScript = []byte{1} },
	} {
		t.Run(name, func(t *testing.T) {
			p := ownPacket(t, k, ownPaths())
			change(p)
			_, err := k.SignPSBT(context.Background(), p)
			if !errors.Is(err, ErrPSBT) {
				t.Errorf("%v", err)
			}
			for i := range p.Inputs {
				if len(p.Inputs[i].PartialSigs) > 0 || len(p.Inputs[i].TaprootKeySpendSig) > 0 {
					t.Errorf("input %d was signed", i)
				}
			}
		})
	}
	for _, p := range []*psbt.Packet{nil, {}} {
		if _, err := k.SignPSBT(context.Background(), p); !errors.Is(err, ErrPSBT) {
			t.Errorf("no transaction: %v", err)
		}
	}
}

// Inputs of others are left alone; without any of ours there is an error.
func TestSignWithOthers(t *testing.T) {
	k := unlocked(t)
	p := ownPacket(t, k, ownPaths())
	fp, _ := k.Fingerprint()
	for i := range p.Inputs {
		for _, d := range p.Inputs[i].Bip32Derivation {
			d.MasterKeyFingerprint = fp ^ 1
		}
	}
	n, err := k.SignPSBT(context.Background(), p)
	if err != nil || n != 1 || len(p.Inputs[0].PartialSigs) != 0 {
		t.Errorf("only the taproot input is ours: %d %v", n, err)
	}
	p.Inputs[5].TaprootBip32Derivation = nil
	p.Inputs[5].TaprootKeySpendSig = nil
	if _, err := k.SignPSBT(context.Background(), p); !errors.Is(err, ErrNothingToSign) {
		t.Errorf("none is ours: %v", err)
	}
	k.Lock()
	if _, err := k.SignPSBT(context.Background(), p); !errors.Is(err, ErrLocked) {
		t.Errorf("locked: %v", err)
	}
}

func FuzzSignPSBT(f *testing.F) {
	path := f.TempDir() + "/keychain"
	if err := Create(path, pw(testPhrase), pw("x"), keyfile.TestCost()); err != nil {
		f.Fatal(err)
	}
	k, err := Open(path)
	if err != nil {
		f.Fatal(err)
	}
	if err := k.Unlock(context.Background(), pw("x")); err != nil {
		f.Fatal(err)
	}
	var seed bytes.Buffer
	if err := ownPacket(&testing.T{}, k, ownPaths()).Serialize(&seed); err != nil {
		f.Fatal(err)
	}
	f.Add(seed.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<16 {
			return
		}
		p, err := psbt.NewFromRawBytes(bytes.NewReader(b), false)
		if err != nil {
			return
		}
		n, err := k.SignPSBT(context.Background(), p)
		if (err == nil) != (n > 0) {
			t.Errorf("%d signatures and %v", n, err)
		}
	})
}
