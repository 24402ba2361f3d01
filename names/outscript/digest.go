package outscript

import (
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// Spend is how an output is spent, as far as a signature depends on it.
type Spend struct {
	Out     *wire.TxOut
	Redeem  []byte // the script behind a P2SH output; nil: it is not one
	Witness []byte // the script behind a witness script hash, bare or in P2SH; nil: it is not one
}

// Digest is what an ECDSA signature of everything (SIGHASH_ALL) covers in input i of a transaction.
// Outputs of P2TR have another one, for they commit to all that is spent.
func (s Spend) Digest(tx *wire.MsgTx, i int, hashes *txscript.TxSigHashes) ([]byte, error) {
	program := s.Witness
	switch {
	case program != nil:
	case KindOf(s.Out.PkScript) == P2WPKH:
		program = s.Out.PkScript
	case KindOf(s.Redeem) == P2WPKH:
		program = s.Redeem
	case s.Redeem != nil:
		return txscript.CalcSignatureHash(s.Redeem, txscript.SigHashAll, tx, i)
	default:
		return txscript.CalcSignatureHash(s.Out.PkScript, txscript.SigHashAll, tx, i)
	}
	return txscript.CalcWitnessSigHash(program, hashes, txscript.SigHashAll, tx, i, s.Out.Value)
}
