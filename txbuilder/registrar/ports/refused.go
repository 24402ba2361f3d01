package ports

import (
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
)

// Refused says that the node refused a transaction that is on record.
type Refused struct {
	Txid   chainhash.Hash
	Class  RefusalClass
	Reason string
}

// RefusalClass is what a refusal means for the job.
type RefusalClass string

// Error gives the node's reason.
func (e *Refused) Error() string {
	return fmt.Sprintf("transaction %s was refused: %s", e.Txid, e.Reason)
}

// Code is refused.
func (e *Refused) Code() string { return "refused" }

// The classes.
const (
	RefusedOther RefusalClass = ""      // none of these: only the node's words say why
	RefusedFee   RefusalClass = "fee"   // it pays too little; the same at a higher fee is taken
	RefusedRow   RefusalClass = "row"   // too many unconfirmed ones would hang together; a block helps
	RefusedCoins RefusalClass = "coins" // a coin of its is not there, or taken by what cannot be replaced
)
