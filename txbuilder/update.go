package txbuilder

import (
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/names"
	"blockstack/names/nameop"
)

// UpdateRequest asks for a NAME_UPDATE (protocol 3.5).
//
//	input 0    owner
//	output 0   OP_RETURN
//	output 1   owner's change: the value of input 0
//	output 2   payer's change, optional
type UpdateRequest struct {
	Funding
	Name      names.Name
	Coin      Input // a coin of the owner
	Consensus names.ConsensusHash
	ZoneFile  names.ZoneFileHash
}

func (r UpdateRequest) outline(at rules) (outline, error) {
	operation := "update " + r.Name.String()
	p, err := at.params()
	if err != nil {
		return outline{}, err
	}
	out, err := r.Coin.output()
	if err != nil {
		return outline{}, fmt.Errorf("%s: %w", operation, err)
	}
	return outline{operation: operation, named: true, funding: ownerFirst(r.Funding, r.Coin),
		layout: func([]byte) (*Layout, error) {
			return updateLayout(p, r, out.PkScript, btcutil.Amount(out.Value))
		}}, nil
}

func updateLayout(p *names.Params, r UpdateRequest, owner []byte, ownerValue btcutil.Amount) (*Layout, error) {
	op := nameop.NameUpdate{NameConsensus: nameop.UpdateHash(r.Name.String(), r.Consensus), ZoneFile: r.ZoneFile}
	data, err := dataOutput(p.Magic, op, "gives "+r.Name.String()+" zone file "+r.ZoneFile.String())
	if err != nil {
		return nil, err
	}
	return ownerLayout("update", op, data, owner, ownerValue), nil
}
