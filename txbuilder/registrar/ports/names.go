package ports

import (
	"context"
	"math/big"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
)

// Records says who has a name.
type Records interface {
	Record(ctx context.Context, n names.Name) (names.Record, error)
}

// Names is what a job needs of the name index.
type Names interface {
	// Tip is the last block that the index has read.
	Tip(ctx context.Context) (int32, chainhash.Hash, error)
	// ExactUntil is the last height at which these answers are certain; nil: the tip's.
	ExactUntil(ctx context.Context) (*int32, error)
	// Record is the state of a name; a free name is no error.
	Record(ctx context.Context, n names.Name) (names.Record, error)
	// NamesOf lists the live names of an owner.
	NamesOf(ctx context.Context, owner []byte) ([]names.Record, error)
	// Namespace is the state of a namespace, or names.ErrNotFound.
	Namespace(ctx context.Context, id names.NamespaceID) (names.Namespace, error)
	// Preordered says whether an unused name preorder with a hash is recorded.
	Preordered(ctx context.Context, h names.PreorderHash) (bool, error)
	// NamespacePreordered says the same of namespace preorders.
	NamespacePreordered(ctx context.Context, h names.PreorderHash) (bool, error)
	// PreordersBy lists the unused preorders, of names and of namespaces, that a script has sent,
	// oldest first, however old they are.
	PreordersBy(ctx context.Context, sender []byte) ([]Outstanding, error)
	// Balance is the balance of an account in microSTACKS; found is false when there is no such
	// account.
	Balance(ctx context.Context, address string) (balance *big.Int, found bool, err error)
	// ConsensusHash is the consensus hash of a height the index has read.
	ConsensusHash(ctx context.Context, height int32) (names.ConsensusHash, error)
	// OpStatus is what the index made of a transaction; seen is false when it took no notice of it.
	OpStatus(ctx context.Context, txid chainhash.Hash) (status OpStatus, seen bool, err error)
}

// Outstanding is a preorder that nothing has used up.
type Outstanding struct {
	Hash      names.PreorderHash
	Namespace bool // of a namespace
	Txid      chainhash.Hash
	Height    int32
	Sender    []byte // script that sent it
}

// OpStatus is what the index made of an operation.
type OpStatus struct {
	Height   int32
	Accepted bool
	Reason   string // why not
}
