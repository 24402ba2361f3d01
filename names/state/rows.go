package state

import (
	"math/big"
	"slices"
	"strings"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
	"blockstack/names/nameop"
)

// Place is where in the chain something happened. Places are ordered by height, then by position in
// the block.
type Place struct {
	Height int32
	Index  int32 // position of the transaction in its block, 0 is the coinbase
	Txid   chainhash.Hash
}

// Action is the last operation of a record as the serialization writes it: the opcode byte, with a
// second byte for renewals and transfers (protocol 6.3).
type Action string

// The actions that records go through.
const (
	ActPreorder          Action = "?"
	ActRegister          Action = ":"
	ActRenew             Action = "::"
	ActUpdate            Action = "+"
	ActTransferKeep      Action = ">>"
	ActTransferErase     Action = ">~"
	ActRevoke            Action = "~"
	ActImport            Action = ";"
	ActNamespacePreorder Action = "*"
	ActReveal            Action = "&"
	ActReady             Action = "!"
	ActToken             Action = "$"
	ActAnnounce          Action = "#"
)

// Fee is the field op_fee: satoshi, or for names that an import created a double, which is
// serialized in another way (protocol 6.4).
type Fee struct {
	Sat     int64
	Float   float64
	IsFloat bool
}

// NameRow is the state of a name after one of its operations (protocol 7.2). Rows are values:
// whoever changes one copies it.
type NameRow struct {
	Name         string
	Owner        []byte // output script
	PubKey       []byte // of the sender of the registration or import; nil: none
	Value        names.ZoneFileHash
	HasValue     bool
	PreorderHash names.PreorderHash

	CreatedAt       int32 // field block_number
	PreorderedAt    int32
	FirstRegistered int32
	LastRenewed     int32
	SpaceCreatedAt  int32 // block_number of the namespace at the last registration, renewal or import

	Revoked  bool
	Imported bool // the last creation was an import
	Fee      Fee
	Tokens   *big.Int // field token_fee
	Importer []byte   // output script; nil: not imported

	Consensus    names.ConsensusHash // set by updates and transfers
	HasConsensus bool
	Updated      names.ConsensusHash // quoted by the last update since the registration or import; what a transfer hashes (6.6)
	HasUpdated   bool

	Act Action
	At  Place // of the last operation
}

// Space is the namespace of the name.
func (r *NameRow) Space() string { return SpaceOf(r.Name) }

// NamespaceRow is the state of a namespace after one of its operations.
type NamespaceRow struct {
	ID           string
	PreorderHash names.PreorderHash
	Version      uint16
	Payer        []byte // output script of the reveal's sender
	PubKey       []byte // of the reveal's sender; nil: none
	Recipient    []byte // output 1 of the reveal: the revealer
	CreatedAt    int32  // block of the preorder, of the first one when revealed again
	RevealedAt   int32
	ReadyAt      int32 // 0: not ready
	Lifetime     uint32
	Coeff, Base  byte
	Buckets      [16]byte
	NonAlpha     byte
	NoVowel      byte
	Fee          int64  // satoshi of the preorder
	Tokens       uint64 // microSTACKS of the preorder
	Act          Action
	At           Place
}

// Ready reports whether the namespace is open.
func (r *NamespaceRow) Ready() bool { return r.Act == ActReady }

// PreorderRow is an accepted preorder of a name or a namespace.
type PreorderRow struct {
	Hash        names.PreorderHash
	Namespace   bool // of a namespace
	Consensus   names.ConsensusHash
	Sender      []byte
	PubKey      []byte // nil: none
	BurnAddress string
	Fee         int64 // satoshi, also when tokens pay
	PaidTokens  bool  // unit STACKS, even with amount 0
	Tokens      uint64
	At          Place
}

// PreorderSet is everything that is known under one preorder hash: preorders that nothing has used
// up, by height and then by txid, and the names and namespaces whose current row carries the hash.
// Both matter when a hash is used again (protocol 8.1).
type PreorderSet struct {
	Hash     names.PreorderHash
	Open     []PreorderRow
	Carriers []string // names have a dot, namespaces have none; sorted
}

// Empty reports whether there is nothing to store.
func (s *PreorderSet) Empty() bool { return len(s.Open) == 0 && len(s.Carriers) == 0 }

// AccountRow is the state of a token account after a change. Balance = Credit - Debit.
type AccountRow struct {
	Address     string // base58, or a word that nobody can spend from
	Unit        string
	Credit      *big.Int // running total
	Debit       *big.Int // running total
	LockSend    int32    // height from which it may send
	MayReceive  bool
	Metadata    string
	HasMetadata bool
	At          Place
}

// Balance is what the account holds.
func (r *AccountRow) Balance() *big.Int { return new(big.Int).Sub(r.Credit, r.Debit) }

// Units of the rows that the reference keeps beside the genesis table and its patches: they hold
// nothing.
const (
	UnitGenesis = "GENESIS"
	UnitPatch   = "PATCH"
)

// RingRow is the set of keys that may import into a namespace. It is made once per namespace id and
// kept for good (protocol 16.9).
type RingRow struct {
	Space  string
	PubKey []byte     // of the first import by the revealer, as found in its input
	Hashes [][20]byte // hash160 of the children, then of PubKey
}

// TokenRow is an accepted token transfer.
type TokenRow struct {
	Sender    []byte
	Recipient []byte
	Op        nameop.TokenTransfer
	At        Place
}

// BlockRow is what is kept of a block.
type BlockRow struct {
	Hash      chainhash.Hash
	Consensus names.ConsensusHash
	OpsHash   OpsHash
}

// PlaceOf is where an operation stands.
func PlaceOf(l *nameop.Located) Place {
	return Place{Height: l.Height, Index: int32(l.Index), Txid: l.Txid}
}

// SpaceOf is the part of a well-formed name after its dot.
func SpaceOf(name string) string { return name[strings.IndexByte(name, '.')+1:] }

// LabelOf is the part of a well-formed name before its dot.
func LabelOf(name string) string { return name[:strings.IndexByte(name, '.')] }

// First is the oldest outstanding preorder of a kind.
func (s *PreorderSet) First(namespace bool) *PreorderRow {
	for i := range s.Open {
		if s.Open[i].Namespace == namespace {
			return &s.Open[i]
		}
	}
	return nil
}

// IsName tells names from namespace ids.
func IsName(id string) bool { return slices.Contains([]byte(id), '.') }

// BlockOp is a transaction of a block with the registry's magic bytes and a known opcode: a located
// operation, or what is wrong with it.
type BlockOp struct {
	At       Place
	Located  *nameop.Located  // nil when malformed
	Unparsed *nameop.Unparsed // nil when not
}
