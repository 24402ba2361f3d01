package txbuilder

import (
	"context"
	"fmt"
)

// ReturnRequest asks for a transaction that spends inputs back to the script of
// input 0 and does nothing else. It replaces an operation that must not happen:
// it spends the same outpoint, so only one of the two can ever confirm.
type ReturnRequest struct {
	Funding
}

// Return plans to give the inputs back.
//
//	input 0    the input of what is replaced
//	output 0   the script of input 0
func (b *Builder) Return(ctx context.Context, r ReturnRequest) (*Plan, error) {
	if len(r.Inputs) == 0 {
		return nil, fmt.Errorf("return: %w: nothing to give back", ErrBadRequest)
	}
	r.Closed = true
	return b.build(ctx, draft{operation: "return", named: true, funding: r.Funding,
		layout: func(sender []byte) (*Layout, error) {
			return &Layout{Operation: "return", Checked: 1, Change: 0, Outputs: []Output{
				{Role: RoleReturn, Script: sender, Text: "back to where it came from"},
			}}, nil
		}})
}
