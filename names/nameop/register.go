package nameop

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"blockstack/names"
)

// NameRegistration reveals a preordered name and gives it an owner.
//
//	offset  length  field
//	0       3       magic, ':'
//	3       3..37   name, to the end of the payload                (bare form)
//
//	0       3       magic, ':'
//	3       37      name, padded with zero bytes on the right      (extended form, from epoch 3 on)
//	40      20      zone-file hash
//	60      8       tokens burned, uint64: zero in a registration  (optional, from epoch 4 on)
//
// The form is known by the length of the payload alone. Inputs: 0 the script that sent the
// preorder. Outputs, 2 or 3: 0 OP_RETURN, 1 owner, 2 payer's change. A fourth output makes it a
// NameRenewal (protocol 3.3).
type NameRegistration struct {
	Name        string // bytes as on the wire
	ZoneFile    names.ZoneFileHash
	HasZoneFile bool // extended form
	HasTokens   bool // extended form with the token field, which holds zero
}

// NameRenewal pays again for a name, keeps or changes its owner, and may set its zone-file hash.
// Its payload is that of NameRegistration.
//
// From epoch 4 on the extended form must have the token field. Inputs: 0 current owner. Outputs, 4
// or more: 0 OP_RETURN, 1 owner after the renewal, 2 current owner's change, 3 burn output, whose
// value is the fee in BTC, 4 payer's change (protocol 3.4).
type NameRenewal struct {
	Name        string // bytes as on the wire
	ZoneFile    names.ZoneFileHash
	HasZoneFile bool   // extended form
	HasTokens   bool   // extended form with the token field
	Tokens      uint64 // burned, in microSTACKS
}

const (
	extendedLen       = names.MaxNameLen + 20
	extendedTokensLen = extendedLen + tokenAmountLen
)

// Opcode gives ':'.
func (NameRegistration) Opcode() Opcode { return OpNameRegistration }

// OpName gives NAME_REGISTRATION.
func (NameRegistration) OpName() string { return OpNameRegistration.String() }

// AppendPayload writes the body.
func (op NameRegistration) AppendPayload(b []byte) ([]byte, error) {
	return NameRenewal{Name: op.Name, ZoneFile: op.ZoneFile, HasZoneFile: op.HasZoneFile, HasTokens: op.HasTokens}.AppendPayload(b)
}

// Opcode gives ':', the opcode of a registration.
func (NameRenewal) Opcode() Opcode { return OpNameRegistration }

// OpName gives NAME_RENEWAL.
func (NameRenewal) OpName() string { return "NAME_RENEWAL" }

// AppendPayload writes the body.
func (op NameRenewal) AppendPayload(b []byte) ([]byte, error) {
	if !names.ValidName([]byte(op.Name)) {
		return nil, fmt.Errorf("%w: %q is not a name", ErrEncode, op.Name)
	}
	b = append(b, op.Name...)
	if !op.HasZoneFile {
		if op.HasTokens || op.Tokens != 0 || !op.ZoneFile.IsZero() {
			return nil, fmt.Errorf("%w: tokens or hash given for the bare form", ErrEncode)
		}
		return b, nil
	}
	b = appendZeros(b, names.MaxNameLen-len(op.Name))
	b = append(b, op.ZoneFile[:]...)
	if !op.HasTokens {
		if op.Tokens != 0 {
			return nil, fmt.Errorf("%w: tokens given without the token field", ErrEncode)
		}
		return b, nil
	}
	return binary.BigEndian.AppendUint64(b, op.Tokens), nil
}

func decodeNameRegistration(f names.Feature, body []byte) (Op, string) {
	op, reason := decodeNameFields(f.Has(names.FeatureRegisterUpdate), f.Has(names.FeatureNamesCostTokens), body)
	switch {
	case reason != "":
		return nil, reason
	case op.Tokens != 0:
		return nil, "a registration burns tokens"
	}
	return NameRegistration{Name: op.Name, ZoneFile: op.ZoneFile, HasZoneFile: op.HasZoneFile, HasTokens: op.HasTokens}, ""
}

func decodeNameRenewal(f names.Feature, body []byte) (Op, string) {
	tokens := f.Has(names.FeatureNamesCostTokens)
	op, reason := decodeNameFields(f.Has(names.FeatureRenewTransferUpdate), tokens, body)
	switch {
	case reason != "":
		return nil, reason
	case tokens && op.HasZoneFile && !op.HasTokens:
		return nil, "a renewal with a zone-file hash has no token field"
	}
	return op, ""
}

// decodeNameFields reads the body that registrations and renewals share.
func decodeNameFields(extended, tokens bool, body []byte) (NameRenewal, string) {
	var op NameRenewal
	name := body
	if extended && len(body) >= extendedLen {
		if len(body) != extendedLen && !(tokens && len(body) == extendedTokensLen) {
			return op, "wrong length"
		}
		name = bytes.TrimRight(body[:names.MaxNameLen], "\x00")
		op.ZoneFile = names.ZoneFileHash(body[names.MaxNameLen:extendedLen])
		op.HasZoneFile = true
		if len(body) == extendedTokensLen {
			op.HasTokens = true
			op.Tokens = binary.BigEndian.Uint64(body[extendedLen:])
		}
	}
	if !names.ValidName(name) {
		return op, "not a name"
	}
	op.Name = string(name)
	return op, ""
}
