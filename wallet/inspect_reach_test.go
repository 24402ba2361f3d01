package wallet_test

import (
	"fmt"
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet"
	"blockstack/wallet/scripts"
)

// ownPlace is a key of our account at an index, with where it is derived.
func ownPlace(t *testing.T, w *wallet.Wallet, kind scripts.Kind, branch, index uint32) (scripts.Key, psbt.POutput) {
	t.Helper()
	var node *hdkeychain.ExtendedKey
	node, err := w.Account(testContext(t), kind)
	for _, step := range []uint32{branch, index} {
		if err == nil {
			node, err = node.Derive(step)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	pub, err := node.ECPubKey()
	if err != nil {
		t.Fatal(err)
	}
	k, err := scripts.NewPaymentKey(w.Network(), kind, branch, index, pub)
	if err != nil {
		t.Fatal(err)
	}
	info, err := w.Info(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	if kind == scripts.P2TR {
		return k, psbt.POutput{TaprootBip32Derivation: []*psbt.TaprootBip32Derivation{
			{XOnlyPubKey: k.PubKey[1:], MasterKeyFingerprint: info.Fingerprint, Bip32Path: w.Path(k)}}}
	}
	return k, psbt.POutput{Bip32Derivation: []*psbt.Bip32Derivation{
		{PubKey: k.PubKey, MasterKeyFingerprint: info.Fingerprint, Bip32Path: w.Path(k)}}}
}

// An output to a key of ours is ours as far as a restore looks: the gap beyond what was used, where
// what the transaction itself spends and proves counts as used.
func TestInspectBeyondRestore(t *testing.T) {
	w := create(t, home(t), phraseA)
	unlock(t, w)
	for _, kind := range scripts.Kinds() {
		for _, c := range []struct {
			spent, branch, index uint32 // of the input, a change key; and of the output
			proven, ours         bool
		}{
			{0, scripts.Change, 0, true, true},
			{0, scripts.Change, 19, true, true},
			{0, scripts.Change, 21, true, false},
			{0, scripts.Change, 39, true, false}, // derived ahead, and not looked for
			{0, scripts.Change, 1000, true, false},
			{0, scripts.Change, 2_000_000_000, true, false},
			{0, scripts.Receive, 2_000_000_000, true, false},
			{0, scripts.Receive, 20, true, false},
			{19, scripts.Change, 39, true, true},
			{19, scripts.Change, 40, true, false},
			{19, scripts.Change, 39, false, false}, // the input is a claim
			{19, scripts.Receive, 20, true, false}, // another branch
			{1_999_999_999, scripts.Change, 2_000_000_000, true, false},
		} {
			t.Run(fmt.Sprint(kind, c), func(t *testing.T) {
				in, _ := ownPlace(t, w, kind, scripts.Change, c.spent)
				out, about := ownPlace(t, w, kind, c.branch, c.index)
				prev := wire.NewMsgTx(2)
				prev.AddTxIn(&wire.TxIn{})
				prev.AddTxOut(wire.NewTxOut(100_000, in.Script))
				tx := wire.NewMsgTx(2)
				tx.AddTxIn(&wire.TxIn{PreviousOutPoint: wire.OutPoint{Hash: prev.TxHash()}})
				tx.AddTxOut(wire.NewTxOut(90_000, out.Script))
				p, err := psbt.NewFromUnsignedTx(tx)
				if err != nil {
					t.Fatal(err)
				}
				_, from := ownPlace(t, w, kind, scripts.Change, c.spent)
				p.Inputs[0].Bip32Derivation, p.Inputs[0].TaprootBip32Derivation = from.Bip32Derivation, from.TaprootBip32Derivation
				if p.Inputs[0].WitnessUtxo = prev.TxOut[0]; c.proven {
					p.Inputs[0].NonWitnessUtxo = prev
				}
				p.Outputs[0] = about
				r, err := w.Inspect(testContext(t), p)
				if err != nil {
					t.Fatal(err)
				}
				o := r.Outputs[0]
				if !r.Inputs[0].Ours || o.Ours != c.ours || o.TooFar == c.ours || (r.Back == 90_000) != c.ours || r.Proof != wallet.ProofSeed {
					t.Errorf("input ours %t, output %+v, back %d, proof %s", r.Inputs[0].Ours, o, r.Back, r.Proof)
				}
			})
		}
	}
}

// A script of several keys that the list lacks may be anybody's idea: our coins do not come back
// through it.
func TestInspectUnlistedSet(t *testing.T) {
	w, other := create(t, home(t), phraseA), newWallet(t)
	keys := make([][]byte, 2)
	for i, w := range []*wallet.Wallet{w, other} {
		a, err := w.OwnerAddress(testContext(t), 0)
		if err != nil {
			t.Fatal(err)
		}
		keys[i] = a.PubKey.SerializeCompressed()
	}
	redeem, err := wallet.NewShared(1, keys)
	if err != nil {
		t.Fatal(err)
	}
	unlock(t, other)
	set, err := other.AddShared(testContext(t), redeem, "his idea")
	if err != nil {
		t.Fatal(err)
	}
	mine, about := ownPlace(t, w, scripts.P2WPKH, scripts.Receive, 0)
	prev := wire.NewMsgTx(2)
	prev.AddTxIn(&wire.TxIn{})
	prev.AddTxOut(wire.NewTxOut(1_000, set.Script))
	prev.AddTxOut(wire.NewTxOut(100_000, mine.Script))
	for back, ours := range map[int64]bool{1_000: true, 90_000: false} {
		tx := wire.NewMsgTx(2)
		for i := range uint32(2) {
			tx.AddTxIn(&wire.TxIn{PreviousOutPoint: wire.OutPoint{Hash: prev.TxHash(), Index: i}})
		}
		tx.AddTxOut(wire.NewTxOut(back, set.Script))
		p, err := psbt.NewFromUnsignedTx(tx)
		if err != nil {
			t.Fatal(err)
		}
		for i := range p.Inputs {
			p.Inputs[i].NonWitnessUtxo = prev
		}
		p.Inputs[0].RedeemScript, p.Inputs[1].Bip32Derivation = redeem, about.Bip32Derivation
		r, err := w.Inspect(testContext(t), p)
		if err != nil || r.Outputs[0].Ours != ours {
			t.Errorf("%d back to the set: %+v %v", back, r, err)
		}
	}
}
