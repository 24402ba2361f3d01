package nameop

// Announce points at a message of somebody whom node operators trust. It never changes the state.
//
//	offset  length  field
//	0       3       magic, '#'
//	3       20      hash160 of the message
//
// Exactly 23 bytes. Inputs: 0 the owner of a trusted name. No output is looked at (protocol 3.12).
type Announce struct {
	Message [20]byte
}

// Opcode gives '#'.
func (Announce) Opcode() Opcode { return OpAnnounce }

// OpName gives ANNOUNCE.
func (Announce) OpName() string { return OpAnnounce.String() }

// AppendPayload writes the body.
func (op Announce) AppendPayload(b []byte) ([]byte, error) { return append(b, op.Message[:]...), nil }

func decodeAnnounce(body []byte) (Op, string) {
	if len(body) != 20 {
		return nil, "wrong length"
	}
	return Announce{Message: [20]byte(body)}, ""
}
