package txbuilder

import (
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"
)

// ReturnRequest asks for a transaction that spends inputs back to the script of input 0 and does
// nothing else. It replaces an operation that must not happen: it spends the same outpoint, so only
// one of the two can ever confirm.
//
//	input 0    the input of what is replaced
//	output 0   the script of input 0
//	output 1   payer's change, optional; only when apart
type ReturnRequest struct {
	Funding
	// Apart returns input 0 alone to its script, and what else there is as change: for an owner's
	// operation, whose other inputs are the payer's.
	Apart bool
}

func (r ReturnRequest) outline(at rules) (outline, error) {
	if len(r.Inputs) == 0 {
		return outline{}, fmt.Errorf("return: %w: nothing to give back", ErrBadRequest)
	}
	r.Closed = r.Closed || !r.Apart
	value, change := btcutil.Amount(0), 0
	if r.Apart {
		out, err := r.Inputs[0].output()
		if err != nil {
			return outline{}, fmt.Errorf("return: %w", err)
		}
		value, change = btcutil.Amount(out.Value), -1
	}
	return outline{operation: "return", named: true, funding: r.Funding,
		layout: func(sender []byte) (*Layout, error) {
			return &Layout{Operation: "return", Checked: 1, Change: change, Outputs: []Output{
				{Role: RoleReturn, Script: sender, Value: value, Text: "back to where it came from"},
			}}, nil
		}}, nil
}
