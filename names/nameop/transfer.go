package nameop

import (
	"blockstack/names"
)

// NameTransfer changes a name's owner and keeps or erases its zone-file hash.
//
//	offset  length  field
//	0       3       magic, '>'
//	3       1       '>' keep the zone-file hash, '~' erase it
//	4       16      NameHash(name)
//	20      16      consensus hash
//
// Exactly 36 bytes. Inputs: 0 owner. Outputs, 2 or more: 0 OP_RETURN, 1 new owner, 2 old owner's
// change, 3 payer's change (protocol 3.6).
type NameTransfer struct {
	Keep      bool
	NameHash  Hash128
	Consensus names.ConsensusHash
}

// Bytes of the disposition field.
const (
	keepZoneFile  = '>'
	eraseZoneFile = '~'
)

// Opcode gives '>'.
func (NameTransfer) Opcode() Opcode { return OpNameTransfer }

// OpName gives NAME_TRANSFER.
func (NameTransfer) OpName() string { return OpNameTransfer.String() }

// AppendPayload writes the body.
func (op NameTransfer) AppendPayload(b []byte) ([]byte, error) {
	if op.Keep {
		b = append(b, keepZoneFile)
	} else {
		b = append(b, eraseZoneFile)
	}
	b = append(b, op.NameHash[:]...)
	return append(b, op.Consensus[:]...), nil
}

func decodeNameTransfer(body []byte) (Op, string) {
	if len(body) != 1+16+16 {
		return nil, "wrong length"
	}
	if body[0] != keepZoneFile && body[0] != eraseZoneFile {
		return nil, "unknown disposition of the zone-file hash"
	}
	return NameTransfer{
		Keep: body[0] == keepZoneFile, NameHash: Hash128(body[1:17]), Consensus: names.ConsensusHash(body[17:]),
	}, ""
}
