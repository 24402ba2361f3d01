package send

import (
	"context"
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
)

// Refused says that a node does not take a transaction. Err has the node's words.
type Refused struct {
	Txid    chainhash.Hash
	ByPeers bool // strangers say so, and may have passed it on all the same
	Err     error
}

// Error is what the node says.
func (e *Refused) Error() string { return e.Err.Error() }

// Unwrap returns what the node says.
func (e *Refused) Unwrap() error { return e.Err }

// RefusedByPeers says that strangers refuse a transaction. It stays recorded, because they may have
// passed it on all the same, and another one in its place could pay a second time.
type RefusedByPeers struct{ Refused *Refused }

// Error is what the peers say.
func (e *RefusedByPeers) Error() string { return e.Refused.Error() }

// Unwrap returns the refusal.
func (e *RefusedByPeers) Unwrap() error { return e.Refused }

// UnknownFate says that a transaction is recorded, and may or may not have reached the node.
type UnknownFate struct {
	Txid        chainhash.Hash
	Interrupted bool // whoever asked has left
	Err         error
}

// Error names the transaction and what went wrong.
func (e *UnknownFate) Error() string {
	return fmt.Sprintf("whether the node has %s is unknown: %v", e.Txid, e.Err)
}

// Unwrap returns what went wrong.
func (e *UnknownFate) Unwrap() error { return e.Err }

// unknownFate says so of a transaction.
func unknownFate(ctx context.Context, txid chainhash.Hash, err error) *UnknownFate {
	return &UnknownFate{Txid: txid, Interrupted: errors.Is(ctx.Err(), context.Canceled), Err: err}
}
