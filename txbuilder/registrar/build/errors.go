package build

import (
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
)

// NothingNewer says that a transaction must be replaced, and that what would replace it is what is
// there already. Another block makes another one.
type NothingNewer struct {
	Job   job.ID
	What  string         // which transaction
	Names []names.Name   // that wait for it
	Burnt btcutil.Amount // by the job so far, in blocks
}

// NoNewer is that error about a transaction of a job.
func NoNewer(j *job.Job, role job.Role, mined func(chainhash.Hash) bool) *NothingNewer {
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

// NoOwnerCoin says that a name's owner has no confirmed coin for input 0 of the operation, by which
// the owner is recognized. It comes back to the owner.
type NoOwnerCoin struct {
	Owner    string         // address
	Need     btcutil.Amount // the least that is relayed
	Reserved int            // coins that other jobs are using
}

// Error says what is missing.
func (e *NoOwnerCoin) Error() string {
	if e.Reserved > 0 {
		return fmt.Sprintf("every coin at the owner's address %s is used by another job", e.Owner)
	}
	return fmt.Sprintf("the owner's address %s has no confirmed coin; %s or more there is needed to sign, and comes back", e.Owner, txbuilder.FormatAmount(e.Need))
}

// Code is insufficient_funds.
func (e *NoOwnerCoin) Code() string { return "insufficient_funds" }

// FloorTooHigh says that what the node wants for a transaction is more than what is at stake with
// it, so that its word alone is not enough.
type FloorTooHigh struct {
	Fee, Stake btcutil.Amount
	Floor      txbuilder.FeeRate
}

// Error names what it would cost.
func (e *FloorTooHigh) Error() string {
	return fmt.Sprintf("to be taken by the node (lowest rate %s) the transaction would have to pay a fee of %s, more than the %s that depend on it",
		e.Floor, txbuilder.FormatAmount(e.Fee), txbuilder.FormatAmount(e.Stake))
}

// Code is over_budget.
func (e *FloorTooHigh) Code() string { return "over_budget" }

// NoSenderCoin says that the script that sent a preorder has no coin any more, which the next
// transaction has to come from.
type NoSenderCoin struct{ Sender, What string }

// Error says what is missing.
func (e *NoSenderCoin) Error() string {
	return fmt.Sprintf("the change of the preorder of %s was spent, and %s, which must send what follows, has no other confirmed coin", e.What, e.Sender)
}

// Code is insufficient_funds.
func (e *NoSenderCoin) Code() string { return "insufficient_funds" }

// PaidInTokens says that the price of a name is debited from one account, which a batch with its
// many payers does not have.
type PaidInTokens struct{ Name names.Name }

// Error says what to do instead.
func (e *PaidInTokens) Error() string {
	return fmt.Sprintf("%s is paid in STACKS, from the account of one address; a batch pays in bitcoin", e.Name)
}

// Code is paid_in_stacks.
func (e *PaidInTokens) Code() string { return "paid_in_stacks" }

// IsRefusal says whether an error is about one name, which can be left out.
func IsRefusal(err error) bool {
	if errors.Is(err, job.ErrBadRequest) || errors.Is(err, names.ErrNotFound) {
		return true
	}
	var c job.Coded
	return errors.As(err, &c) && !errors.As(err, new(*ports.Refused)) && !errors.As(err, new(*job.OverBudget))
}
