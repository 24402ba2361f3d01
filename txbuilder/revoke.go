package txbuilder

import (
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/names"
	"blockstack/names/nameop"
)

// RevokeRequest asks for a NAME_REVOKE (protocol 3.7).
//
//	input 0    owner
//	output 0   OP_RETURN
//	output 1   owner's change: the value of input 0
//	output 2   payer's change, optional
type RevokeRequest struct {
	Funding
	Name names.Name
	Coin Input // a coin of the owner
}

func (r RevokeRequest) outline(at rules) (outline, error) {
	operation := "revoke " + r.Name.String()
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
			return revokeLayout(p, r, out.PkScript, btcutil.Amount(out.Value))
		}}, nil
}

func revokeLayout(p *names.Params, r RevokeRequest, owner []byte, ownerValue btcutil.Amount) (*Layout, error) {
	op := nameop.NameRevoke{Name: r.Name.String()}
	data, err := dataOutput(p.Magic, op, "makes "+r.Name.String()+" unusable until it expires")
	if err != nil {
		return nil, err
	}
	return ownerLayout("revoke", op, data, owner, ownerValue), nil
}
