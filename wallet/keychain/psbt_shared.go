package keychain

import (
	"bytes"
	"fmt"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names/outscript"
	"blockstack/wallet/keychain/hdpath"
)

// ownInputs checks input i: none means that it is not ours, several that more than one key of ours
// signs it.
func (s *signer) ownInputs(p *psbt.Packet, i int, out *wire.TxOut) ([]*ownInput, error) {
	redeem := p.Inputs[i].RedeemScript
	if multi, err := txscript.IsMultisigScript(redeem); err == nil && multi && outscript.KindOf(out.PkScript) == outscript.P2SH {
		return s.sharedInputs(p, i, out)
	}
	in, err := s.ownInput(p, i, out)
	if in == nil || err != nil {
		return nil, err
	}
	return []*ownInput{in}, nil
}

// sharedInputs checks an input that several keys sign (BIP 11 in BIP 16): the script is the one
// that is paid to, and each key that is said to be ours is an owner key of ours and stands in the
// script.
func (s *signer) sharedInputs(p *psbt.Packet, i int, out *wire.TxOut) ([]*ownInput, error) {
	in := &p.Inputs[i]
	if len(in.FinalScriptSig) > 0 || len(in.FinalScriptWitness) > 0 {
		return nil, nil
	}
	if !bytes.Equal(out.PkScript[2:22], address.Hash160(in.RedeemScript)) {
		return nil, fmt.Errorf("the redeem script is not the one that is paid to")
	}
	var list []*ownInput
	for _, d := range in.Bip32Derivation {
		if d.MasterKeyFingerprint != s.fingerprint {
			continue
		}
		path := hdpath.Path(d.Bip32Path)
		if len(path) != 3 || path.String() != hdpath.Owner(path[2]&^hdpath.Hardened).String() {
			return nil, fmt.Errorf("%s is no owner key, and no other signs with others", path)
		}
		key, err := s.key(path)
		if err != nil {
			return nil, err
		}
		pub := key.PublicKey().SerializeCompressed()
		if !bytes.Equal(d.PubKey, pub) {
			return nil, fmt.Errorf("the key named is not the key at %s", path)
		}
		if !hasKey(in.RedeemScript, pub) {
			return nil, fmt.Errorf("the key at %s is not in the redeem script", path)
		}
		list = append(list, &ownInput{index: i, key: key, out: out, shared: in.RedeemScript})
	}
	switch {
	case len(list) == 0:
		return nil, nil
	case in.SighashType != 0 && in.SighashType != txscript.SigHashAll:
		return nil, fmt.Errorf("signature type %#x is not ALL", uint32(in.SighashType))
	case in.NonWitnessUtxo == nil:
		return nil, fmt.Errorf("the previous transaction is missing, so the amount is not proven")
	}
	return list, nil
}

// hasKey says whether a key is pushed in a script.
func hasKey(script, pub []byte) bool {
	for t := txscript.MakeScriptTokenizer(0, script); t.Next(); {
		if bytes.Equal(t.Data(), pub) {
			return true
		}
	}
	return false
}
