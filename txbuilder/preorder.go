package txbuilder

import (
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/names"
	"blockstack/names/nameop"
)

// PreorderRequest asks for a NAME_PREORDER (protocol 3.2, 17.1).
//
//	input 0    payer; the registration must come from the same script
//	output 0   OP_RETURN
//	output 1   change, back to the script of input 0
//	output 2   burn: the price in BTC, or the least that is relayed beside tokens
//
// There are exactly three outputs, so the change is not optional.
type PreorderRequest struct {
	Funding
	Name      names.Name
	Owner     []byte // script that will own the name
	Consensus names.ConsensusHash
	Price     Price
	Payee     []byte // script that is paid or burnt to
	// Then is the registration that the change has to pay for; its Rate is the highest one that is
	// planned. Nil: nothing.
	Then *RegisterRequest
}

func (r PreorderRequest) outline(at rules) (outline, error) {
	operation := "preorder " + r.Name.String()
	e, err := at.epoch()
	if err != nil {
		return outline{}, err
	}
	tokens, err := tokensOf(r.Price)
	if err != nil {
		return outline{}, fmt.Errorf("%s: %w", operation, err)
	}
	if tokens != nil && !e.Features.Has(names.FeatureNamesCostTokens) {
		return outline{}, fmt.Errorf("%s: %w: names cannot be paid in STACKS at this height", operation, ErrBadRequest)
	}
	d := outline{operation: operation, named: true, funding: r.Funding, tokens: tokens,
		layout: func(sender []byte) (*Layout, error) { return preorderLayout(at.p, r, sender) }}
	if r.Then != nil {
		d.keep = func(sender []byte) (btcutil.Amount, error) { return needs(registerOutline(at.p, *r.Then), sender) }
	}
	return d, nil
}

// PreorderHash is the hash that a preorder from a sender commits to.
func PreorderHash(p *names.Params, name names.Name, sender, owner []byte) (names.PreorderHash, error) {
	addr, err := p.ScriptAddress(owner)
	if err != nil {
		return names.PreorderHash{}, err
	}
	return nameop.HashPreorder(name.String(), sender, addr)
}

func preorderLayout(p *names.Params, r PreorderRequest, sender []byte) (*Layout, error) {
	if err := checkNamed("owner", r.Owner); err != nil {
		return nil, err
	}
	hash, err := PreorderHash(p, r.Name, sender, r.Owner)
	if err != nil {
		return nil, err
	}
	op := nameop.NamePreorder{Hash: hash, Consensus: r.Consensus}
	text := "price of " + r.Name.String()
	if r.Price.Unit == names.MicroStacks {
		op.HasTokens, op.TokenUnit = true, string(names.MicroStacks)
		if op.Tokens, err = r.Price.Tokens(); err != nil {
			return nil, err
		}
		text = fmt.Sprintf("beside the %d microSTACKS for %s, the least that is relayed", op.Tokens, r.Name)
	}
	data, err := dataOutput(p.Magic, op, "commits to "+r.Name.String()+" without showing it")
	if err != nil {
		return nil, err
	}
	burn, err := burnOutput(r.Price, r.Payee, text)
	if err != nil {
		return nil, err
	}
	return &Layout{Operation: "preorder", Op: op, Checked: 3, Change: 1, Outputs: []Output{
		data,
		{Role: RoleChange, Script: sender, Text: "change; pays for the registration, which must come from the same address"},
		burn,
	}}, nil
}
