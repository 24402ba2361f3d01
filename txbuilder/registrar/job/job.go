package job

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/txbuilder"
)

// Knows is has, of a stage that may not be there.
func (s *Stage) Knows(txid chainhash.Hash) bool { return s != nil && s.Has(txid) }

// Has says whether a version with a txid is known.
func (s *Stage) Has(txid chainhash.Hash) bool {
	for _, v := range s.Versions {
		if v.Txid == txid {
			return true
		}
	}
	return false
}

// reorgDepth is how many blocks after its last transaction a finished job is still looked at.
const reorgDepth = 144

// Fresh says whether a finished job is young enough for a reorg to undo it.
func (j *Job) Fresh(tip int32) bool {
	for _, s := range j.Stages {
		if tip-s.Since <= reorgDepth {
			return true
		}
	}
	return false
}

// SignedSince says whether a job signed anything at a height or later.
func (j *Job) SignedSince(height int32) bool {
	return slices.ContainsFunc(j.Stages, func(st *Stage) bool {
		return slices.ContainsFunc(st.Versions, func(v *Version) bool { return v.Signed >= height })
	})
}

// Roles are the transactions of a job in the order of the chain.
func (j *Job) Roles() []Role {
	fl := j.Flow()
	if j.Request.Kind != KindImport {
		return []Role{RoleMove, fl.Preorder, fl.Register, fl.Update}
	}
	roles := []Role{RoleFund}
	for i := range j.Request.Import.Names {
		roles = append(roles, ImportRole(i))
	}
	return roles
}

// Job is a persisted operation of ours with its transactions: what all kinds have, and a body for
// each sort of them.
type Job struct {
	ID      ID        `json:"id"`
	Attempt int       `json:"attempt"`
	State   State     `json:"state"`
	Request Request   `json:"request"`
	Created time.Time `json:"created"`
	Updated time.Time `json:"updated"`
	// Stages hold the transactions, in the order of the chain.
	Stages []*Stage `json:"stages,omitempty"`
	// Sender is the script of the first transaction's input 0.
	Sender []byte `json:"sender,omitempty"`
	// Reason says why a job is Expired, Rejected or Cancelled.
	Reason string `json:"reason,omitempty"`
	// Mark shows that the user has agreed to the request (package record).
	Mark []byte `json:"mark,omitempty"`

	// The bodies. What a kind has none of stays empty, and is not stored; the keys lie beside those
	// above.
	Single
	Listed
	External

	// Wait is what Advance stopped for; it is not stored.
	Wait *Wait `json:"-"`

	// From names the journal whose copy the job was read from; it is not stored.
	From string `json:"-"`
}

// Single is the body of a job for one name, of a launch and of an import.
type Single struct {
	// Price and its payee are what the preorder or the renewal was built with.
	Price *Price `json:"price,omitempty"`
	// Supersedes is the job whose place a renewal has taken, since it could change nothing.
	Supersedes ID `json:"supersedes,omitempty"`
	// NeedsUpdate says that the rules do not let the registration carry the zone-file hash, so that
	// an update follows.
	NeedsUpdate bool `json:"needs_update,omitempty"`
	// Deadline is the last block in which the operation of an owner counts by the rules as they
	// were when it was signed; 0: none.
	Deadline int32 `json:"deadline,omitempty"`
	// Published says where the zone file was put.
	Published []string `json:"published,omitempty"`
	IsPublic  bool     `json:"is_public,omitempty"`
}

// Listed is the body of a series: where its names stand, and the ways through its tree, of which
// Path is being taken since the block Since.
type Listed struct {
	Items []Progress `json:"items,omitempty"`
	Paths []Path     `json:"paths,omitempty"`
	Path  int        `json:"path,omitempty"`
	Since int32      `json:"since,omitempty"`
}

