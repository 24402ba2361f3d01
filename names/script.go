package names

import (
	"fmt"

	"github.com/btcsuite/btcd/address/v2/base58"

	"blockstack/names/outscript"
)

// ScriptType is the class of an output script as the name layer sees it (protocol 2.1).
type ScriptType uint8

// The script types.
const (
	NonStandard       ScriptType = iota
	PubKeyHash                   // p2pkh: OP_DUP OP_HASH160 <20 bytes> OP_EQUALVERIFY OP_CHECKSIG
	ScriptHash                   // p2sh: OP_HASH160 <20 bytes> OP_EQUAL
	NullData                     // first token OP_RETURN
	WitnessPubKeyHash            // p2wpkh: 0 <20 bytes>
	WitnessScriptHash            // p2wsh: 0 <32 bytes>
	MultiSig                     // last token OP_CHECKMULTISIG
	PubKey                       // two tokens, the last one OP_CHECKSIG
	NestedPubKeyHash             // p2sh-p2wpkh: only a word in registry files, scripts of this type look like p2sh
	NestedScriptHash             // p2sh-p2wsh: the same
	scriptTypeCount
)

// String gives the word that registry files use.
func (t ScriptType) String() string {
	switch t {
	case PubKeyHash:
		return "p2pkh"
	case ScriptHash:
		return "p2sh"
	case NullData:
		return "nulldata"
	case WitnessPubKeyHash:
		return "p2wpkh"
	case WitnessScriptHash:
		return "p2wsh"
	case MultiSig:
		return "multisig"
	case PubKey:
		return "p2pk"
	case NestedPubKeyHash:
		return "p2sh-p2wpkh"
	case NestedScriptHash:
		return "p2sh-p2wsh"
	}
	return "nonstandard"
}

// ScriptTypes is a set of script types.
type ScriptTypes uint16

// NewScriptTypes makes a set.
func NewScriptTypes(types ...ScriptType) ScriptTypes {
	var s ScriptTypes
	for _, t := range types {
		s |= 1 << t
	}
	return s
}

// Has reports whether the set holds a type.
func (s ScriptTypes) Has(t ScriptType) bool { return s&(1<<t) != 0 }

// Opcodes of Bitcoin scripts that the templates below use.
const (
	opPushData20  = 0x14
	opDup         = 0x76
	opEqual       = 0x87
	opEqualVerify = 0x88
	opHash160     = 0xa9
	opCheckSig    = 0xac
	pubKeyHashLen = 25
	scriptHashLen = 23
	hashLen       = 20
)

// ScriptHash160 gives the type of an output script and its 20-byte hash if it is p2pkh or p2sh; for
// every other script it gives NonStandard and nil. The hash shares memory with the script.
func ScriptHash160(script []byte) (ScriptType, []byte) {
	switch outscript.KindOf(script) {
	case outscript.P2PKH:
		return PubKeyHash, script[3:23]
	case outscript.P2SH:
		return ScriptHash, script[2:22]
	}
	return NonStandard, nil
}

// PubKeyHashScript is the p2pkh output script for a hash.
func PubKeyHashScript(hash [20]byte) []byte {
	s := make([]byte, 0, pubKeyHashLen)
	s = append(s, opDup, opHash160, opPushData20)
	s = append(s, hash[:]...)
	return append(s, opEqualVerify, opCheckSig)
}

// ScriptHashScript is the p2sh output script for a hash.
func ScriptHashScript(hash [20]byte) []byte {
	s := make([]byte, 0, scriptHashLen)
	s = append(s, opHash160, opPushData20)
	s = append(s, hash[:]...)
	return append(s, opEqual)
}

// ScriptAddress gives the base58 address of a p2pkh or p2sh output script with the registry's
// address versions. Every other script gives ErrBadScript.
func (p *Params) ScriptAddress(script []byte) (string, error) {
	switch t, hash := ScriptHash160(script); t {
	case PubKeyHash:
		return base58.CheckEncode(hash, p.PubKeyHashVersion), nil
	case ScriptHash:
		return base58.CheckEncode(hash, p.ScriptHashVersion), nil
	}
	return "", fmt.Errorf("%w: %x", ErrBadScript, script[:min(len(script), 64)])
}

// AddressScript gives the output script of a base58 address of the registry's network. Native
// segwit addresses and addresses of another network give ErrBadAddress with the reason.
func (p *Params) AddressScript(addr string) ([]byte, error) {
	version, hash, err := decodeBase58(addr)
	if err != nil {
		return nil, err
	}
	switch version {
	case p.PubKeyHashVersion:
		return PubKeyHashScript(hash), nil
	case p.ScriptHashVersion:
		return ScriptHashScript(hash), nil
	}
	return nil, fmt.Errorf("%w: %s: it belongs to another network (version %d, want %d or %d)",
		ErrBadAddress, quote(addr), version, p.PubKeyHashVersion, p.ScriptHashVersion)
}
