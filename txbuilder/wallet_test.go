package txbuilder

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/schnorr"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/wtxmgr"
)

// testWallet is a wallet in memory with real keys: it satisfies Coins and Signer.
type testWallet struct {
	t       testing.TB
	net     *chaincfg.Params
	keys    map[string]*btcec.PrivateKey // by script
	coins   []wtxmgr.Credit
	txs     map[chainhash.Hash]*wire.MsgTx
	change  []byte
	changes int // how often ChangeScript was asked
	height  int32
	serial  uint32
}

func newTestWallet(t testing.TB, net *chaincfg.Params) *testWallet {
	return &testWallet{t: t, net: net, keys: map[string]*btcec.PrivateKey{}, txs: map[chainhash.Hash]*wire.MsgTx{}, height: 100}
}

// keyScript is the output script of a kind for a key.
func keyScript(t testing.TB, net *chaincfg.Params, key *btcec.PrivateKey, kind ScriptKind) []byte {
	t.Helper()
	hash := address.Hash160(key.PubKey().SerializeCompressed())
	var a address.Address
	var err error
	switch kind {
	case KindP2PKH:
		a, err = address.NewAddressPubKeyHash(hash, net)
	case KindP2WPKH:
		a, err = address.NewAddressWitnessPubKeyHash(hash, net)
	case KindP2SH:
		w, werr := address.NewAddressWitnessPubKeyHash(hash, net)
		if werr != nil {
			t.Fatal(werr)
		}
		redeem, rerr := txscript.PayToAddrScript(w)
		if rerr != nil {
			t.Fatal(rerr)
		}
		a, err = address.NewAddressScriptHash(redeem, net)
	case KindP2TR:
		a, err = address.NewAddressTaproot(schnorr.SerializePubKey(txscript.ComputeTaprootKeyNoScript(key.PubKey())), net)
	default:
		t.Fatalf("no key pays to %s", kind)
	}
	if err != nil {
		t.Fatal(err)
	}
	script, err := txscript.PayToAddrScript(a)
	if err != nil {
		t.Fatal(err)
	}
	return script
}

// addKey teaches the wallet to sign for a key's script.
func (w *testWallet) addKey(key *btcec.PrivateKey, kind ScriptKind) []byte {
	script := keyScript(w.t, w.net, key, kind)
	w.keys[string(script)] = key
	return script
}

// newScript makes a key from a random source and its script.
func (w *testWallet) newScript(r *rand.Rand, kind ScriptKind) []byte {
	var raw [32]byte
	for i := range raw {
		raw[i] = byte(r.Uint32())
	}
	raw[0] &= 0x7f
	key, _ := btcec.PrivKeyFromBytes(raw[:])
	return w.addKey(key, kind)
}

// coinTx makes a transaction that pays a script, as if a stranger had sent it.
func (w *testWallet) coinTx(script []byte, value btcutil.Amount) *wire.MsgTx {
	w.serial++
	tx := wire.NewMsgTx(2)
	tx.AddTxIn(wire.NewTxIn(&wire.OutPoint{Hash: chainhash.Hash{1}, Index: w.serial}, []byte{txscript.OP_TRUE}, nil))
	tx.AddTxOut(wire.NewTxOut(int64(value), script))
	w.txs[tx.TxHash()] = tx
	return tx
}

// fund gives the wallet a confirmed coin.
func (w *testWallet) fund(script []byte, value btcutil.Amount) wtxmgr.Credit {
	tx := w.coinTx(script, value)
	c := wtxmgr.Credit{OutPoint: wire.OutPoint{Hash: tx.TxHash()}, Amount: value, PkScript: script}
	c.Height = w.height
	w.coins = append(w.coins, c)
	return c
}

// ownerCoin makes a coin that is not among the spendable ones.
func (w *testWallet) ownerCoin(script []byte, value btcutil.Amount) Input {
	return InputOf(w.coinTx(script, value), 0)
}

func (w *testWallet) Spendable(context.Context, int32) ([]wtxmgr.Credit, error) { return w.coins, nil }

func (w *testWallet) PrevTx(_ context.Context, op wire.OutPoint) (*wire.MsgTx, error) {
	if tx := w.txs[op.Hash]; tx != nil {
		return tx, nil
	}
	return nil, errors.New("unknown transaction")
}

func (w *testWallet) ChangeScript(context.Context) ([]byte, error) {
	w.changes++
	if w.change == nil {
		return nil, errors.New("no change script")
	}
	return w.change, nil
}

// Sign signs every input whose key the wallet has.
func (w *testWallet) Sign(_ context.Context, p *psbt.Packet) error {
	fetcher := txscript.NewMultiPrevOutFetcher(nil)
	outs := make([]*wire.TxOut, len(p.Inputs))
	for i, in := range p.Inputs {
		op := p.UnsignedTx.TxIn[i].PreviousOutPoint
		outs[i] = in.NonWitnessUtxo.TxOut[op.Index]
		fetcher.AddPrevOut(op, outs[i])
	}
	hashes := txscript.NewTxSigHashes(p.UnsignedTx, fetcher)
	u, err := psbt.NewUpdater(p)
	if err != nil {
		return err
	}
	for i, out := range outs {
		key := w.keys[string(out.PkScript)]
		if key == nil {
			continue
		}
		if err := signInput(u, i, out, hashes, key); err != nil {
			return err
		}
	}
	return nil
}

func signInput(u *psbt.Updater, i int, out *wire.TxOut, hashes *txscript.TxSigHashes, key *btcec.PrivateKey) error {
	tx, pub := u.Upsbt.UnsignedTx, key.PubKey().SerializeCompressed()
	var sig, redeem []byte
	var err error
	switch KindOf(out.PkScript) {
	case KindP2PKH:
		sig, err = txscript.RawTxInSignature(tx, i, out.PkScript, txscript.SigHashAll, key)
	case KindP2WPKH:
		sig, err = txscript.RawTxInWitnessSignature(tx, hashes, i, out.Value, out.PkScript, txscript.SigHashAll, key)
	case KindP2SH:
		redeem = append([]byte{0, 20}, address.Hash160(pub)...)
		sig, err = txscript.RawTxInWitnessSignature(tx, hashes, i, out.Value, redeem, txscript.SigHashAll, key)
	case KindP2TR:
		in := &u.Upsbt.Inputs[i]
		in.TaprootInternalKey = schnorr.SerializePubKey(key.PubKey())
		in.TaprootKeySpendSig, err = txscript.RawTxInTaprootSignature(tx, hashes, i, out.Value, out.PkScript, nil, txscript.SigHashDefault, key)
		return err
	}
	if err != nil {
		return err
	}
	_, err = u.Sign(i, sig, pub, redeem, nil)
	return err
}
