package txbuilder

import (
	"bytes"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/ecdsa"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// Multisig says who has signed an input that several keys sign.
type Multisig struct {
	Threshold int
	Keys      [][]byte // in the order of the script
	// Signed and Missing are those keys that have a valid signature of everything in
	// the packet, and those that have none.
	Signed, Missing [][]byte
}

// MultisigOf looks at input i of a packet. ok is false when it is not P2SH with a
// redeem script of m of n keys, or finalized already.
func MultisigOf(p *psbt.Packet, i int) (m Multisig, ok bool) {
	if checkPacket(p) != nil {
		return m, false
	}
	in := &p.Inputs[i]
	if m.Threshold, m.Keys, ok = multisigKeys(previous(p, i), in.RedeemScript); !ok || len(in.FinalScriptSig) > 0 {
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

// multisigKeys reads a redeem script that an output pays to.
func multisigKeys(out *wire.TxOut, redeem []byte) (threshold int, keys [][]byte, ok bool) {
	multi, err := txscript.IsMultisigScript(redeem)
	if err != nil || !multi || KindOf(out.PkScript) != KindP2SH || !bytes.Equal(out.PkScript[2:22], address.Hash160(redeem)) {
		return 0, nil, false
	}
	n, threshold, err := txscript.CalcMultiSigStats(redeem)
	if err != nil {
		return 0, nil, false
	}
	for t := txscript.MakeScriptTokenizer(0, redeem); t.Next(); {
		if len(t.Data()) > 0 {
			keys = append(keys, t.Data())
		}
	}
	return threshold, keys, len(keys) == n
}

// signatureOf is the valid signature of a key for a multisig input, nil without one.
// Only signatures of everything (SIGHASH_ALL) count.
func signatureOf(p *psbt.Packet, i int, key []byte) *psbt.PartialSig {
	for _, s := range p.Inputs[i].PartialSigs {
		if bytes.Equal(s.PubKey, key) && validSignature(p, i, s) {
			return s
		}
	}
	return nil
}

// validSignature says whether a signature of everything (SIGHASH_ALL) by the key it
// names is good for input i, whose script may or may not want that key.
func validSignature(p *psbt.Packet, i int, s *psbt.PartialSig) bool {
	n := len(s.Signature)
	if checkPacket(p) != nil || n < 9 || txscript.SigHashType(s.Signature[n-1]) != txscript.SigHashAll {
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
	out, redeem := previous(p, i), p.Inputs[i].RedeemScript
	witness := out.PkScript
	switch kind := KindOf(out.PkScript); {
	case kind == KindP2SH && txscript.IsPayToWitnessPubKeyHash(redeem):
		witness = redeem
	case kind == KindP2SH:
		return txscript.CalcSignatureHash(redeem, txscript.SigHashAll, p.UnsignedTx, i)
	case kind != KindP2WPKH:
		return txscript.CalcSignatureHash(out.PkScript, txscript.SigHashAll, p.UnsignedTx, i)
	}
	hashes := txscript.NewTxSigHashes(p.UnsignedTx, txscript.NewCannedPrevOutputFetcher(out.PkScript, out.Value))
	return txscript.CalcWitnessSigHash(witness, hashes, txscript.SigHashAll, p.UnsignedTx, i, out.Value)
}

// enough leaves a multisig input exactly as many valid signatures as it needs, since
// more would make its script fail; with fewer it changes nothing.
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
	p.Inputs[i].WitnessUtxo = nil // it would make the finalizer write a witness
}
