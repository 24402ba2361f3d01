package registrar

import (
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/txbuilder"
)

// BelowFloor says that a request's fee rate is below what the node takes now.
type BelowFloor struct{ Rate, Floor txbuilder.FeeRate }

// Error names both rates.
func (e *BelowFloor) Error() string {
	return fmt.Sprintf("the node takes no transaction below %s now, and this would pay %s", e.Floor, e.Rate)
}

// Code is refused.
func (e *BelowFloor) Code() string { return "refused" }

// FloorTooHigh says that what the node wants for a transaction is more than what is at
// stake with it, so that its word alone is not enough.
type FloorTooHigh struct {
	Fee, Stake btcutil.Amount
	Floor      txbuilder.FeeRate
}

// Error names what it would cost.
func (e *FloorTooHigh) Error() string {
	return fmt.Sprintf("to be taken by the node (lowest rate %s) the transaction would have to pay a fee of %s, more than the %s that depend on it",
		e.Floor, txbuilder.FormatAmount(e.Fee), txbuilder.FormatAmount(e.Stake))
}

// Code is over_budget.
func (e *FloorTooHigh) Code() string { return "over_budget" }
