package txbuilder

import (
	"fmt"

	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names/outscript"
)

// Sizes of what an input adds, in bytes. A signature is at most 71 bytes DER with low s, plus one
// byte of hash type; a public key is compressed.
//
//	outpoint 36, sequence 4, and the length of the script
const (
	outpointSize = 36
	sequenceSize = 4
	sigSize      = 72
	pubKeySize   = 33
)

// inputWeight is what one input adds, by the kind of coin it spends: four times the stripped bytes
// plus the witness bytes (BIP 141).
//
//	P2PKH        4 * (36 + 1 + (1+72) + (1+33) + 4)                  = 592
//	P2SH-P2WPKH  4 * (36 + 1 + 23 + 4) + 1 + (1+72) + (1+33)         = 364
//	P2WPKH       4 * (36 + 1 + 4)      + 1 + (1+72) + (1+33)         = 272
//	P2TR         4 * (36 + 1 + 4)      + 1 + (1+64)                  = 230
//	P2SH m of n  4 * (36 + script + 4), script = 0, m signatures, redeem script
func inputWeight(script, redeem []byte) (base, witness int64, err error) {
	const frame = outpointSize + sequenceSize
	switch k := KindOf(script); k {
	case KindP2PKH:
		return frame + 1 + (1 + sigSize) + (1 + pubKeySize), 0, nil
	case KindP2SH:
		if len(redeem) > 0 && outscript.KindOf(redeem) != outscript.P2WPKH {
			return multisigInput(redeem)
		}
		return frame + 1 + 23, 1 + (1 + sigSize) + (1 + pubKeySize), nil
	case KindP2WPKH:
		return frame + 1, 1 + (1 + sigSize) + (1 + pubKeySize), nil
	case KindP2TR:
		return frame + 1, 1 + (1 + 64), nil
	default:
		return 0, 0, &ForbiddenScript{Where: "input", Kind: k, Script: script,
			Reason: "the size of what spends it is not known"}
	}
}

// multisigInput is the input of a bare m of n redeem script in P2SH.
func multisigInput(redeem []byte) (base, witness int64, err error) {
	_, m, err := txscript.CalcMultiSigStats(redeem)
	if err != nil {
		return 0, 0, fmt.Errorf("redeem script: %w", err)
	}
	push := int64(1)
	switch {
	case len(redeem) > 255:
		push = 3
	case len(redeem) > 75:
		push = 2
	}
	script := 1 + int64(m)*(1+sigSize) + push + int64(len(redeem))
	return outpointSize + sequenceSize + int64(wire.VarIntSerializeSize(uint64(script))) + script, 0, nil
}

// sizes adds up the weight of a transaction while it is being put together.
type sizes struct {
	inputs, outputs         int
	bare                    int // inputs without a witness
	inBase, inWitness, outs int64
}

// add adds the input that spends a coin.
func (s *sizes) add(c *coin) {
	s.inputs++
	s.inBase += c.base
	s.inWitness += c.wit
	if c.wit == 0 {
		s.bare++
	}
}

// output adds an output of a script.
func (s *sizes) output(script []byte) {
	s.outputs++
	s.outs += int64(wire.NewTxOut(0, script).SerializeSize())
}

// weight is that of the signed transaction: version 4, lock time 4, counts, inputs, outputs; with
// any witness, marker and flag 2 and one zero byte for each input without one.
func (s *sizes) weight() int64 {
	base := 8 + int64(wire.VarIntSerializeSize(uint64(s.inputs))) +
		int64(wire.VarIntSerializeSize(uint64(s.outputs))) + s.inBase + s.outs
	if s.bare == s.inputs {
		return 4 * base
	}
	return 4*base + 2 + s.inWitness + int64(s.bare)
}

// vsize is the weight in virtual bytes, rounded up.
func (s *sizes) vsize() int64 { return (s.weight() + 3) / 4 }
