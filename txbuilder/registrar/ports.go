package registrar

import (
	"context"
	"math/big"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/names"
	"blockstack/txbuilder"
)

// Chain is what a job needs of Bitcoin.
type Chain interface {
	// Tip is the best block.
	Tip(ctx context.Context) (int32, chainhash.Hash, error)
	// Broadcast offers a transaction. Accepted, already known and already
	// confirmed are all success; a refusal is a *Refused.
	Broadcast(ctx context.Context, tx *wire.MsgTx) error
	// TxStatus says where a transaction is; one that is nowhere is no error.
	TxStatus(ctx context.Context, txid chainhash.Hash) (TxStatus, error)
	// BlockAt is the block of the best chain at a height.
	BlockAt(ctx context.Context, height int32) (*wire.MsgBlock, error)
}

// TxStatus says where a transaction is.
type TxStatus struct {
	InMempool bool
	Height    int32 // block it is in, 0: none
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
	// PreordersBy lists the unused preorders, of names and of namespaces, that a
	// script has sent, oldest first, however old they are.
	PreordersBy(ctx context.Context, sender []byte) ([]Outstanding, error)
	// Balance is the balance of an account in microSTACKS; found is false when
	// there is no such account.
	Balance(ctx context.Context, address string) (balance *big.Int, found bool, err error)
	// ConsensusHash is the consensus hash of a height the index has read.
	ConsensusHash(ctx context.Context, height int32) (names.ConsensusHash, error)
	// OpStatus is what the index made of a transaction; seen is false when it
	// took no notice of it.
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

// Wallet pays and signs.
type Wallet interface {
	txbuilder.Coins
	txbuilder.Signer
	// CoinsAt lists the confirmed coins of one script, also of one whose coins
	// never pay.
	CoinsAt(ctx context.Context, script []byte) ([]wtxmgr.Credit, error)
	// Scripts lists every script of ours.
	Scripts(ctx context.Context) ([][]byte, error)
	// CanSign says whether Sign would find the wallet unlocked.
	CanSign(ctx context.Context) bool
}

// Redeemer knows the redeem scripts of P2SH scripts that several keys sign (m of n).
// A Wallet may be one.
type Redeemer interface {
	// RedeemScript gives nil for any other script.
	RedeemScript(ctx context.Context, script []byte) ([]byte, error)
}

// Publisher puts a zone file where it can be found by its hash. It may be called
// again with the same file. It returns where the file is now.
type Publisher interface {
	Publish(ctx context.Context, n names.Name, zoneFile []byte) ([]string, error)
}

// Clock tells the time for the journal's record; nothing is decided by it.
type Clock interface{ Now() time.Time }

// Journal is where jobs are kept. Every Save is durable when it returns.
type Journal interface {
	// Jobs lists all jobs, oldest first.
	Jobs(ctx context.Context) ([]*Job, error)
	// Job gives one job, or ErrNoJob.
	Job(ctx context.Context, id ID) (*Job, error)
	// Save writes a job, new or changed.
	Save(ctx context.Context, j *Job) error
}
