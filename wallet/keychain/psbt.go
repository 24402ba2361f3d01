package keychain

import (
	"bytes"
	"context"
	"fmt"

	"github.com/btcsuite/btcd/btcec/v2/schnorr"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names/outscript"
	"blockstack/wallet/keychain/hdpath"
)

// SignPSBT signs the inputs of a PSBT (BIP 174, BIP 371) that are ours: those with a derivation of
// our fingerprint. It adds signatures and nothing is finalized. It returns how many inputs carry a
// signature of ours afterwards.
//
// Everything is checked before the first key signs, and nothing is signed when a check fails
// (ErrPSBT):
//   - every input says what it spends; a previous transaction has the txid of the outpoint; a
//     witness output equals that of the previous transaction;
//   - inputs that are not taproot have the previous transaction, because only that proves the
//     amount to a signer who signs inputs one by one;
//   - the inputs are worth at least the outputs, and all amounts are in range;
//   - the path has a role, its key is the one named, and the script is the single-key script that
//     the role uses, or a P2SH script of several keys (m of n) that has an owner key of ours among
//     them;
//   - the signature type is ALL (or the default of taproot).
func (k *Keychain) SignPSBT(ctx context.Context, p *psbt.Packet) (int, error) {
	if k.Locked() {
		return 0, ErrLocked
	}
	prev, err := spentOutputs(p)
	if err != nil {
		return 0, err
	}
	fingerprint, err := k.Fingerprint()
	if err != nil {
		return 0, err
	}
	who := signer{key: k.Key, fingerprint: fingerprint}
	var ours []*ownInput
	for i := range p.Inputs {
		list, err := who.ownInputs(p, i, prev[i])
		if err != nil {
			return 0, fmt.Errorf("%w: input %d: %w", ErrPSBT, i, err)
		}
		ours = append(ours, list...)
	}
	if len(ours) == 0 {
		return 0, ErrNothingToSign
	}
	fetcher := txscript.NewMultiPrevOutFetcher(nil)
	for i, in := range p.UnsignedTx.TxIn {
		fetcher.AddPrevOut(in.PreviousOutPoint, prev[i])
	}
	hashes := txscript.NewTxSigHashes(p.UnsignedTx, fetcher)
	for _, in := range ours {
		if err := in.sign(ctx, p, hashes, fetcher); err != nil {
			return 0, fmt.Errorf("sign input %d: %w", in.index, err)
		}
	}
	return len(ours), nil
}

// spentOutputs checks what a PSBT says about the outputs it spends.
func spentOutputs(p *psbt.Packet) ([]*wire.TxOut, error) {
	if p == nil || p.UnsignedTx == nil {
		return nil, fmt.Errorf("%w: there is no transaction", ErrPSBT)
	}
	if err := p.SanityCheck(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPSBT, err)
	}
	if len(p.Inputs) != len(p.UnsignedTx.TxIn) || len(p.Outputs) != len(p.UnsignedTx.TxOut) {
		return nil, fmt.Errorf("%w: inputs or outputs are missing", ErrPSBT)
	}
	var in, out int64
	prev := make([]*wire.TxOut, len(p.Inputs))
	for i := range p.Inputs {
		o, err := SpentOutput(&p.Inputs[i], p.UnsignedTx.TxIn[i].PreviousOutPoint)
		if err != nil {
			return nil, fmt.Errorf("%w: input %d: %w", ErrPSBT, i, err)
		}
		prev[i] = o
		in += o.Value
	}
	for i, o := range p.UnsignedTx.TxOut {
		if err := checkAmount(o.Value); err != nil {
			return nil, fmt.Errorf("%w: output %d: %w", ErrPSBT, i, err)
		}
		out += o.Value
	}
	if in < out || in > btcutil.MaxSatoshi {
		return nil, fmt.Errorf("%w: inputs of %d sat cannot pay outputs of %d sat", ErrPSBT, in, out)
	}
	return prev, nil
}

// SpentOutput is what an input of a PSBT says that it spends, after checking it against the
// previous transaction where that is there.
func SpentOutput(in *psbt.PInput, op wire.OutPoint) (*wire.TxOut, error) {
	o := in.WitnessUtxo
	if tx := in.NonWitnessUtxo; tx != nil {
		if tx.TxHash() != op.Hash {
			return nil, fmt.Errorf("the previous transaction is not %s", op.Hash)
		}
		if int64(op.Index) >= int64(len(tx.TxOut)) {
			return nil, fmt.Errorf("the previous transaction has no output %d", op.Index)
		}
		full := tx.TxOut[op.Index]
		if o != nil && (o.Value != full.Value || !bytes.Equal(o.PkScript, full.PkScript)) {
			return nil, fmt.Errorf("the previous output is described in two ways")
		}
		o = full
	}
	if o == nil {
		return nil, fmt.Errorf("it does not say what it spends")
	}
	return o, checkAmount(o.Value)
}

