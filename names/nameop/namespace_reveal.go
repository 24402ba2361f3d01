package nameop

import (
	"encoding/binary"
	"fmt"

	"blockstack/names"
)

// NamespaceReveal publishes a namespace's rules.
//
//	offset  length  field
//	0       3       magic, '&'
//	3       4       lifetime of names in blocks; 0xffffffff: infinite
//	7       1       price coefficient
//	8       1       price base
//	9       8       16 bucket exponents, one nibble each, high nibble first, bucket 1 first
//	17      1       high nibble non-alpha discount, low nibble no-vowel discount, both 1..15
//	18      2       version: 1, 2 or 3
//	20      1..19   namespace id, to the end of the payload
//
// Inputs: 0 the namespace preorder's sender. Outputs, exactly 3: 0 OP_RETURN, 1 revealer, who
// imports and makes ready, 2 payer's change (protocol 3.10).
type NamespaceReveal struct {
	ID               string // bytes as on the wire
	Version          uint16
	Lifetime         uint32
	Coeff, Base      byte
	Buckets          [16]byte // 0..15 each
	NonAlphaDiscount byte     // 1..15
	NoVowelDiscount  byte     // 1..15
}

// revealFixedLen is the length of a reveal's body before the id.
const revealFixedLen = 17

// Versions of namespaces.
const (
	VersionBurn     = 1 // fees in BTC are burnt
	VersionCreator  = 2 // fees in BTC go to the creator at first
	VersionStacks   = 3 // fees in STACKS
	maxNibble       = 15
	nibbleBits      = 4
	bucketByteCount = 8
)

// Opcode gives '&'.
func (NamespaceReveal) Opcode() Opcode { return OpNamespaceReveal }

// OpName gives NAMESPACE_REVEAL.
func (NamespaceReveal) OpName() string { return OpNamespaceReveal.String() }

// AppendPayload writes the body.
func (op NamespaceReveal) AppendPayload(b []byte) ([]byte, error) {
	switch {
	case !names.ValidNamespaceID([]byte(op.ID)):
		return nil, fmt.Errorf("%w: %q is not a namespace id", ErrEncode, op.ID)
	case op.Version < VersionBurn || op.Version > VersionStacks:
		return nil, fmt.Errorf("%w: namespace version %d", ErrEncode, op.Version)
	case op.NonAlphaDiscount < 1 || op.NonAlphaDiscount > maxNibble || op.NoVowelDiscount < 1 || op.NoVowelDiscount > maxNibble:
		return nil, fmt.Errorf("%w: discounts %d and %d, want 1 to 15", ErrEncode, op.NonAlphaDiscount, op.NoVowelDiscount)
	}
	b = binary.BigEndian.AppendUint32(b, op.Lifetime)
	b = append(b, op.Coeff, op.Base)
	for i := 0; i < len(op.Buckets); i += 2 {
		high, low := op.Buckets[i], op.Buckets[i+1]
		if high > maxNibble || low > maxNibble {
			return nil, fmt.Errorf("%w: bucket exponents %d and %d, want 0 to 15", ErrEncode, high, low)
		}
		b = append(b, high<<nibbleBits|low)
	}
	b = append(b, op.NonAlphaDiscount<<nibbleBits|op.NoVowelDiscount)
	b = binary.BigEndian.AppendUint16(b, op.Version)
	return append(b, op.ID...), nil
}

func decodeNamespaceReveal(body []byte) (Op, string) {
	if len(body) <= revealFixedLen {
		return nil, "too short"
	}
	op := NamespaceReveal{
		Lifetime:         binary.BigEndian.Uint32(body),
		Coeff:            body[4],
		Base:             body[5],
		NonAlphaDiscount: body[6+bucketByteCount] >> nibbleBits,
		NoVowelDiscount:  body[6+bucketByteCount] & maxNibble,
		Version:          binary.BigEndian.Uint16(body[15:]),
	}
	for i, c := range body[6 : 6+bucketByteCount] {
		op.Buckets[2*i], op.Buckets[2*i+1] = c>>nibbleBits, c&maxNibble
	}
	id := body[revealFixedLen:]
	switch {
	case op.Version < VersionBurn || op.Version > VersionStacks:
		return nil, "unknown namespace version"
	case op.NonAlphaDiscount == 0 || op.NoVowelDiscount == 0:
		return nil, "a discount is zero"
	case !names.ValidNamespaceID(id) || !isBase40(id): // its preorder hash is computed while it is read: no line feed passes
		return nil, "not a namespace id"
	}
	op.ID = string(id)
	return op, ""
}
