package nameop

import (
	"fmt"

	"blockstack/names"
)

// NamespaceReady opens a namespace for registrations.
//
//	offset  length  field
//	0       3       magic, '!'
//	3       1       '.'
//	4       1..19   namespace id, to the end of the payload
//
// Inputs: 0 the revealer. No output is looked at (protocol 3.11).
type NamespaceReady struct {
	ID string // bytes as on the wire
}

// Opcode gives '!'.
func (NamespaceReady) Opcode() Opcode { return OpNamespaceReady }

// OpName gives NAMESPACE_READY.
func (NamespaceReady) OpName() string { return OpNamespaceReady.String() }

// AppendPayload writes the body.
func (op NamespaceReady) AppendPayload(b []byte) ([]byte, error) {
	if !names.ValidNamespaceID([]byte(op.ID)) {
		return nil, fmt.Errorf("%w: %q is not a namespace id", ErrEncode, op.ID)
	}
	b = append(b, '.')
	return append(b, op.ID...), nil
}

func decodeNamespaceReady(body []byte) (Op, string) {
	if len(body) == 0 || body[0] != '.' {
		return nil, "no dot before the namespace id"
	}
	if !names.ValidNamespaceID(body[1:]) {
		return nil, "not a namespace id"
	}
	return NamespaceReady{ID: string(body[1:])}, ""
}