func checkAmount(v int64) error {
	if v < 0 || v > btcutil.MaxSatoshi {
		return fmt.Errorf("%d sat is not an amount", v)
	}
	return nil
}

// signer is whose inputs are looked for: the fingerprint of its root key, and its keys.
type signer struct {
	key         func(hdpath.Path) (*Key, error)
	fingerprint uint32
}

// ownInput is an input that passed all checks and may be signed.
type ownInput struct {
	index  int
	key    *Key
	out    *wire.TxOut
	redeem []byte // the witness program inside P2SH
	shared []byte // the multisig script inside P2SH
}

// ownInput checks input i; nil without an error means that it is not ours.
func (s *signer) ownInput(p *psbt.Packet, i int, out *wire.TxOut) (*ownInput, error) {
	in := &p.Inputs[i]
	if len(in.FinalScriptSig) > 0 || len(in.FinalScriptWitness) > 0 {
		return nil, nil
	}
	var (
		path  hdpath.Path
		named []byte
	)
	for _, d := range in.Bip32Derivation {
		if d.MasterKeyFingerprint == s.fingerprint {
			path, named = d.Bip32Path, d.PubKey
		}
	}
	for _, d := range in.TaprootBip32Derivation {
		if d.MasterKeyFingerprint == s.fingerprint && len(d.LeafHashes) == 0 {
			path, named = d.Bip32Path, d.XOnlyPubKey
		}
	}
	if path == nil {
		return nil, nil
	}
	key, err := s.key(path)
	if err != nil {
		return nil, err
	}
	pub := key.PublicKey()
	if !bytes.Equal(named, pub.SerializeCompressed()) && !bytes.Equal(named, schnorr.SerializePubKey(pub)) {
		return nil, fmt.Errorf("the key named is not the key at %s", path)
	}
	script, redeem, err := path.Script(pub)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(script, out.PkScript) {
		return nil, fmt.Errorf("the script is not that of the key at %s", path)
	}
	taproot := path[0] == hdpath.PurposeP2TR+hdpath.Hardened
	switch {
	case in.SighashType == txscript.SigHashAll:
	case in.SighashType == 0: // not set, which is also the default type of taproot
	default:
		return nil, fmt.Errorf("signature type %#x is not ALL", uint32(in.SighashType))
	}
	if !taproot && in.NonWitnessUtxo == nil {
		return nil, fmt.Errorf("the previous transaction is missing, so the amount is not proven")
	}
	return &ownInput{index: i, key: key, out: out, redeem: redeem}, nil
}

func (o *ownInput) sign(ctx context.Context, p *psbt.Packet, hashes *txscript.TxSigHashes, f txscript.PrevOutputFetcher) error {
	in, tx := &p.Inputs[o.index], p.UnsignedTx
	if outscript.KindOf(o.out.PkScript) == outscript.P2TR {
		hash, err := txscript.CalcTaprootSignatureHash(hashes, in.SighashType, tx, o.index, f)
		if err != nil {
			return err
		}
		sig, err := o.key.signTaproot(ctx, [32]byte(hash))
		if err != nil {
			return err
		}
		in.WitnessUtxo = o.out
		in.TaprootInternalKey = schnorr.SerializePubKey(o.key.PublicKey())
		in.TaprootKeySpendSig = sig.Serialize() // the finalizer appends the type
		return nil
	}
	spend := outscript.Spend{Out: o.out, Redeem: o.redeem}
	if o.shared != nil {
		spend.Redeem = o.shared
	}
	hash, err := spend.Digest(tx, o.index, hashes)
	if err != nil {
		return err
	}
	sig, err := o.key.signHash(ctx, [32]byte(hash))
	if err != nil {
		return err
	}
	if o.shared != nil || outscript.KindOf(o.out.PkScript) == outscript.P2PKH {
		in.WitnessUtxo = nil // it would make the finalizer write a witness
	} else {
		in.WitnessUtxo, in.RedeemScript = o.out, o.redeem
	}
	pub := o.key.PublicKey().SerializeCompressed()
	der := append(sig.Serialize(), byte(txscript.SigHashAll))
	for _, s := range in.PartialSigs {
		if bytes.Equal(s.PubKey, pub) {
			s.Signature = der
			return nil
		}
	}
	in.PartialSigs = append(in.PartialSigs, &psbt.PartialSig{PubKey: pub, Signature: der})
	return nil
}
