package nameop

import (
	"encoding/binary"

	"blockstack/names"
)

// Opcodes of Bitcoin scripts that matter here.
const (
	scriptEmptyToken    = 0x00
	scriptPushData1     = 0x4c
	scriptPushData2     = 0x4d
	scriptPushData4     = 0x4e
	scriptReturn        = 0x6a
	scriptCheckSig      = 0xac
	scriptCheckMultiSig = 0xae
)

// Classify gives the type of an output script as the name layer sees it (protocol 2.1): fixed
// templates first, then by tokens.
func Classify(script []byte) names.ScriptType {
	if t, _ := names.ScriptHash160(script); t != names.NonStandard {
		return t
	}
	switch {
	case len(script) == 22 && script[0] == 0 && script[1] == 20:
		return names.WitnessPubKeyHash
	case len(script) == 34 && script[0] == 0 && script[1] == 32:
		return names.WitnessScriptHash
	case len(script) > 0 && script[0] == scriptReturn:
		return names.NullData
	}
	count, last := 0, token{}
	for rest := script; len(rest) > 0; count++ {
		last, rest = nextToken(rest)
	}
	switch {
	case count > 0 && last.opcode == scriptCheckMultiSig:
		return names.MultiSig
	case count == 2 && last.opcode == scriptCheckSig:
		return names.PubKey
	}
	return names.NonStandard
}

// token is one element of a script: an opcode, and for a push its data.
type token struct {
	opcode byte
	data   []byte
}

// isPush reports whether the token is pushed data. The empty push 0x00 is none.
func (t token) isPush() bool { return t.opcode > scriptEmptyToken && t.opcode <= scriptPushData4 }

// nextToken takes the first token off a script that is not empty. Byte 0x01..0x4b pushes that many
// bytes; 0x4c, 0x4d, 0x4e push with a length of 1, 2, 4 bytes, little-endian; every other byte
// stands for itself. A push that runs past the end yields the bytes that are there.
func nextToken(script []byte) (token, []byte) {
	opcode, rest := script[0], script[1:]
	var size uint64
	switch {
	case opcode > scriptEmptyToken && opcode < scriptPushData1:
		size = uint64(opcode)
	case opcode == scriptPushData1 && len(rest) >= 1:
		size, rest = uint64(rest[0]), rest[1:]
	case opcode == scriptPushData2 && len(rest) >= 2:
		size, rest = uint64(binary.LittleEndian.Uint16(rest)), rest[2:]
	case opcode == scriptPushData4 && len(rest) >= 4:
		size, rest = uint64(binary.LittleEndian.Uint32(rest)), rest[4:]
	case opcode >= scriptPushData1 && opcode <= scriptPushData4:
		return token{opcode: opcode}, nil // cut off inside the length
	}
	size = min(size, uint64(len(rest)))
	return token{opcode: opcode, data: rest[:size]}, rest[size:]
}

// nullData gives the data of an OP_RETURN script that has exactly two tokens, the second one pushed
// data; else nil.
func nullData(script []byte) []byte {
	rest := script[1:]
	if len(rest) == 0 {
		return nil
	}
	t, rest := nextToken(rest)
	if len(rest) > 0 || !t.isPush() {
		return nil
	}
	return t.data
}
