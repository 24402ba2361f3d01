package txbuilder

import (
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/names"
	"blockstack/names/nameop"
)

// RenewRequest asks for a NAME_RENEWAL (protocol 3.4, 17.4).
//
//	input 0    current owner
//	output 0   OP_RETURN
//	output 1   owner after the renewal
//	output 2   current owner's change: the value of input 0
//	output 3   burn: the price
//	output 4   payer's change, optional
//
// From epoch 4 on the payload is the bare name, or name, hash and token field; a hash of twenty
// zero bytes would be stored as such, so the current hash is repeated when it is to stay.
type RenewRequest struct {
	Funding
	Name        names.Name
	Coin        Input  // a coin of the current owner
	NewOwner    []byte // nil: the current owner
	ZoneFile    names.ZoneFileHash
	HasZoneFile bool
	Price       Price
	Payee       []byte
}

func (r RenewRequest) outline(at rules) (outline, error) {
	operation := "renew " + r.Name.String()
	e, err := at.epoch()
	if err != nil {
		return outline{}, err
	}
	out, err := r.Coin.output()
	if err != nil {
		return outline{}, fmt.Errorf("%s: %w", operation, err)
	}
	if r.NewOwner == nil {
		r.NewOwner = out.PkScript
	}
	op, err := renewOp(e, r)
	if err != nil {
		return outline{}, fmt.Errorf("%s: %w", operation, err)
	}
	tokens, err := tokensOf(r.Price)
	if err != nil {
		return outline{}, fmt.Errorf("%s: %w", operation, err)
	}
	f := ownerFirst(r.Funding, r.Coin)
	return outline{operation: operation, named: true, funding: f, tokens: tokens,
		layout: func([]byte) (*Layout, error) {
			return renewLayout(at.p, op, r, out.PkScript, btcutil.Amount(out.Value))
		}}, nil
}

// renewOp is the payload by the rules of an epoch.
func renewOp(e *names.Epoch, r RenewRequest) (nameop.NameRenewal, error) {
	op := nameop.NameRenewal{Name: r.Name.String(), ZoneFile: r.ZoneFile, HasZoneFile: r.HasZoneFile}
	paysTokens := r.Price.Unit == names.MicroStacks
	switch hasField := e.Features.Has(names.FeatureNamesCostTokens); {
	case r.HasZoneFile && !e.Features.Has(names.FeatureRenewTransferUpdate):
		return op, fmt.Errorf("%w: a renewal carries no zone-file hash at this height", ErrBadRequest)
	case paysTokens && !hasField:
		return op, fmt.Errorf("%w: names cannot be paid in STACKS at this height", ErrBadRequest)
	case paysTokens && !r.HasZoneFile:
		return op, fmt.Errorf("%w: a renewal paid in STACKS writes a zone-file hash; give the current one", ErrBadRequest)
	case r.HasZoneFile && hasField:
		op.HasTokens = true
	}
	var err error
	if paysTokens {
		op.Tokens, err = r.Price.Tokens()
	}
	return op, err
}

func renewLayout(p *names.Params, op nameop.NameRenewal, r RenewRequest, owner []byte, ownerValue btcutil.Amount) (*Layout, error) {
	data, err := dataOutput(p.Magic, op, "renews "+r.Name.String())
	if err != nil {
		return nil, err
	}
	burn, err := burnOutput(r.Price, r.Payee, "price of another term of "+r.Name.String())
	if err != nil {
		return nil, err
	}
	return &Layout{Operation: "renew", Op: op, Checked: 2, Change: -1, Outputs: []Output{
		data,
		{Role: RoleOwner, Script: r.NewOwner, Text: "owns " + r.Name.String() + " from now on"},
		{Role: RoleOwnerChange, Script: owner, Value: ownerValue, Text: "back to the owner"},
		burn,
	}}, nil
}
