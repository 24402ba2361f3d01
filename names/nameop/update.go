package nameop

import (
	"blockstack/names"
)

// NameUpdate sets a name's zone-file hash.
//
//	offset  length  field
//	0       3       magic, '+'
//	3       16      UpdateHash(name, consensus hash)
//	19      20      zone-file hash
//
// Exactly 39 bytes. Inputs: 0 owner. No output is looked at; by convention 0 OP_RETURN, 1 owner's
// change, 2 payer's change (protocol 3.5).
type NameUpdate struct {
	NameConsensus Hash128
	ZoneFile      names.ZoneFileHash
}

// Opcode gives '+'.
func (NameUpdate) Opcode() Opcode { return OpNameUpdate }

// OpName gives NAME_UPDATE.
func (NameUpdate) OpName() string { return OpNameUpdate.String() }

// AppendPayload writes the body.
func (op NameUpdate) AppendPayload(b []byte) ([]byte, error) {
	b = append(b, op.NameConsensus[:]...)
	return append(b, op.ZoneFile[:]...), nil
}

func decodeNameUpdate(body []byte) (Op, string) {
	if len(body) != 16+20 {
		return nil, "wrong length"
	}
	return NameUpdate{NameConsensus: Hash128(body[:16]), ZoneFile: names.ZoneFileHash(body[16:])}, ""
}
