package nameop

import (
	"fmt"

	"blockstack/names"
)

// headerLen is the length of magic bytes and opcode.
const headerLen = 3

// MaxPayload is the most data an OP_RETURN output can carry under standard relay rules.
const MaxPayload = 80

// Payload encodes an operation with the registry's magic bytes and its opcode.
func Payload(magic [2]byte, op Op) ([]byte, error) {
	b := make([]byte, 0, MaxPayload)
	b = append(b, magic[0], magic[1], byte(op.Opcode()))
	b, err := op.AppendPayload(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op.OpName(), err)
	}
	if len(b) > MaxPayload {
		return nil, fmt.Errorf("%s: %w: payload of %d bytes, at most %d can be relayed", op.OpName(), ErrEncode, len(b), MaxPayload)
	}
	return b, nil
}

// Script encodes an operation as the script of an OP_RETURN output.
func Script(magic [2]byte, op Op) ([]byte, error) {
	payload, err := Payload(magic, op)
	if err != nil {
		return nil, err
	}
	script := make([]byte, 0, len(payload)+3)
	script = append(script, scriptReturn)
	if len(payload) >= scriptPushData1 {
		script = append(script, scriptPushData1)
	}
	script = append(script, byte(len(payload)))
	return append(script, payload...), nil
}

// Decode reads a payload (magic bytes, opcode, body) by the rules of an epoch. outputs is the
// number of the transaction's outputs: four or more make a registration a renewal. The error is
// ErrNotOurs when the opcode does not exist, else *Unparsed.
func Decode(epoch *names.Epoch, payload []byte, outputs int) (Op, error) {
	if len(payload) < headerLen {
		return nil, ErrNotOurs
	}
	opcode, body := Opcode(payload[2]), payload[headerLen:]
	op, reason := decodeBody(epoch, opcode, body, outputs)
	switch {
	case op != nil:
		return op, nil
	case reason == "":
		return nil, ErrNotOurs
	}
	return nil, &Unparsed{Opcode: opcode, Reason: reason}
}

// renewalOutputs is the number of outputs from which on a registration is a renewal (protocol 2.3).
const renewalOutputs = 4

func decodeBody(epoch *names.Epoch, opcode Opcode, body []byte, outputs int) (Op, string) {
	f := epoch.Features
	switch opcode {
	case OpNamePreorder:
		return decodeNamePreorder(f, body)
	case OpNameRegistration:
		if outputs >= renewalOutputs {
			return decodeNameRenewal(f, body)
		}
		return decodeNameRegistration(f, body)
	case OpNameUpdate:
		return decodeNameUpdate(body)
	case OpNameTransfer:
		return decodeNameTransfer(body)
	case OpNameRevoke:
		return decodeNameRevoke(body)
	case OpNameImport:
		return decodeNameImport(body)
	case OpNamespacePreorder:
		return decodeNamespacePreorder(f, body)
	case OpNamespaceReveal:
		return decodeNamespaceReveal(body)
	case OpNamespaceReady:
		return decodeNamespaceReady(body)
	case OpAnnounce:
		return decodeAnnounce(body)
	case OpTokenTransfer:
		return decodeTokenTransfer(f, body)
	}
	return nil, ""
}
