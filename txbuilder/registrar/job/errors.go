package job

import (
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/names"
	"blockstack/txbuilder"
)

// ErrBadCopy says that a file is no copy of a job, or is damaged.
var ErrBadCopy = errors.New("not a copy of a job")

// Errors of Accept.
var (
	// ErrNoDraft says that no job has planned a transaction.
	ErrNoDraft = errors.New("no job has planned this transaction")
	// ErrOldDraft says that a signed draft would not count any more, or that a newer one took its
	// place.
	ErrOldDraft = errors.New("this PSBT is out of date")
	// ErrNotExternal says that a job signs with the wallet's own keys.
	ErrNotExternal = errors.New("the job signs with the keys of this wallet")
)

// ErrNoJob says that there is no job with an id.
var ErrNoJob = errors.New("no such job")

// ErrBadJournal says that a journal's content cannot be read.
var ErrBadJournal = errors.New("journal is damaged")

// ErrNewerJournal says that a journal was written by a later version.
var ErrNewerJournal = errors.New("journal was written by a newer version")

// ErrBadRequest says that a request contradicts itself.
var ErrBadRequest = errors.New("bad request")

// Coded is an error with a code for programs (error.code of the command line).
type Coded interface {
	error
	Code() string
}

// Conflict says that a job for the same name or namespace is under way with another owner or
// another zone file.
type Conflict struct {
	ID   ID
	What string
	// Over says that the job is over, and has done since a plan was made what it was for.
	Over bool
	// Begun says that the job was begun since a plan was made, perhaps by the same command.
	Begun bool
	// Listed says that the job is a list which has sent something for the name that can change
	// nothing any more; Name is that name.
	Listed bool
	Name   names.Name
}

// Error names the job.
func (e *Conflict) Error() string {
	if e.Listed {
		return fmt.Sprintf("the term of %s is over, and the list of job %s has sent something for it that changes nothing any more; the list leaves it out by itself", e.Name, e.ID)
	}
	if e.Over {
		return fmt.Sprintf("job %s has worked on the same name since this was planned; look again what is missing", e.ID)
	}
	if e.Begun {
		return fmt.Sprintf("job %s was begun for the same name since this was planned; look again what is missing", e.ID)
	}
	return fmt.Sprintf("job %s is under way for the same name with another %s; finish or cancel it first", e.ID, e.What)
}

// Code is job_conflict.
func (e *Conflict) Code() string { return "job_conflict" }

// ErrIndexBehind says that the index has not read the blocks that a check needs.
var ErrIndexBehind = errors.New("the name index is behind the node")

// OverBudget says that a job would cost more than the ceiling given for it.
type OverBudget struct{ Need, Max btcutil.Amount }

// Error names both amounts.
func (e *OverBudget) Error() string {
	return fmt.Sprintf("would cost up to %s, and the ceiling is %s", txbuilder.FormatAmount(e.Need), txbuilder.FormatAmount(e.Max))
}

// Code is over_budget.
func (e *OverBudget) Code() string { return "over_budget" }
