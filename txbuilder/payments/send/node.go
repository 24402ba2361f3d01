package send

import (
	"context"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// Node takes transactions: a node of one's own, or ordinary peers.
type Node interface {
	// Broadcast offers a transaction. One that is not taken is a *Refused; any other error means
	// that its fate is unknown.
	Broadcast(ctx context.Context, tx *wire.MsgTx) (Outcome, error)
}

// Outcome says how a broadcast succeeded.
type Outcome int

// The outcomes of a broadcast. Offered is the best that peers let one know: they were sent it, and
// nobody objected.
const (
	Accepted Outcome = iota + 1
	Known            // it was there before, or is in a block
	Offered
)

// Sent is a transaction that was taken.
type Sent struct {
	Txid chainhash.Hash
	// Known says that the node had it before.
	Known bool
	// Offered says that peers were sent it, who do not say whether they accept it.
	Offered bool
}
