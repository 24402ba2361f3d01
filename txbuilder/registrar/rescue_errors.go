package registrar

import (
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/txbuilder/registrar/job"
)

// PreorderOurs says that the wallet has preordered the same thing already, and that
// this can still be used: paying again would be for nothing.
type PreorderOurs struct {
	What      string
	Namespace bool // What is a namespace
	Txid      chainhash.Hash
	Height    int32 // 0: it is in no block yet
	Until     int32 // last block in which it can be used, 0: no limit
	Owner     []byte
	Address   string // of the owner
	// For says in words who the owner is, where the caller knows; empty: the address
	// does.
	For string
	// Job follows it, or did; empty: none. Unsigned says that it knows nothing of it, and
	// stands in the way.
	Job      job.ID
	Unsigned bool
}

// Error says what is there.
func (e *PreorderOurs) Error() string {
	owner := e.Address
	if e.For != "" {
		owner = e.For
	}
	s := fmt.Sprintf("this wallet has preordered %s already, for %s, with transaction %s", e.What, owner, e.Txid)
	if e.Height == 0 {
		return s + ", which is in no block yet; it can be registered without paying again"
	}
	s += fmt.Sprintf(" in block %d; it can be registered without paying again", e.Height)
	if e.Until > 0 {
		s += fmt.Sprintf(" up to block %d", e.Until)
	}
	return s
}

// Code is preorder_outstanding.
func (e *PreorderOurs) Code() string { return "preorder_outstanding" }

// NoSenderCoin says that the script that sent a preorder has no coin any more, which
// the next transaction has to come from.
type NoSenderCoin struct{ Sender, What string }

// Error says what is missing.
func (e *NoSenderCoin) Error() string {
	return fmt.Sprintf("the change of the preorder of %s was spent, and %s, which must send what follows, has no other confirmed coin", e.What, e.Sender)
}

// Code is insufficient_funds.
func (e *NoSenderCoin) Code() string { return "insufficient_funds" }
