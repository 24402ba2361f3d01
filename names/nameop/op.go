package nameop

// Opcode is the byte after the magic bytes (protocol 3.1).
type Opcode byte

// The opcodes. A renewal has the opcode of a registration; the number of outputs tells them apart.
const (
	OpNamePreorder      Opcode = '?'
	OpNameRegistration  Opcode = ':'
	OpNameUpdate        Opcode = '+'
	OpNameTransfer      Opcode = '>'
	OpNameRevoke        Opcode = '~'
	OpNameImport        Opcode = ';'
	OpNamespacePreorder Opcode = '*'
	OpNamespaceReveal   Opcode = '&'
	OpNamespaceReady    Opcode = '!'
	OpAnnounce          Opcode = '#'
	OpTokenTransfer     Opcode = '$'
)

// Valid reports whether the opcode exists.
func (o Opcode) Valid() bool { return o.String() != "" }

// String gives the operation's name; a renewal's opcode says NAME_REGISTRATION, see Op.OpName. It
// is empty for unknown opcodes.
func (o Opcode) String() string {
	switch o {
	case OpNamePreorder:
		return "NAME_PREORDER"
	case OpNameRegistration:
		return "NAME_REGISTRATION"
	case OpNameUpdate:
		return "NAME_UPDATE"
	case OpNameTransfer:
		return "NAME_TRANSFER"
	case OpNameRevoke:
		return "NAME_REVOKE"
	case OpNameImport:
		return "NAME_IMPORT"
	case OpNamespacePreorder:
		return "NAMESPACE_PREORDER"
	case OpNamespaceReveal:
		return "NAMESPACE_REVEAL"
	case OpNamespaceReady:
		return "NAMESPACE_READY"
	case OpAnnounce:
		return "ANNOUNCE"
	case OpTokenTransfer:
		return "TOKEN_TRANSFER"
	}
	return ""
}

// Op is one operation. Its concrete type is one of the pointer-less structs of this package:
// NamePreorder, NameRegistration, NameRenewal, NameUpdate, NameTransfer, NameRevoke, NameImport,
// NamespacePreorder, NamespaceReveal, NamespaceReady, Announce, TokenTransfer. Ops are comparable
// with ==.
type Op interface {
	// Opcode is the byte on the wire.
	Opcode() Opcode
	// OpName is the protocol's word for the operation, such as NAME_RENEWAL.
	OpName() string
	// AppendPayload appends the body of the payload, what stands after magic bytes and opcode, or
	// fails with ErrEncode.
	AppendPayload(b []byte) ([]byte, error)
}
