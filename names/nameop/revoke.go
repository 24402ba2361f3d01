package nameop

import (
	"fmt"

	"blockstack/names"
)

// NameRevoke makes a name unusable until it expires.
//
//	offset  length  field
//	0       3       magic, '~'
//	3       3..37   name, to the end of the payload
//
// Inputs: 0 owner. No output is looked at (protocol 3.7).
type NameRevoke struct {
	Name string // bytes as on the wire
}

// Opcode gives '~'.
func (NameRevoke) Opcode() Opcode { return OpNameRevoke }

// OpName gives NAME_REVOKE.
func (NameRevoke) OpName() string { return OpNameRevoke.String() }

// AppendPayload writes the body.
func (op NameRevoke) AppendPayload(b []byte) ([]byte, error) { return appendName(b, op.Name) }

func decodeNameRevoke(body []byte) (Op, string) {
	if !names.ValidName(body) {
		return nil, "not a name"
	}
	return NameRevoke{Name: string(body)}, ""
}

// appendName writes a name that fills the rest of a payload.
func appendName(b []byte, name string) ([]byte, error) {
	if !names.ValidName([]byte(name)) {
		return nil, fmt.Errorf("%w: %q is not a name", ErrEncode, name)
	}
	return append(b, name...), nil
}
