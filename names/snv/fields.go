package snv

import (
	"blockstack/names/nameop"
	"blockstack/names/state"
)

// kind says how the value of a field is written in a proof.
type kind uint8

const (
	kindText       kind = iota // bytes as they are
	kindHex                    // bytes whose lower-case hex is the value
	kindHash16                 // the same, 16 bytes
	kindHash20                 // the same, 20 bytes
	kindHash32                 // the same, 32 bytes
	kindScript                 // p2pkh or p2sh script in hex, or nothing
	kindNumber                 // decimal
	kindBool                   // True or False
	kindAct                    // the opcode, for registrations and transfers with a second byte
	kindAddress                // not written: the base58 address of the script in the field of
	kindCopy                   // not written: the value of the field of
	kindUpdateHash             // not written: hash of the name and the consensus hash of an update
	kindNameHash               // not written: hash of the name in a transfer
	kindKeep                   // not written: whether a transfer keeps the zone-file hash
)

// derived reports whether a field follows from others and is not written.
func (k kind) derived() bool { return k >= kindAddress }

// field is one field of a serialized operation.
type field struct {
	name string
	kind kind
	of   string // field that kindAddress and kindCopy are about
}

// layouts are the fields of each operation that is hashed, in the order of protocol 6.3.
type layouts map[nameop.Opcode][]field

func makeLayouts() layouts {
	record := []field{
		{name: "name"}, {name: "value_hash", kind: kindHex}, {name: "sender", kind: kindScript}, {name: "sender_pubkey", kind: kindHex},
		{name: "address", kind: kindAddress, of: "sender"}, {name: "block_number", kind: kindNumber},
		{name: "preorder_block_number", kind: kindNumber}, {name: "first_registered", kind: kindNumber},
		{name: "last_renewed", kind: kindNumber}, {name: "revoked", kind: kindBool}, {name: "op", kind: kindAct},
		{name: "txid", kind: kindHash32}, {name: "vtxindex", kind: kindNumber}, {name: "op_fee"},
		{name: "importer", kind: kindScript}, {name: "importer_address", kind: kindAddress, of: "importer"},
	}
	withOwner := extend(record, field{kind: kindCopy, of: "sender"}, field{kind: kindCopy, of: "address"})
	reveal := []field{
		{name: "namespace_id"}, {name: "preorder_hash", kind: kindHash20}, {name: "version", kind: kindNumber},
		{name: "sender", kind: kindScript}, {name: "sender_pubkey", kind: kindHex}, {name: "address"}, // of the payer, which a ready op does not show
		{name: "recipient", kind: kindScript}, {name: "recipient_address", kind: kindAddress, of: "recipient"},
		{name: "block_number", kind: kindNumber}, {name: "reveal_block", kind: kindNumber}, {name: "op", kind: kindAct},
		{name: "txid", kind: kindHash32}, {name: "vtxindex", kind: kindNumber}, {name: "lifetime", kind: kindNumber},
		{name: "coeff", kind: kindNumber}, {name: "base", kind: kindNumber}, {name: "buckets"},
		{name: "nonalpha_discount", kind: kindNumber}, {name: "no_vowel_discount", kind: kindNumber},
	}
	return layouts{
		nameop.OpNamePreorder: {
			{name: "preorder_hash", kind: kindHash20}, {name: "consensus_hash", kind: kindHash16}, {name: "sender", kind: kindScript},
			{name: "sender_pubkey", kind: kindHex}, {name: "address", kind: kindAddress, of: "sender"},
			{name: "block_number", kind: kindNumber}, {name: "op", kind: kindAct}, {name: "txid", kind: kindHash32},
			{name: "vtxindex", kind: kindNumber}, {name: "op_fee", kind: kindNumber},
		},
		nameop.OpNamespacePreorder: {
			{name: "preorder_hash", kind: kindHash20}, {name: "consensus_hash", kind: kindHash16}, {name: "op", kind: kindAct},
			{name: "op_fee", kind: kindNumber}, {name: "txid", kind: kindHash32}, {name: "vtxindex", kind: kindNumber},
			{name: "block_number", kind: kindNumber}, {name: "sender", kind: kindScript}, {name: "sender_pubkey", kind: kindHex},
			{name: "address", kind: kindAddress, of: "sender"},
		},
		nameop.OpNamespaceReveal:  reveal,
		nameop.OpNamespaceReady:   extend(reveal, field{name: "ready_block", kind: kindNumber}),
		nameop.OpNameRegistration: withOwner,
		nameop.OpNameImport:       withOwner,
		nameop.OpNameUpdate: extend(record, field{name: "name_consensus_hash", kind: kindUpdateHash},
			field{name: "consensus_hash", kind: kindHash16}),
		nameop.OpNameTransfer: extend(record, field{name: "name_hash128", kind: kindNameHash},
			field{name: "consensus_hash", kind: kindHash16}, field{name: "keep_data", kind: kindKeep}),
		nameop.OpNameRevoke: record,
		nameop.OpTokenTransfer: {
			{name: "sender", kind: kindScript}, {name: "address", kind: kindAddress, of: "sender"},
			{name: "recipient", kind: kindScript}, {name: "recipient_address", kind: kindAddress, of: "recipient"},
			{name: "token_units"}, {name: "token_fee", kind: kindNumber}, {name: "block_id", kind: kindNumber},
			{name: "op", kind: kindAct}, {name: "txid", kind: kindHash32}, {name: "vtxindex", kind: kindNumber},
			{name: "consensus_hash", kind: kindHash16}, {name: "scratch_area", kind: kindHex},
		},
	}
}

// extend makes a list with more fields, of its own memory.
func extend(list []field, more ...field) []field {
	return append(append(make([]field, 0, len(list)+len(more)), list...), more...)
}

// position finds a field by name, -1 if the operation has none.
func position(fields []field, name string) int {
	for i := range fields {
		if fields[i].name == name {
			return i
		}
	}
	return -1
}

// acts are the values that the field op may have for an opcode; one alone is not written.
func acts(o nameop.Opcode) []state.Action {
	switch o {
	case nameop.OpNameRegistration:
		return []state.Action{state.ActRegister, state.ActRenew}
	case nameop.OpNameTransfer:
		return []state.Action{state.ActTransferKeep, state.ActTransferErase}
	}
	return []state.Action{state.Action(o)}
}

// isRecord reports whether an operation leaves the record of a name, which its serialization then
// holds.
func isRecord(o nameop.Opcode) bool {
	switch o {
	case nameop.OpNameRegistration, nameop.OpNameImport, nameop.OpNameUpdate, nameop.OpNameTransfer, nameop.OpNameRevoke:
		return true
	}
	return false
}

// isNamespace reports whether an operation leaves the state of a namespace.
func isNamespace(o nameop.Opcode) bool {
	return o == nameop.OpNamespaceReveal || o == nameop.OpNamespaceReady
}
