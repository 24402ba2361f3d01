package terms

import (
	"fmt"
	"math/big"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
)

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

// Quota says that an owner has as many names as one script may own, counting those that jobs are
// registering to it.
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

// PreorderOutstanding says that every coin that could pay belongs to an address whose preorder of
// the same thing is recorded already. An unused preorder hash blocks an equal one for good.
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

// PayeeChanging says that the payee of a namespace changes so soon that it is not known to whom a
// registration must pay: what counts is its own block.
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

// NotOwner says that an operation is not the owner's to make: the name is somebody else's, free, or
// revoked.
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

// MustRenew says that a name is in its grace period, or so close to it that only a renewal is sure
// to count.
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

// Contested says that somebody else is registering the name, or revealing the namespace, at this
// moment.
type Contested struct {
	What string
	Txid chainhash.Hash
}

// Error names the transaction.
func (e *Contested) Error() string {
	return fmt.Sprintf("somebody else is registering %s at this moment (transaction %s)", e.What, e.Txid)
}

// Code is contested.
func (e *Contested) Code() string { return "contested" }

// UnknownGrants refuses what depends on STACKS where nobody can tell who holds any.
type UnknownGrants struct{ What string }

// Error says what it is about.
func (e *UnknownGrants) Error() string {
	return e.What + ": it depends on who holds STACKS, and the grants of this registry are not known, so whether it counts is not either"
}
