package bump

import (
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/txbuilder"
)

// Reason is why a transaction is not bumped.
type Reason string

// The reasons.
const (
	CarriesData Reason = "data"       // a name operation, or other data, that no job of this home knows
	IsVoid      Reason = "void"       // a coin that it spends is gone
	InBlock     Reason = "in_block"   // it is in a block already
	GivesNone   Reason = "gives_none" // it gives the wallet nothing that could pay for it
)

// Refused says that a transaction is not bumped.
type Refused struct {
	Txid   chainhash.Hash
	Why    Reason
	Height int32 // with InBlock
}

// Error names the transaction and the reason.
func (e *Refused) Error() string {
	switch e.Why {
	case CarriesData:
		return fmt.Sprintf("%s carries a name operation or other data, and no job of this home knows it; it is not bumped", e.Txid)
	case IsVoid:
		return fmt.Sprintf("%s is void: money that it spends was taken from the chain again, so no fee gets it mined; it counts for nothing until that money comes back", e.Txid)
	case InBlock:
		return fmt.Sprintf("%s is in block %d already; nothing to bump", e.Txid, e.Height)
	}
	return fmt.Sprintf("%s gives you nothing that could pay for it", e.Txid)
}

// OfJob says that a transaction is that of a job, which alone may raise its fee.
type OfJob struct {
	Txid chainhash.Hash
	Job  Job
}

// Error names the job.
func (e *OfJob) Error() string {
	return fmt.Sprintf("%s is a transaction of job %s for %s, which alone may raise its fee: another transaction in its place could lose the name", e.Txid, e.Job.ID, e.Job.Subject)
}

// RateTooLow says that a transaction pays as much already as the rate that was given.
type RateTooLow struct{ Now txbuilder.FeeRate }

// Error names the rate.
func (e *RateTooLow) Error() string { return fmt.Sprintf("it pays %s already", e.Now) }
