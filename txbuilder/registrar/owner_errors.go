package registrar

import (
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/names"
	"blockstack/txbuilder"
)

// NotOwner says that an operation is not the owner's to make: the name is
// somebody else's, free, or revoked.
type NotOwner struct {
	Name   names.Name
	Status names.Status
	Owner  string // address; empty: nobody
}

// Error says how the name stands.
func (e *NotOwner) Error() string {
	switch e.Status {
	case names.Available:
		return fmt.Sprintf("%s is not registered", e.Name)
	case names.Expired:
		return fmt.Sprintf("%s has expired and can be registered anew", e.Name)
	case names.Revoked:
		return fmt.Sprintf("%s is revoked", e.Name)
	}
	return fmt.Sprintf("%s belongs to %s", e.Name, e.Owner)
}

// Code is not_owner.
func (e *NotOwner) Code() string { return "not_owner" }

// MustRenew says that a name is in its grace period, or so close to it that only
// a renewal is sure to count.
type MustRenew struct {
	Name               names.Name
	Expires, GraceEnds int32
}

// Error names the block.
func (e *MustRenew) Error() string {
	return fmt.Sprintf("%s expires at block %d; from then to block %d it can only be renewed", e.Name, e.Expires, e.GraceEnds)
}

// Code is in_grace.
func (e *MustRenew) Code() string { return "in_grace" }

// NeverExpires says that a name needs no renewal.
type NeverExpires struct{ Name names.Name }

// Error says so.
func (e *NeverExpires) Error() string {
	return fmt.Sprintf("%s never expires; a renewal would be paid for nothing", e.Name)
}

// Code is never_expires.
func (e *NeverExpires) Code() string { return "never_expires" }

// Unchanged says that an operation would change nothing.
type Unchanged struct {
	Name names.Name
	What string // "belongs to 1... already"
}

// Error says what is so already.
func (e *Unchanged) Error() string { return fmt.Sprintf("%s %s", e.Name, e.What) }

// Code is unchanged.
func (e *Unchanged) Code() string { return "unchanged" }

// NoOwnerCoin says that a name's owner has no confirmed coin for input 0 of the
// operation, by which the owner is recognized. It comes back to the owner.
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
