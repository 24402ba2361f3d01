// Package outscript says what an output script is: its kind, its address, and what a signature that
// spends it covers. It is the one place that recognises the forms of scripts, for the rules of
// names, for building transactions and for signing them.
package outscript

import (
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/txscript/v2"
)

// Kind is the form of an output script.
type Kind int

// The kinds.
const (
	Other  Kind = iota
	P2PKH       // OP_DUP OP_HASH160 <20 bytes> OP_EQUALVERIFY OP_CHECKSIG
	P2SH        // OP_HASH160 <20 bytes> OP_EQUAL
	P2WPKH      // 0 <20 bytes>
	P2WSH       // 0 <32 bytes>
	P2TR        // 1 <32 bytes>
	Data        // begins with OP_RETURN
)

// String names the kind as people write it.
func (k Kind) String() string {
	switch k {
	case P2PKH:
		return "P2PKH"
	case P2SH:
		return "P2SH"
	case P2WPKH:
		return "P2WPKH"
	case P2WSH:
		return "P2WSH"
	case P2TR:
		return "P2TR"
	case Data:
		return "OP_RETURN"
	}
	return "nonstandard"
}

const (
	push20 = txscript.OP_DATA_20
	push32 = txscript.OP_DATA_32
)

// KindOf recognises a script by its bytes.
func KindOf(s []byte) Kind {
	switch n := len(s); {
	case n == 25 && s[0] == txscript.OP_DUP && s[1] == txscript.OP_HASH160 && s[2] == push20 &&
		s[23] == txscript.OP_EQUALVERIFY && s[24] == txscript.OP_CHECKSIG:
		return P2PKH
	case n == 23 && s[0] == txscript.OP_HASH160 && s[1] == push20 && s[22] == txscript.OP_EQUAL:
		return P2SH
	case n == 22 && s[0] == txscript.OP_0 && s[1] == push20:
		return P2WPKH
	case n == 34 && s[0] == txscript.OP_0 && s[1] == push32:
		return P2WSH
	case n == 34 && s[0] == txscript.OP_1 && s[1] == push32:
		return P2TR
	case n > 0 && s[0] == txscript.OP_RETURN:
		return Data
	}
	return Other
}

// IsWitness reports whether a script is a witness program of any version (BIP 141).
func IsWitness(s []byte) bool { return txscript.IsWitnessProgram(s) }

// Address is a script's address on a network; "": it has none.
func Address(script []byte, net *chaincfg.Params) string {
	_, addrs, _, err := txscript.ExtractPkScriptAddrs(script, net)
	if err != nil || len(addrs) != 1 {
		return ""
	}
	return addrs[0].EncodeAddress()
}
