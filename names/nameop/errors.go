package nameop

import (
	"errors"
	"fmt"
)

var (
	// ErrNotOurs means that a transaction holds no operation of this registry: no payload, other
	// magic bytes, unknown opcode.
	ErrNotOurs = errors.New("no name operation")
	// ErrEncode means that an operation's fields cannot be written to the wire.
	ErrEncode = errors.New("operation cannot be encoded")
)

// Unparsed means that a transaction has the registry's magic bytes and a known opcode, but its
// payload, its outputs or its senders are malformed: it changes nothing and does not enter the
// consensus hash (protocol 2.3).
type Unparsed struct {
	Opcode Opcode
	Reason string // in words
}

// Error gives opcode and reason.
func (e *Unparsed) Error() string { return fmt.Sprintf("%s: malformed: %s", e.Opcode, e.Reason) }