// External is the body of a job that is signed elsewhere: the transactions that were handed out for
// signing. Drafts lists those that wait.
type External struct {
	Drafted []*Draft `json:"drafts,omitempty"`
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

// Version is one signed transaction. All versions of a stage that descend from the same parent
// spend the same outpoint as input 0.
type Version struct {
	Txid  chainhash.Hash    `json:"txid"`
	Raw   []byte            `json:"raw"`
	Fee   btcutil.Amount    `json:"fee"`
	Burn  btcutil.Amount    `json:"burn"`
	Given btcutil.Amount    `json:"given"` // to outputs other than change
	Rate  txbuilder.FeeRate `json:"rate"`
	VSize int64             `json:"vsize"`
	// Window is the last block in which the quoted consensus hash is good; 0: none is quoted.
	Window int32 `json:"window,omitempty"`
	// Quoted is that consensus hash; zero when none is quoted, and in journals of the first
	// version.
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

// Stage gives the stage of a role, nil if it has none yet.
func (j *Job) Stage(role Role) *Stage {
	for _, s := range j.Stages {
		if s.Role == role {
			return s
		}
	}
	return nil
}

// Mined says whether the last transaction of an open job is in a block that the index has read.
func (j *Job) Mined() bool {
	return j.State == UpdateConfirmed || j.Request.Kind != KindLaunch && j.State == RegisterConfirmed
}

// Wrap says of an error which job it belongs to.
func (j *Job) Wrap(err error) error {
	return fmt.Errorf("%s: %s: %w", j.Request.Subject(), j.Request.Kind, err)
}

// Open says whether the job is not finished.
func (j *Job) Open() bool { return !j.State.Final() }

// Include adds a version, in the order of fees, unless it is there.
func (s *Stage) Include(v *Version) bool {
	for _, o := range s.Versions {
		if o.Txid == v.Txid {
			return false
		}
	}
	at := len(s.Versions)
	for i, o := range s.Versions {
		if v.Fee < o.Fee {
			at = i
			break
		}
	}
	s.Versions = slices.Insert(s.Versions, at, v)
	if at <= s.Current && len(s.Versions) > 1 {
		s.Current++
	}
	return true
}

// Txids are all versions of a transaction.
func (j *Job) Txids(role Role) []chainhash.Hash {
	var ids []chainhash.Hash
	if st := j.Stage(role); st != nil {
		for _, v := range st.Versions {
			ids = append(ids, v.Txid)
		}
	}
	return ids
}

// StageOf gives the stage of a role for a name, nil if it has none yet.
func (j *Job) StageOf(role Role, n names.Name) *Stage {
	for _, s := range j.Stages {
		if s.Role == role && s.Name == n {
			return s
		}
	}
	return nil
}

// Cost is what a transaction takes from its payer for good.
func (v *Version) Cost() btcutil.Amount { return v.Fee + v.Burn + v.Given }

// NewID derives a job's id from what it intends and how often that was tried.
func NewID(req *Request, attempt int) ID {
	subject := req.Subject()
	if req.Kind == KindImport {
		subject += " " + req.Import.digest()
	}
	h := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%x\x00%d", req.Kind, subject, req.Owner, attempt))
	return ID(hex.EncodeToString(h[:5]))
}

// Flow names the transactions of a kind of job by the states that they belong to.
type Flow struct {
	Preorder, Register, Update Role
}

// First is the transaction that a job begins with.
func (f Flow) First() Role {
	if f.Preorder == "" {
		return f.Update
	}
	return f.Preorder
}

func (j *Job) Flow() Flow {
	switch {
	case j.Request.Kind.OfOwner():
		return Flow{Update: j.Request.Kind.Role()}
	case j.Request.Kind == KindLaunch:
		return Flow{RoleNamespacePreorder, RoleReveal, RoleReady}
	case j.Request.Kind == KindImport && len(j.Request.Import.Names) == 1:
		return Flow{Preorder: RoleFund, Register: ImportRole(0)}
	case j.Request.Kind == KindImport:
		return Flow{RoleFund, ImportRole(0), ImportRole(1)}
	case j.NeedsUpdate:
		return Flow{RolePreorder, RoleRegister, RoleUpdate}
	}
	return Flow{Preorder: RolePreorder, Register: RoleRegister}
}
