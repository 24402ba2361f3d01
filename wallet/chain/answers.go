package chain

import (
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
)

// What is answered about transactions, whoever is asked.

// TxStatus says where a transaction is.
type TxStatus struct {
	Found         bool           // in the best chain or in the memory pool
	InMempool     bool           // waiting for a block
	Height        int32          // of its block; -1 when it is in none
	BlockHash     chainhash.Hash // zero when it is in none
	Confirmations int32          // 1 in the best block; 0 when it is in none
}

// Confirmed reports whether the transaction is in a block of the best chain.
func (s TxStatus) Confirmed() bool { return s.Confirmations > 0 }

// Outcome says how a broadcast succeeded.
type Outcome int

// The outcomes of a broadcast. With the first three the network has the transaction. Offered is the
// best that peers let one know: they were sent it, and nobody objected.
const (
	Accepted Outcome = iota + 1
	AlreadyKnown
	AlreadyConfirmed
	Offered
)

// String names the outcome.
func (o Outcome) String() string {
	switch o {
	case Accepted:
		return "accepted"
	case AlreadyKnown:
		return "already known"
	case AlreadyConfirmed:
		return "already confirmed"
	case Offered:
		return "offered"
	}
	return fmt.Sprintf("outcome %d", int(o))
}

// RelayFees are what a node's memory pool asks for now, in satoshi per 1000 virtual bytes.
type RelayFees struct {
	// Floor is the lowest rate that it takes. It rises when the pool is full.
	Floor btcutil.Amount
	// Increment is what a replacement pays for its own size on top of the fees of all that it
	// evicts (BIP 125 rule 4).
	Increment btcutil.Amount
}
