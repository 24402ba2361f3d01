package nameop

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"blockstack/names"
)

// NamePreorder commits to a name that its sender will register.
//
//	offset  length  field
//	0       3       magic, '?'
//	3       20      preorder hash
//	23      16      consensus hash
//	39      8       tokens burned, uint64   } both or neither;
//	47      19      token unit, zero-padded } from epoch 4 on
//
// Total 39 or 66 bytes. Inputs: 0 payer, who must sign the registration too. Outputs, exactly 3: 0
// OP_RETURN, 1 payer's change, 2 burn output, whose value is the fee in BTC (protocol 3.2).
type NamePreorder struct {
	Hash      names.PreorderHash
	Consensus names.ConsensusHash
	HasTokens bool   // the token fields are there
	Tokens    uint64 // burned, in the base unit
	TokenUnit string // without zero bytes at its ends; hostile when decoded
}

// Lengths of token fields.
const (
	tokenAmountLen = 8
	tokenUnitLen   = 19
)

// Opcode gives '?'.
func (NamePreorder) Opcode() Opcode { return OpNamePreorder }

// OpName gives NAME_PREORDER.
func (NamePreorder) OpName() string { return OpNamePreorder.String() }

// AppendPayload writes the body.
func (op NamePreorder) AppendPayload(b []byte) ([]byte, error) {
	b = append(b, op.Hash[:]...)
	b = append(b, op.Consensus[:]...)
	if !op.HasTokens {
		if op.Tokens != 0 || op.TokenUnit != "" {
			return nil, fmt.Errorf("%w: tokens given without the token fields", ErrEncode)
		}
		return b, nil
	}
	if err := checkTokenUnit(op.TokenUnit); err != nil {
		return nil, err
	}
	b = binary.BigEndian.AppendUint64(b, op.Tokens)
	b = append(b, op.TokenUnit...)
	return appendZeros(b, tokenUnitLen-len(op.TokenUnit)), nil
}

func decodeNamePreorder(f names.Feature, body []byte) (Op, string) {
	const bare = 20 + 16
	if len(body) != bare && len(body) != bare+tokenAmountLen+tokenUnitLen {
		return nil, "wrong length"
	}
	op := NamePreorder{Hash: names.PreorderHash(body[:20]), Consensus: names.ConsensusHash(body[20:bare])}
	if len(body) > bare {
		if !f.Has(names.FeatureNamesCostTokens) {
			return nil, "token fields before epoch 4"
		}
		op.HasTokens = true
		op.Tokens = binary.BigEndian.Uint64(body[bare:])
		op.TokenUnit = trimUnit(body[bare+tokenAmountLen:])
	}
	return op, ""
}

// checkTokenUnit refuses a unit that would not read back the same.
func checkTokenUnit(unit string) error {
	if len(unit) > tokenUnitLen || unit == "" || trimUnit([]byte(unit)) != unit {
		return fmt.Errorf("%w: token unit %q", ErrEncode, unit)
	}
	return nil
}

// appendZeros pads a field.
func appendZeros(b []byte, n int) []byte {
	for range n {
		b = append(b, 0)
	}
	return b
}

// trimUnit strips zero bytes from both ends (protocol 3.2, 3.13).
func trimUnit(field []byte) string { return string(bytes.Trim(field, "\x00")) }
