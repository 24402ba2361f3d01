package state

import (
	"fmt"
)

// Reason is why the rules refused an operation. Numbers are stored: never renumbered, new ones
// appended.
type Reason uint8

// The reasons.
const (
	ReasonNone Reason = iota
	// ReasonMalformed: payload, outputs or senders cannot be read as an operation.
	ReasonMalformed
	// ReasonBadName: the name or namespace id is not well-formed.
	ReasonBadName
	// ReasonRevoked: the name is revoked.
	ReasonRevoked
	// ReasonNamespaceNotReady: the name's namespace is not open.
	ReasonNamespaceNotReady
	// ReasonQuota: the owner has as many names as one may have.
	ReasonQuota
	// ReasonScriptHash: p2sh owners are not allowed in this epoch.
	ReasonScriptHash
	// ReasonNoPreorder: no outstanding preorder has the hash of this name, sender and owner.
	ReasonNoPreorder
	// ReasonPreorderExpired: the preorder is too old.
	ReasonPreorderExpired
	// ReasonRegistered: the name is registered already.
	ReasonRegistered
	// ReasonPreorderEarly: the name was preordered before its namespace was ready.
	ReasonPreorderEarly
	// ReasonOtherSender: somebody else sent the preorder.
	ReasonOtherSender
	// ReasonUnderpaid: less than the price was paid.
	ReasonUnderpaid
	// ReasonBurnAddress: the fee went to another address than it had to.
	ReasonBurnAddress
	// ReasonTokensRefused: tokens cannot pay for this.
	ReasonTokensRefused
	// ReasonTokensRequired: only tokens can pay for this.
	ReasonTokensRequired
	// ReasonNoPrice: it is not sold.
	ReasonNoPrice
	// ReasonCollision: several valid operations in this block want the same name or namespace, or
	// an earlier one got it.
	ReasonCollision
	// ReasonOwnerChange: a renewal cannot change the owner in this epoch.
	ReasonOwnerChange
	// ReasonNotRegistered: the name is not registered.
	ReasonNotRegistered
	// ReasonNotOwner: the sender does not own the name.
	ReasonNotOwner
	// ReasonNoMatch: the hash in the operation is that of no name it could mean.
	ReasonNoMatch
	// ReasonExpired: the name has expired.
	ReasonExpired
	// ReasonGrace: the name is in its grace period and can only be renewed.
	ReasonGrace
	// ReasonStale: the quoted consensus hash is not one of the recent ones.
	ReasonStale
	// ReasonSameOwner: the recipient is the owner already.
	ReasonSameOwner
	// ReasonDuplicate: a preorder with the same hash is outstanding.
	ReasonDuplicate
	// ReasonNoAccount: the sender has no account for the token.
	ReasonNoAccount
	// ReasonBalance: the account holds too few tokens.
	ReasonBalance
	// ReasonTokenUnit: the token type is not supported.
	ReasonTokenUnit
	// ReasonLocked: the account may not send yet.
	ReasonLocked
	// ReasonMayNotReceive: the recipient's account may not receive.
	ReasonMayNotReceive
	// ReasonSelf: an account cannot send to itself.
	ReasonSelf
	// ReasonZero: nothing is sent.
	ReasonZero
	// ReasonFeature: this epoch does not know the operation or this form of it.
	ReasonFeature
	// ReasonNamespaceRevealed: the namespace is revealed already.
	ReasonNamespaceRevealed
	// ReasonNamespaceReady: the namespace is ready already.
	ReasonNamespaceReady
	// ReasonNotRevealed: the namespace is not revealed.
	ReasonNotRevealed
	// ReasonNotRevealer: the sender is not the namespace's revealer.
	ReasonNotRevealer
	// ReasonNoPubKey: the sender's public key is not visible.
	ReasonNoPubKey
	// ReasonImportKey: the sender is none of the namespace's import keys.
	ReasonImportKey
	// ReasonNotAnnouncer: the sender owns no name that may announce.
	ReasonNotAnnouncer
	// ReasonGenesisUnknown: who holds tokens is not known in this registry, so whether the sender
	// could pay is not either.
	ReasonGenesisUnknown
	ReasonEnd
)

// reasonTexts say the reasons in words.
var reasonTexts = [ReasonEnd]string{
	ReasonMalformed:         "malformed operation",
	ReasonBadName:           "not a valid name",
	ReasonRevoked:           "name is revoked",
	ReasonNamespaceNotReady: "namespace is not ready",
	ReasonQuota:             "owner has too many names",
	ReasonScriptHash:        "p2sh owners are not allowed in this epoch",
	ReasonNoPreorder:        "no outstanding preorder for this name, sender and owner",
	ReasonPreorderExpired:   "preorder is too old",
	ReasonRegistered:        "name is already registered",
	ReasonPreorderEarly:     "preordered before the namespace was ready",
	ReasonOtherSender:       "preordered by another sender",
	ReasonUnderpaid:         "less than the price was paid",
	ReasonBurnAddress:       "fee was not sent to the right address",
	ReasonTokensRefused:     "cannot be paid in tokens",
	ReasonTokensRequired:    "can only be paid in tokens",
	ReasonNoPrice:           "not for sale",
	ReasonCollision:         "another operation in this block wants the same",
	ReasonOwnerChange:       "renewal cannot change the owner in this epoch",
	ReasonNotRegistered:     "name is not registered",
	ReasonNotOwner:          "sender does not own the name",
	ReasonNoMatch:           "hash belongs to no name it could mean",
	ReasonExpired:           "name has expired",
	ReasonGrace:             "name is in its grace period and can only be renewed",
	ReasonStale:             "consensus hash is not recent",
	ReasonSameOwner:         "recipient is the owner already",
	ReasonDuplicate:         "a preorder with this hash is outstanding",
	ReasonNoAccount:         "sender has no account for this token",
	ReasonBalance:           "account holds too few tokens",
	ReasonTokenUnit:         "token type is not supported",
	ReasonLocked:            "account may not send yet",
	ReasonMayNotReceive:     "recipient may not receive tokens",
	ReasonSelf:              "account cannot send to itself",
	ReasonZero:              "amount is zero",
	ReasonFeature:           "not known in this epoch",
	ReasonNamespaceRevealed: "namespace is already revealed",
	ReasonNamespaceReady:    "namespace is already ready",
	ReasonNotRevealed:       "namespace is not revealed",
	ReasonNotRevealer:       "sender is not the namespace's revealer",
	ReasonNoPubKey:          "sender's public key is not visible",
	ReasonImportKey:         "sender is not an import key of the namespace",
	ReasonNotAnnouncer:      "sender owns no name that may announce",
	ReasonGenesisUnknown:    "whether the sender holds these tokens is not known",
}

// String says the reason in words.
func (r Reason) String() string {
	if r == ReasonNone || r >= ReasonEnd {
		return fmt.Sprintf("unknown reason (%d)", uint8(r))
	}
	return reasonTexts[r]
}

// Refused is the error for an operation that did not count.
type Refused struct {
	Reason Reason
	Detail string // more words; may be empty
}

// Error gives reason and detail.
func (e *Refused) Error() string {
	if e.Detail == "" {
		return e.Reason.String()
	}
	return e.Reason.String() + ": " + e.Detail
}

// Refuse makes a refusal with a detail, which may be empty.
func Refuse(r Reason, format string, args ...any) *Refused {
	if format == "" {
		return &Refused{Reason: r}
	}
	return &Refused{Reason: r, Detail: fmt.Sprintf(format, args...)}
}
