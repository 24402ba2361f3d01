package nameop

import (
	"blockstack/names"
)

// NameImport puts a name into a revealed namespace before it is ready.
//
//	offset  length  field
//	0       3       magic, ';'
//	3       3..37   name, to the end of the payload
//
// Inputs: 0 an import key, p2pkh with a visible public key. Outputs, 3 or more: 0 OP_RETURN, 1
// recipient, 2 the zone-file hash as the hash of a p2pkh or p2sh output, 3 change (protocol 3.8).
type NameImport struct {
	Name     string             // bytes as on the wire
	ZoneFile names.ZoneFileHash // from output 2, not from the payload: FromTx fills it, Decode leaves it zero
}

// Opcode gives ';'.
func (NameImport) Opcode() Opcode { return OpNameImport }

// OpName gives NAME_IMPORT.
func (NameImport) OpName() string { return OpNameImport.String() }

// AppendPayload writes the body.
func (op NameImport) AppendPayload(b []byte) ([]byte, error) { return appendName(b, op.Name) }

func decodeNameImport(body []byte) (Op, string) {
	if !names.ValidName(body) {
		return nil, "not a name"
	}
	return NameImport{Name: string(body)}, ""
}
