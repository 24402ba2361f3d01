package txbuilder

import (
	"bytes"
	"crypto/sha256"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/ecdsa"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names/outscript"
)

// Multisig says who has signed an input that several keys sign.
type Multisig struct {
	Threshold int
	Keys      [][]byte // in the order of the script
	// Signed and Missing are those keys that have a valid signature of everything in the packet,
	// and those that have none.
	Signed, Missing [][]byte
}

// MultisigOf looks at input i of a packet. ok is false when it is not a script of m of n keys
// (P2SH, P2WSH, or the one in the other), or finalized already.
func MultisigOf(p *psbt.Packet, i int) (m Multisig, ok bool) {
	if checkShape(p) != nil {
		return m, false
	}
	out, err := spends(p, i)
	if err != nil {
		return m, false
	}
	in := &p.Inputs[i]
	if m.Threshold, m.Keys, ok = multisigKeys(out, in); !ok || len(in.FinalScriptSig) > 0 || len(in.FinalScriptWitness) > 0 {
		return m, false
	}
	for _, key := range m.Keys {
		if signatureOf(p, i, key) != nil {
			m.Signed = append(m.Signed, key)
		} else {
			m.Missing = append(m.Missing, key)
		}
	}
	return m, true
}

// multisigKeys reads the script of several keys that an output pays to.
func multisigKeys(out *wire.TxOut, in *psbt.PInput) (threshold int, keys [][]byte, ok bool) {
	script := witnessScript(out, in)
	if script == nil {
		if script = in.RedeemScript; KindOf(out.PkScript) != KindP2SH || !bytes.Equal(out.PkScript[2:22], address.Hash160(script)) {
			return 0, nil, false
		}
	}
	multi, err := txscript.IsMultisigScript(script)
	if err != nil || !multi {
		return 0, nil, false
	}
	n, threshold, err := txscript.CalcMultiSigStats(script)
	if err != nil {
		return 0, nil, false
	}
	for t := txscript.MakeScriptTokenizer(0, script); t.Next(); {
		if len(t.Data()) > 0 {
			keys = append(keys, t.Data())
		}
	}
	return threshold, keys, len(keys) == n
}

// witnessScript is the script behind a P2WSH output, bare or inside P2SH; nil: it is not one, or
// the script is not there.
func witnessScript(out *wire.TxOut, in *psbt.PInput) []byte {
	program := out.PkScript
	if KindOf(program) == KindP2SH && bytes.Equal(program[2:22], address.Hash160(in.RedeemScript)) {
		program = in.RedeemScript
	}
	hash := sha256.Sum256(in.WitnessScript)
	if outscript.KindOf(program) != outscript.P2WSH || !bytes.Equal(program[2:], hash[:]) {
		return nil
	}
	return in.WitnessScript
}

// signatureOf is the valid signature of a key for a multisig input, nil without one. Only
// signatures of everything (SIGHASH_ALL) count.
func signatureOf(p *psbt.Packet, i int, key []byte) *psbt.PartialSig {
	for _, s := range p.Inputs[i].PartialSigs {
		if bytes.Equal(s.PubKey, key) && validSignature(p, i, s) {
			return s
		}
	}
	return nil
}

// validSignature says whether a signature of everything (SIGHASH_ALL) by the key it names is good
// for input i, whose script may or may not want that key.
func validSignature(p *psbt.Packet, i int, s *psbt.PartialSig) bool {
	n := len(s.Signature)
	if checkShape(p) != nil || n < 9 || txscript.SigHashType(s.Signature[n-1]) != txscript.SigHashAll {
		return false
	}
	pub, err := btcec.ParsePubKey(s.PubKey)
	if err != nil {
		return false
	}
	sig, err := ecdsa.ParseDERSignature(s.Signature[:n-1])
	if err != nil {
		return false
	}
	hash, err := inputHash(p, i)
	return err == nil && sig.Verify(hash, pub)
}

// inputHash is what a signature of input i signs.
func inputHash(p *psbt.Packet, i int) ([]byte, error) {
	out, err := spends(p, i)
	if err != nil {
		return nil, err
	}
	in := &p.Inputs[i]
	spend := outscript.Spend{Out: out, Witness: witnessScript(out, in)}
	if KindOf(out.PkScript) == KindP2SH {
		spend.Redeem = append([]byte{}, in.RedeemScript...) // never nil: what is missing is not the script that is paid to
	}
	hashes := txscript.NewTxSigHashes(p.UnsignedTx, txscript.NewCannedPrevOutputFetcher(out.PkScript, out.Value))
	return spend.Digest(p.UnsignedTx, i, hashes)
}

// enough leaves a multisig input exactly as many valid signatures as it needs, since more would
// make its script fail; with fewer it changes nothing.
func enough(p *psbt.Packet, i int) {
	m, ok := MultisigOf(p, i)
	if !ok || len(m.Signed) < m.Threshold {
		return
	}
	var sigs []*psbt.PartialSig
	for _, key := range m.Signed[:m.Threshold] {
		sigs = append(sigs, signatureOf(p, i, key))
	}
	p.Inputs[i].PartialSigs = sigs
}
