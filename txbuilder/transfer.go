package txbuilder

import (
	"bytes"
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/names"
	"blockstack/names/nameop"
)

// TransferRequest asks for a NAME_TRANSFER (protocol 3.6).
//
//	input 0    owner
//	output 0   OP_RETURN
//	output 1   new owner
//	output 2   old owner's change: the value of input 0
//	output 3   payer's change, optional
type TransferRequest struct {
	Funding
	Name      names.Name
	Coin      Input // a coin of the owner
	NewOwner  []byte
	Consensus names.ConsensusHash
	Keep      bool // keep the zone-file hash; else it is erased
}

func (r TransferRequest) outline(at rules) (outline, error) {
	operation := "transfer " + r.Name.String()
	p, err := at.params()
	if err != nil {
		return outline{}, err
	}
	out, err := r.Coin.output()
	if err != nil {
		return outline{}, fmt.Errorf("%s: %w", operation, err)
	}
	if bytes.Equal(out.PkScript, r.NewOwner) {
		return outline{}, fmt.Errorf("%s: %w: the new owner is the owner", operation, ErrBadRequest)
	}
	return outline{operation: operation, named: true, funding: ownerFirst(r.Funding, r.Coin),
		layout: func([]byte) (*Layout, error) {
			return transferLayout(p, r, out.PkScript, btcutil.Amount(out.Value))
		}}, nil
}

func transferLayout(p *names.Params, r TransferRequest, owner []byte, ownerValue btcutil.Amount) (*Layout, error) {
	op := nameop.NameTransfer{Keep: r.Keep, NameHash: nameop.NameHash(r.Name.String()), Consensus: r.Consensus}
	data, err := dataOutput(p.Magic, op, "gives "+r.Name.String()+" to somebody else")
	if err != nil {
		return nil, err
	}
	return &Layout{Operation: "transfer", Op: op, Checked: 2, Change: -1, Outputs: []Output{
		data,
		{Role: RoleOwner, Script: r.NewOwner, Text: "becomes the owner of " + r.Name.String()},
		{Role: RoleOwnerChange, Script: owner, Value: ownerValue, Text: "back to the old owner"},
	}}, nil
}
