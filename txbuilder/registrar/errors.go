package registrar

import (
	"errors"
	"fmt"
	"math/big"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
)

// Sentinels. Errors that carry data are the structs below.
var (
	// ErrNotCancellable says that a job is past the point where it could be
	// undone.
	ErrNotCancellable = errors.New("job cannot be cancelled any more")
	// ErrNeedsKey says that a step has to be signed and the wallet is locked.
	ErrNeedsKey = errors.New("the next step must be signed, and the wallet is locked")
	// ErrRestless says that node and index gave ever changing answers.
	ErrRestless = errors.New("the chain does not come to rest")
)

// NeedsKey is ErrNeedsKey where the step has a deadline.
type NeedsKey struct {
	Deadline int32 // last block that is good enough
	Blocks   int32 // how many are left
}

// Error names the deadline.
func (e *NeedsKey) Error() string {
	return fmt.Sprintf("%s; it must be in block %d at the latest, %d blocks are left", ErrNeedsKey, e.Deadline, e.Blocks)
}

// Unwrap is ErrNeedsKey.
func (e *NeedsKey) Unwrap() error { return ErrNeedsKey }

// NameTaken says that a name cannot be registered because somebody has it.
type NameTaken struct {
	Name   names.Name
	Status names.Status
	Owner  string // address
	Free   int32  // first block at which it may be free, as things stand; 0: never
}

// Error says who has the name.
func (e *NameTaken) Error() string {
	switch e.Status {
	case names.Revoked:
		return fmt.Sprintf("%s is revoked and not free until it expires", e.Name)
	case names.Grace:
		return fmt.Sprintf("%s has expired, but until block %d its owner can still renew it", e.Name, e.Free)
	}
	return fmt.Sprintf("%s belongs to %s", e.Name, e.Owner)
}

// Code is name_taken, in_grace or revoked.
func (e *NameTaken) Code() string {
	switch e.Status {
	case names.Grace:
		return "in_grace"
	case names.Revoked:
		return "revoked"
	}
	return "name_taken"
}

// NamespaceClosed says that no name of a namespace can be registered.
type NamespaceClosed struct {
	ID     names.NamespaceID
	Status names.NamespaceStatus // empty: it does not exist
}

// Error says how the namespace stands.
func (e *NamespaceClosed) Error() string {
	switch e.Status {
	case names.NamespaceRevealed:
		return fmt.Sprintf("namespace %s is not open for registrations yet", e.ID)
	case names.NamespaceExpired:
		return fmt.Sprintf("namespace %s was never opened and has expired", e.ID)
	}
	return fmt.Sprintf("namespace %s does not exist", e.ID)
}

// Code is namespace_closed.
func (e *NamespaceClosed) Code() string { return "namespace_closed" }

// NamespaceTaken says that a namespace exists already.
type NamespaceTaken struct {
	ID     names.NamespaceID
	Status names.NamespaceStatus
}

// Error says how the namespace stands.
func (e *NamespaceTaken) Error() string {
	return fmt.Sprintf("namespace %s exists already (%s)", e.ID, e.Status)
}

// Code is namespace_taken.
func (e *NamespaceTaken) Code() string { return "namespace_taken" }

// Quota says that an owner has as many names as one script may own, counting
// those that jobs are registering to it.
type Quota struct {
	Owner         string
	Names, Flying int
	Limit         int
}

// Error counts the names.
func (e *Quota) Error() string {
	return fmt.Sprintf("%s owns %d names and %d are on their way; one owner can have at most %d", e.Owner, e.Names, e.Flying, e.Limit)
}

// Code is quota.
func (e *Quota) Code() string { return "quota" }

// PreorderOutstanding says that every coin that could pay belongs to an address
// whose preorder of the same thing is recorded already. An unused preorder hash
// blocks an equal one for good.
type PreorderOutstanding struct{ What string }

// Error says what helps.
func (e *PreorderOutstanding) Error() string {
	return fmt.Sprintf("%s was preordered before from every address that could pay, and such a preorder blocks an equal one for good; pay from a new address", e.What)
}

// Code is preorder_outstanding.
func (e *PreorderOutstanding) Code() string { return "preorder_outstanding" }

// TokensShort says that no address that could pay has enough STACKS.
type TokensShort struct {
	Need, Have *big.Int // microSTACKS; Have is the most that one address has
	Address    string   // which address that is, if any
}

// Error names both amounts.
func (e *TokensShort) Error() string {
	s := fmt.Sprintf("need %s microSTACKS at one address that also holds bitcoin, have %s", e.Need, e.Have)
	if e.Address != "" {
		s += " at " + e.Address
	}
	return s
}

// Code is insufficient_funds.
func (e *TokensShort) Code() string { return "insufficient_funds" }

// PayeeChanging says that the payee of a namespace changes so soon that it is
// not known to whom a registration must pay: what counts is its own block.
type PayeeChanging struct {
	ID    names.NamespaceID
	After int32
}

// Error says when it can be tried.
func (e *PayeeChanging) Error() string {
	return fmt.Sprintf("who is paid for names in %s changes after block %d; register after that", e.ID, e.After)
}

// Code is payee_changing.
func (e *PayeeChanging) Code() string { return "payee_changing" }

// NothingNewer says that a transaction must be replaced, and that what would replace it is
// what is there already. Another block makes another one.
type NothingNewer struct {
	Job   job.ID
	What  string         // which transaction
	Names []names.Name   // that wait for it
	Burnt btcutil.Amount // by the job so far, in blocks
}

// nothingNewer is that error about a transaction of a job.
func nothingNewer(j *job.Job, role job.Role, mined func(chainhash.Hash) bool) *NothingNewer {
	e := &NothingNewer{Job: j.ID, What: job.Words(role)}
	for _, q := range j.Request.Requests() {
		if !j.ProgressOf(q.Name).State.Final() {
			e.Names = append(e.Names, q.Name)
		}
	}
	for _, st := range j.Stages {
		for _, v := range st.Versions {
			if mined(v.Txid) {
				e.Burnt += v.Burn
			}
		}
	}
	return e
}

// Error says what the job has cost, and what to wait for.
func (e *NothingNewer) Error() string {
	s := fmt.Sprintf("no newer version of %s can be made before another block", e.What)
	if len(e.Names) > 0 {
		s += fmt.Sprintf("; %d names wait for it, from %s on", len(e.Names), e.Names[0])
	}
	return fmt.Sprintf("%s; %s are burnt so far", s, txbuilder.FormatAmount(e.Burnt))
}

// Code is not_all_done.
func (e *NothingNewer) Code() string { return "not_all_done" }
