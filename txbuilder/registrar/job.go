package registrar

import (
	"bytes"
	"fmt"
	"math/big"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/txbuilder"
)

// ID names a job: ten hex digits that follow from the intention and how often it
// was tried, so that it is the same on every machine.
type ID string

// Role is what a transaction of a job does. The values are stored.
type Role string

// The roles.
const (
	RolePreorder          Role = "preorder"
	RoleRegister          Role = "register"
	RoleUpdate            Role = "update"
	RoleNamespacePreorder Role = "namespace_preorder"
	RoleReveal            Role = "reveal"
	RoleReady             Role = "ready"
	RoleReturn            Role = "return"
	RoleRenew             Role = "renew"
	RoleTransfer          Role = "transfer"
	RoleRevoke            Role = "revoke"
	RoleMove              Role = "move"
	RoleSplit             Role = "split"
)

// Job is a persisted operation of ours with its transactions.
type Job struct {
	ID      ID        `json:"id"`
	Attempt int       `json:"attempt"`
	State   State     `json:"state"`
	Request Request   `json:"request"`
	Created time.Time `json:"created"`
	Updated time.Time `json:"updated"`
	// Stages hold the transactions, in the order of the chain.
	Stages []*Stage `json:"stages,omitempty"`
	// Drafted are the transactions of an external job that were handed out for
	// signing; Drafts lists those that wait.
	Drafted []*Draft `json:"drafts,omitempty"`
	// Price and its payee are what the preorder or the renewal was built with.
	Price *Price `json:"price,omitempty"`
	// Supersedes is the job whose place a renewal has taken, since it could change nothing.
	Supersedes ID `json:"supersedes,omitempty"`
	// Sender is the script of the first transaction's input 0.
	Sender []byte `json:"sender,omitempty"`
	// NeedsUpdate says that the rules do not let the registration carry the
	// zone-file hash, so that an update follows.
	NeedsUpdate bool `json:"needs_update,omitempty"`
	// Deadline is the last block in which the operation of an owner counts by the
	// rules as they were when it was signed; 0: none.
	Deadline int32 `json:"deadline,omitempty"`
	// Items are where the names of a series stand; Paths the ways through its tree,
	// of which Path is being taken since the block Since.
	Items []Progress `json:"items,omitempty"`
	Paths []Path     `json:"paths,omitempty"`
	Path  int        `json:"path,omitempty"`
	Since int32      `json:"since,omitempty"`
	// Published says where the zone file was put.
	Published []string `json:"published,omitempty"`
	IsPublic  bool     `json:"is_public,omitempty"`
	// Reason says why a job is Expired, Rejected or Cancelled.
	Reason string `json:"reason,omitempty"`
	// Mark shows that the user has agreed to the request (agreed.go).
	Mark []byte `json:"mark,omitempty"`

	// Wait is what Advance stopped for; it is not stored.
	Wait *Wait `json:"-"`

	// journal is which one's copy the job was read from; it is not stored.
	journal string
}

// Price is what a preorder pays, as stored.
type Price struct {
	Unit   names.Unit `json:"unit"`
	Amount *big.Int   `json:"amount"`
	Payee  []byte     `json:"payee"`
}

// Stage is one transaction of a job in all its versions.
type Stage struct {
	Role Role `json:"role"`
	// Name is whom it is for, in a series.
	Name     names.Name `json:"name,omitzero"`
	Versions []*Version `json:"versions"`
	// Current is the version to be sent; Since is the tip when it became so.
	Current int   `json:"current"`
	Since   int32 `json:"since"`
	// Used says that the job has come to this transaction: it may have been sent.
	Used bool `json:"used"`
}

// Version is one signed transaction. All versions of a stage that descend from
// the same parent spend the same outpoint as input 0.
type Version struct {
	Txid  chainhash.Hash    `json:"txid"`
	Raw   []byte            `json:"raw"`
	Fee   btcutil.Amount    `json:"fee"`
	Burn  btcutil.Amount    `json:"burn"`
	Given btcutil.Amount    `json:"given"` // to outputs other than change
	Rate  txbuilder.FeeRate `json:"rate"`
	VSize int64             `json:"vsize"`
	// Window is the last block in which the quoted consensus hash is good; 0:
	// none is quoted.
	Window int32 `json:"window,omitempty"`
	// Quoted is that consensus hash; zero when none is quoted, and in journals of
	// the first version.
	Quoted names.ConsensusHash `json:"quoted,omitzero"`
	// Parent is the version of the stage before that this one spends; zero: none.
	Parent chainhash.Hash `json:"parent,omitzero"`
	// Next is the output that the following stage spends, -1: none.
	Next   int   `json:"next"`
	Signed int32 `json:"signed"` // tip when it was signed
}

// Tx decodes the stored bytes and holds them to their txid.
func (v *Version) Tx() (*wire.MsgTx, error) {
	var tx wire.MsgTx
	r := bytes.NewReader(v.Raw)
	if err := tx.Deserialize(r); err != nil {
		return nil, fmt.Errorf("%w: transaction %s: %w", ErrBadJournal, v.Txid, err)
	}
	if r.Len() != 0 || tx.TxHash() != v.Txid {
		return nil, fmt.Errorf("%w: transaction %s is not what its bytes say", ErrBadJournal, v.Txid)
	}
	return &tx, nil
}

// Wait is what a job stands still for.
type Wait struct {
	For    string // in words
	Blocks int32  // about how many blocks; 0: unknown
	Txid   *chainhash.Hash
	// Signatures says that it is a signed PSBT that is waited for (Job.Drafts).
	Signatures bool
	// Held says that it is the user's word that is waited for (Registrar.Release).
	Held bool
	// Deadline is the last block that is good enough, 0: none.
	Deadline int32
}

// stage gives the stage of a role, nil if it has none yet.
func (j *Job) stage(role Role) *Stage {
	for _, s := range j.Stages {
		if s.Role == role {
			return s
		}
	}
	return nil
}

// Open says whether the job is not finished.
func (j *Job) Open() bool { return !j.State.Final() }

// View is what programs see of a job.
type View struct {
	JobID       ID       `json:"job_id"`
	Kind        Kind     `json:"kind"`
	Name        string   `json:"name,omitempty"`
	Namespace   string   `json:"namespace,omitempty"`
	Imports     int      `json:"imports,omitempty"` // how many names an import imports
	State       string   `json:"state"`
	Txids       []string `json:"txids"`
	FeeSat      int64    `json:"fee_sat"`
	BurnSat     int64    `json:"burn_sat"`
	BurnUstacks *string  `json:"burn_ustacks"` // decimal; null when paid in BTC
	Published   []string `json:"published,omitempty"`
	Reason      string   `json:"reason,omitempty"`
	WaitingFor  string   `json:"waiting_for,omitempty"`
	Blocks      *int32   `json:"waiting_blocks,omitempty"`
	// Names are those of a series.
	Names []NameView `json:"names,omitempty"`
}

// NameView is what programs see of one name of a series.
type NameView struct {
	Name      string   `json:"name"`
	Kind      Kind     `json:"kind"`
	State     string   `json:"state"`
	Txids     []string `json:"txids"`
	FeeSat    int64    `json:"fee_sat"`
	BurnSat   int64    `json:"burn_sat"`
	Published []string `json:"published,omitempty"`
	Reason    string   `json:"reason,omitempty"`
}
