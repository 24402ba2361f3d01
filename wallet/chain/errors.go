package chain

import (
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
)

var (
	// ErrUnreachable is wrapped by every error that means that the node could not be reached or
	// went away in the middle of a call.
	ErrUnreachable = errors.New("node unreachable")
	// ErrUnauthorized means that the node refused our user name and password.
	ErrUnauthorized = errors.New("node refused the user name or password")
	// ErrPlaintext means that a password would travel unencrypted to another machine.
	ErrPlaintext = errors.New("not this machine and no TLS certificate given")
	// ErrNotReady means that the node is still starting.
	ErrNotReady = errors.New("node is still starting")
	// ErrBadAnswer means that the node's answer was not what was asked for.
	ErrBadAnswer = errors.New("bad answer from the node")
	// ErrTxNotFound means that there is no such transaction, in the node's chain or its memory
	// pool.
	ErrTxNotFound = errors.New("no such transaction")
	// ErrCannotTell is wrapped by every error that means that a node does not have something and
	// may not know of it: see CannotTell.
	ErrCannotTell = errors.New("the node cannot tell")
	// ErrNoTxIndex means that the question needs the node's transaction index, and that it has none
	// or is still building it.
	ErrNoTxIndex = errors.New("the node has no transaction index")
	// ErrBlockNotFound means that the node has no such block, or no block at that height.
	ErrBlockNotFound = errors.New("no such block")
	// ErrPruned means that the node has deleted a block that it once had.
	ErrPruned = errors.New("the node has deleted this block (it is pruned)")
	// ErrBusy means that another process uses the store of headers.
	ErrBusy = errors.New("in use by another process")
	// ErrNoOutput means that a transaction exists but has no output of that number.
	ErrNoOutput = errors.New("transaction has no such output")
)

// WrongNetwork means that the node follows another chain than ours.
type WrongNetwork struct {
	Want      string         // our network's name
	WantBlock chainhash.Hash // its first block
	GotBlock  chainhash.Hash // the node's first block
}

// Error names both chains.
func (e *WrongNetwork) Error() string {
	return fmt.Sprintf("node is not on %s: its first block is %s, not %s", e.Want, e.GotBlock, e.WantBlock)
}

// RefusalCode is the class of reason for which a node refuses a transaction.
type RefusalCode string

// The classes of refusal.
const (
	// InsufficientFee: below what the node relays or its full pool still takes, or below what a
	// replacement must pay. The same intention at a higher fee is taken.
	InsufficientFee RefusalCode = "insufficient_fee"
	// FeeTooHigh: above the node's guard against mistyped fees.
	FeeTooHigh RefusalCode = "fee_too_high"
	// MissingInputs: an input does not exist or is already spent.
	MissingInputs RefusalCode = "missing_or_spent_inputs"
	// Conflict: an unconfirmed transaction spends the same coin and may not be replaced.
	Conflict RefusalCode = "conflict"
	// Dust: an output is too small to be relayed.
	Dust RefusalCode = "dust"
	// NonStandard: valid, but of a form that nodes do not relay.
	NonStandard RefusalCode = "non_standard"
	// NonFinal: its lock time is not reached, or it spends a coinbase too early.
	NonFinal RefusalCode = "non_final"
	// Invalid: no block may ever contain it (a bad signature, spends more than it has).
	Invalid RefusalCode = "invalid"
	// NoRoom: too many unconfirmed transactions would hang together. A block helps.
	NoRoom RefusalCode = "no_room"
	// OtherRefusal: none of the above; only the node's own words say why.
	OtherRefusal RefusalCode = "other"
)

// Refused means that the node does not accept a transaction.
type Refused struct {
	Txid   chainhash.Hash
	Code   RefusalCode
	Reason string // the node's words, cut to a sensible length
	// ByPeers: strangers say so, and may have passed it on all the same.
	ByPeers bool
}

// Error gives the class and the node's words.
func (e *Refused) Error() string {
	return fmt.Sprintf("transaction %s refused (%s): %s", e.Txid, e.Code, e.Reason)
}
