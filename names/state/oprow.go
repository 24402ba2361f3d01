package state

import (
	"fmt"

	"blockstack/names/nameop"
)

// OpState says what became of a transaction with the registry's magic bytes and a known opcode.
type OpState uint8

// The states of operations.
const (
	Accepted OpState = 1 + iota // it changed the state
	Rejected                    // well-formed, refused by the rules over the state
	Unparsed                    // payload, outputs or senders are malformed
)

// String gives accepted, rejected or unparsed.
func (s OpState) String() string {
	switch s {
	case Accepted:
		return "accepted"
	case Rejected:
		return "rejected"
	case Unparsed:
		return "unparsed"
	}
	return fmt.Sprintf("unknown (%d)", uint8(s))
}

// OpRow is one transaction of a block that carries an operation, with what the rules made of it.
type OpRow struct {
	At      Place
	Status  OpState
	Opcode  nameop.Opcode
	OpName  string // protocol's word, such as NAME_RENEWAL; for an unparsed one that of its opcode
	Subject string // name or namespace id where one is known; hostile when the operation was not accepted
	Reason  Reason // 0 when accepted
	Detail  string // of the refusal

	Located *nameop.Located // what the transaction says; nil when unparsed

	// State after an accepted operation; at most one is set, none for an announcement.
	Name     *NameRow
	Space    *NamespaceRow
	Preorder *PreorderRow
	Token    *TokenRow

	Used *Place // the preorder that a registration or reveal used up; only while the block is applied
}

// Err is why the operation did not count, nil when it was accepted.
func (r *OpRow) Err() error {
	if r.Status == Accepted {
		return nil
	}
	return &Refused{Reason: r.Reason, Detail: r.Detail}
}
