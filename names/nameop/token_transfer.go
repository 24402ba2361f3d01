package nameop

import (
	"encoding/binary"
	"fmt"

	"blockstack/names"
)

// TokenTransfer moves tokens between accounts. It exists from epoch 4 on.
//
//	offset  length  field
//	0       3       magic, '$'
//	3       16      consensus hash; from epoch 5 on it may be all zero
//	19      19      token type, zero bytes at both ends stripped when read
//	38      8       amount, uint64
//	46      0..     scratch area, any bytes; 34 are relayed, but a block may hold more
//
// Inputs: 0 the sending account. Outputs, 2 or more: 0 OP_RETURN, 1 recipient, 2 change (protocol
// 3.13). The type is written padded on the left, as the wallets of the time did.
type TokenTransfer struct {
	Consensus names.ConsensusHash
	TokenType string // hostile when decoded
	Amount    uint64 // in the base unit
	Scratch   string // any bytes
}

const (
	transferFixedLen = 16 + tokenUnitLen + tokenAmountLen
	maxScratch       = 34
)

// Opcode gives '$'.
func (TokenTransfer) Opcode() Opcode { return OpTokenTransfer }

// OpName gives TOKEN_TRANSFER.
func (TokenTransfer) OpName() string { return OpTokenTransfer.String() }

// AppendPayload writes the body.
func (op TokenTransfer) AppendPayload(b []byte) ([]byte, error) {
	if err := checkTokenUnit(op.TokenType); err != nil {
		return nil, err
	}
	if len(op.Scratch) > maxScratch {
		return nil, fmt.Errorf("%w: scratch area of %d bytes, at most %d", ErrEncode, len(op.Scratch), maxScratch)
	}
	b = append(b, op.Consensus[:]...)
	b = appendZeros(b, tokenUnitLen-len(op.TokenType))
	b = append(b, op.TokenType...)
	b = binary.BigEndian.AppendUint64(b, op.Amount)
	return append(b, op.Scratch...), nil
}

func decodeTokenTransfer(f names.Feature, body []byte) (Op, string) {
	if !f.Has(names.FeatureTokenTransfer) {
		return nil, "token transfers before epoch 4"
	}
	if len(body) < transferFixedLen {
		return nil, "too short"
	}
	return TokenTransfer{
		Consensus: names.ConsensusHash(body[:16]),
		TokenType: trimUnit(body[16 : 16+tokenUnitLen]),
		Amount:    binary.BigEndian.Uint64(body[16+tokenUnitLen:]),
		Scratch:   string(body[transferFixedLen:]),
	}, ""
}
