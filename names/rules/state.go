package rules

import (
	"errors"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/names/state"
)

// State is what the rules read: the state after the block before the one that is applied. Rows that
// are handed out belong to the caller. A nil row means that there is none.
type State interface {
	// Name is the row of a name, expired and revoked ones included.
	Name(name string) (*state.NameRow, error)
	// NamesByHash are the names whose NameHash it is: nearly always one or none.
	NamesByHash(h nameop.Hash128) ([]string, error)
	// NamesOf calls visit with the names whose current row has the owner, in any order, until it
	// says stop.
	NamesOf(owner []byte, visit func(name string) (more bool, err error)) error
	// Namespace is the row of a namespace, expired ones included.
	Namespace(id string) (*state.NamespaceRow, error)
	// Preorders is what is known under a preorder hash.
	Preorders(h names.PreorderHash) (*state.PreorderSet, error)
	// Account is the last state of an account.
	Account(address, unit string) (*state.AccountRow, error)
	// Ring is the set of keys that may import into a namespace.
	Ring(space string) (*state.RingRow, error)
	// Consensus is the consensus hash of a height, those before the first block included.
	Consensus(height int32) (names.ConsensusHash, bool, error)
}

// ErrNoConsensus means that a State lacks the consensus hash of a height that goes into the next
// one.
var ErrNoConsensus = errors.New("state has no consensus hash of an earlier block")
