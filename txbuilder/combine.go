package txbuilder

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/txscript/v2"
)

// Combine puts what several signers added to copies of one PSBT into one (BIP
// 174, combiner). The packets must be about the same unsigned transaction; where
// two say different things about the same, that is refused.
func Combine(packets ...*psbt.Packet) (*psbt.Packet, error) {
	if len(packets) == 0 {
		return nil, fmt.Errorf("%w: nothing to combine", ErrBadRequest)
	}
	all, err := clonePacket(packets[0])
	if err != nil {
		return nil, err
	}
	for _, p := range packets[1:] {
		if err := sameTransaction(all.UnsignedTx, p.UnsignedTx); err != nil {
			return nil, fmt.Errorf("%w: the packets are about different transactions", ErrBadRequest)
		}
		if len(p.Inputs) != len(all.Inputs) || len(p.Outputs) != len(all.Outputs) {
			return nil, fmt.Errorf("%w: not a complete packet", ErrBadRequest)
		}
		for i := range p.Inputs {
			if err := combineInput(&all.Inputs[i], &p.Inputs[i]); err != nil {
				return nil, fmt.Errorf("input %d: %w", i, err)
			}
			combineSignatures(all, i, p.Inputs[i].PartialSigs)
		}
		for _, u := range p.Unknowns {
			if !contains(all.Unknowns, func(x *psbt.Unknown) bool { return bytes.Equal(x.Key, u.Key) }) {
				all.Unknowns = append(all.Unknowns, u)
			}
		}
		for i := range p.Outputs {
			combineOutput(&all.Outputs[i], &p.Outputs[i])
		}
	}
	return all, all.SanityCheck()
}

// combineInput adds what b knows to a.
func combineInput(a, b *psbt.PInput) error {
	if a.NonWitnessUtxo == nil {
		a.NonWitnessUtxo = b.NonWitnessUtxo
	}
	if a.WitnessUtxo == nil {
		a.WitnessUtxo = b.WitnessUtxo
	} else if b.WitnessUtxo != nil && !psbt.TxOutsEqual(a.WitnessUtxo, b.WitnessUtxo) {
		return fmt.Errorf("%w: the packets disagree on what it spends", ErrBadRequest)
	}
	if a.SighashType == 0 {
		a.SighashType = b.SighashType
	} else if b.SighashType != 0 && a.SighashType != b.SighashType {
		return fmt.Errorf("%w: the packets disagree on the type of signature", ErrBadRequest)
	}
	for _, f := range []struct{ to, from *[]byte }{
		{&a.RedeemScript, &b.RedeemScript}, {&a.WitnessScript, &b.WitnessScript}, {&a.FinalScriptSig, &b.FinalScriptSig},
		{&a.FinalScriptWitness, &b.FinalScriptWitness}, {&a.TaprootKeySpendSig, &b.TaprootKeySpendSig}, {&a.TaprootInternalKey, &b.TaprootInternalKey},
	} {
		if len(*f.to) == 0 {
			*f.to = *f.from
		}
	}
	for _, d := range b.Bip32Derivation {
		if !contains(a.Bip32Derivation, func(x *psbt.Bip32Derivation) bool { return bytes.Equal(x.PubKey, d.PubKey) }) {
			a.Bip32Derivation = append(a.Bip32Derivation, d)
		}
	}
	for _, d := range b.TaprootBip32Derivation {
		if !contains(a.TaprootBip32Derivation, func(x *psbt.TaprootBip32Derivation) bool { return bytes.Equal(x.XOnlyPubKey, d.XOnlyPubKey) }) {
			a.TaprootBip32Derivation = append(a.TaprootBip32Derivation, d)
		}
	}
	return nil
}

// combineSignatures adds signatures to an input. Where there is one of the same key
// already, the valid one stays: a worthless signature must not keep a good one out.
func combineSignatures(p *psbt.Packet, i int, sigs []*psbt.PartialSig) {
	in := &p.Inputs[i]
	for _, s := range sigs {
		at := slices.IndexFunc(in.PartialSigs, func(x *psbt.PartialSig) bool { return bytes.Equal(x.PubKey, s.PubKey) })
		switch {
		case at < 0:
			in.PartialSigs = append(in.PartialSigs, s)
		case !validSignature(p, i, in.PartialSigs[at]) && validSignature(p, i, s):
			in.PartialSigs[at] = s
		}
	}
}

// combineOutput adds what b knows to a.
func combineOutput(a, b *psbt.POutput) {
	if len(a.RedeemScript) == 0 {
		a.RedeemScript = b.RedeemScript
	}
	if len(a.WitnessScript) == 0 {
		a.WitnessScript = b.WitnessScript
	}
	for _, d := range b.Bip32Derivation {
		if !contains(a.Bip32Derivation, func(x *psbt.Bip32Derivation) bool { return bytes.Equal(x.PubKey, d.PubKey) }) {
			a.Bip32Derivation = append(a.Bip32Derivation, d)
		}
	}
	for _, d := range b.TaprootBip32Derivation {
		if !contains(a.TaprootBip32Derivation, func(x *psbt.TaprootBip32Derivation) bool { return bytes.Equal(x.XOnlyPubKey, d.XOnlyPubKey) }) {
			a.TaprootBip32Derivation = append(a.TaprootBip32Derivation, d)
		}
	}
}

// contains says whether an element of a list is meant.
func contains[T any](list []T, is func(T) bool) bool {
	for _, x := range list {
		if is(x) {
			return true
		}
	}
	return false
}

// signed says whether an input carries a signature.
func signed(in *psbt.PInput) bool {
	return len(in.PartialSigs) > 0 || len(in.TaprootKeySpendSig) > 0 || len(in.FinalScriptSig) > 0 || len(in.FinalScriptWitness) > 0
}

// Signed says whether input i of a packet carries a signature, valid or not.
func Signed(p *psbt.Packet, i int) bool { return signed(&p.Inputs[i]) }

// SignedSize is the virtual size that a packet's transaction has at most when all
// its inputs are signed by single keys; ok is false when an input is of another
// kind.
func SignedSize(p *psbt.Packet) (vsize int64, ok bool) {
	if checkPacket(p) != nil {
		return 0, false
	}
	var s sizer
	for i := range p.Inputs {
		c := &coin{script: previous(p, i).PkScript}
		var err error
		redeem := p.Inputs[i].RedeemScript
		if txscript.IsWitnessProgram(redeem) {
			redeem = nil
		}
		if c.base, c.wit, err = inputWeight(c.script, redeem); err != nil {
			return 0, false
		}
		s.add(c)
	}
	for _, o := range p.UnsignedTx.TxOut {
		s.output(o.PkScript)
	}
	return s.vsize(), true
}
