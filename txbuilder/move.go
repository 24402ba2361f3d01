package txbuilder

import (
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"
)

// MoveRequest asks for a transaction that gathers coins of any kind at one script of the wallet
// that the name system reads, since a native segwit coin anywhere among the inputs of a name
// operation makes it invisible (protocol 2.2).
//
//	output 0   To
type MoveRequest struct {
	Funding
	To   []byte         // P2PKH or P2SH
	Keep btcutil.Amount // what must arrive there at least
}

func (r MoveRequest) outline(at rules) (outline, error) {
	if err := checkNamed("moved coin", r.To); err != nil {
		return outline{}, fmt.Errorf("move: %w", err)
	}
	return outline{operation: "move coins", anyInput: true, funding: r.Funding,
		keep: func([]byte) (btcutil.Amount, error) { return r.Keep, nil },
		layout: func([]byte) (*Layout, error) {
			return &Layout{Operation: "move", Checked: 1, Change: 0, Outputs: []Output{
				{Role: RoleMoved, Script: r.To, Text: "your own address, whose coins name operations can spend"},
			}}, nil
		}}, nil
}
