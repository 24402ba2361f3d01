package nameop

import (
	"encoding/binary"
	"fmt"

	"blockstack/names"
)

// NamespacePreorder commits to a namespace that its sender will reveal.
//
//	offset  length  field
//	0       3       magic, '*'
//	3       20      preorder hash
//	23      16      consensus hash
//	39      8       tokens burned, uint64: absent before epoch 4, required from epoch 4 on
//
// Inputs: 0 payer. Outputs, 3 or more: 0 OP_RETURN, 1 change, 2 burn output, whose value is the fee
// in BTC (protocol 3.9).
type NamespacePreorder struct {
	Hash      names.PreorderHash
	Consensus names.ConsensusHash
	HasTokens bool   // the token field is there: from epoch 4 on
	Tokens    uint64 // burned, in microSTACKS
}

// Opcode gives '*'.
func (NamespacePreorder) Opcode() Opcode { return OpNamespacePreorder }

// OpName gives NAMESPACE_PREORDER.
func (NamespacePreorder) OpName() string { return OpNamespacePreorder.String() }

// AppendPayload writes the body.
func (op NamespacePreorder) AppendPayload(b []byte) ([]byte, error) {
	b = append(b, op.Hash[:]...)
	b = append(b, op.Consensus[:]...)
	if op.HasTokens {
		return binary.BigEndian.AppendUint64(b, op.Tokens), nil
	}
	if op.Tokens != 0 {
		return nil, fmt.Errorf("%w: tokens given without the token field", ErrEncode)
	}
	return b, nil
}

func decodeNamespacePreorder(f names.Feature, body []byte) (Op, string) {
	const bare = 20 + 16
	hasTokens := f.Has(names.FeatureStacksBuyNamespaces)
	want := bare
	if hasTokens {
		want += tokenAmountLen
	}
	if len(body) != want {
		return nil, "wrong length"
	}
	op := NamespacePreorder{
		Hash: names.PreorderHash(body[:20]), Consensus: names.ConsensusHash(body[20:bare]), HasTokens: hasTokens,
	}
	if hasTokens {
		op.Tokens = binary.BigEndian.Uint64(body[bare:])
	}
	return op, ""
}
