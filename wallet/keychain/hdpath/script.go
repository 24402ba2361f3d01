package hdpath

import (
	"fmt"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/txscript/v2"
)

// Script is the output script that the role of a path uses for a key, and the redeem script where
// there is one.
func (p Path) Script(pub *btcec.PublicKey) (script, redeem []byte, err error) {
	compressed := pub.SerializeCompressed()
	hash := address.Hash160(compressed)
	b := func() *txscript.ScriptBuilder { return txscript.NewScriptBuilder() }
	switch p[0] {
	case PurposeP2PKH + Hardened, purposeIdentity + Hardened:
		script, err = b().AddOp(txscript.OP_DUP).AddOp(txscript.OP_HASH160).AddData(hash).
			AddOp(txscript.OP_EQUALVERIFY).AddOp(txscript.OP_CHECKSIG).Script()
	case PurposeP2SHP2WPKH + Hardened:
		if redeem, err = b().AddOp(txscript.OP_0).AddData(hash).Script(); err != nil {
			return nil, nil, err
		}
		script, err = b().AddOp(txscript.OP_HASH160).AddData(address.Hash160(redeem)).AddOp(txscript.OP_EQUAL).Script()
	case PurposeP2WPKH + Hardened:
		script, err = b().AddOp(txscript.OP_0).AddData(hash).Script()
	case PurposeP2TR + Hardened:
		script, err = txscript.PayToTaprootScript(txscript.ComputeTaprootKeyNoScript(pub))
	default:
		err = fmt.Errorf("%w: %s", ErrBadPath, p)
	}
	return script, redeem, err
}
