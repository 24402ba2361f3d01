package txbuilder

import (
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/names"
	"blockstack/names/nameop"
)

// NamespacePreorderRequest asks for a NAMESPACE_PREORDER (protocol 3.9).
//
//	input 0    payer; the reveal must come from the same script
//	output 0   OP_RETURN
//	output 1   change, back to the script of input 0
//	output 2   burn: the price in BTC, or the least that is relayed beside tokens
type NamespacePreorderRequest struct {
	Funding
	ID        names.NamespaceID
	Revealer  []byte // script that the reveal will name: who imports and makes ready
	Consensus names.ConsensusHash
	Price     Price
	Burn      []byte
	// Then is the reveal that the change has to pay for; its Rate and ReadyRate are the highest
	// that are planned. Nil: nothing.
	Then *RevealRequest
}

func (r NamespacePreorderRequest) outline(at rules) (outline, error) {
	operation := "preorder namespace " + r.ID.String()
	e, err := at.epoch()
	if err != nil {
		return outline{}, err
	}
	tokens, err := tokensOf(r.Price)
	if err != nil {
		return outline{}, fmt.Errorf("%s: %w", operation, err)
	}
	field := e.Features.Has(names.FeatureStacksBuyNamespaces)
	if tokens != nil && !field {
		return outline{}, fmt.Errorf("%s: %w: namespaces cannot be bought with STACKS at this height", operation, ErrBadRequest)
	}
	d := outline{operation: operation, named: true, funding: r.Funding, tokens: tokens,
		layout: func(sender []byte) (*Layout, error) {
			return namespacePreorderLayout(at.p, r, field, sender)
		}}
	if r.Then != nil {
		d.keep = func(sender []byte) (btcutil.Amount, error) {
			reveal, err := revealOutline(at, *r.Then)
			if err != nil {
				return 0, err
			}
			return needs(reveal, sender)
		}
	}
	return d, nil
}

// NamespacePreorderHash is the hash that a namespace preorder commits to.
func NamespacePreorderHash(p *names.Params, id names.NamespaceID, sender, revealer []byte) (names.PreorderHash, error) {
	addr, err := p.ScriptAddress(revealer)
	if err != nil {
		return names.PreorderHash{}, err
	}
	return nameop.HashPreorder(id.String(), sender, addr)
}

func namespacePreorderLayout(p *names.Params, r NamespacePreorderRequest, tokenField bool, sender []byte) (*Layout, error) {
	hash, err := NamespacePreorderHash(p, r.ID, sender, r.Revealer)
	if err != nil {
		return nil, err
	}
	op := nameop.NamespacePreorder{Hash: hash, Consensus: r.Consensus, HasTokens: tokenField}
	text := "price of namespace " + r.ID.String()
	if r.Price.Unit == names.MicroStacks {
		if op.Tokens, err = r.Price.Tokens(); err != nil {
			return nil, err
		}
		text = fmt.Sprintf("beside the %d microSTACKS for namespace %s, the least that is relayed", op.Tokens, r.ID)
	}
	data, err := dataOutput(p.Magic, op, "commits to namespace "+r.ID.String()+" without showing it")
	if err != nil {
		return nil, err
	}
	burn, err := burnOutput(r.Price, r.Burn, text)
	if err != nil {
		return nil, err
	}
	return &Layout{Operation: "namespace preorder", Op: op, Checked: 3, Change: 1, Outputs: []Output{
		data,
		{Role: RoleChange, Script: sender, Text: "change; pays for the reveal, which must come from the same address"},
		burn,
	}}, nil
}

// RevealRequest asks for a NAMESPACE_REVEAL (protocol 3.10).
//
//	input 0    the namespace preorder's sender
//	output 0   OP_RETURN
//	output 1   revealer: who imports and makes ready; holds what READY costs
//	output 2   change, back to the script of input 0
//
// There are exactly three outputs.
type RevealRequest struct {
	Funding
	Op       nameop.NamespaceReveal
	Revealer []byte
	// ReadyRate is the highest rate that NAMESPACE_READY is planned with.
	ReadyRate FeeRate
	// Extra is what the revealer's output holds beyond that, for imports.
	Extra btcutil.Amount
}

func (r RevealRequest) outline(at rules) (outline, error) {
	if len(r.Inputs) == 0 && r.First == nil {
		return outline{}, fmt.Errorf("reveal %s: %w: input 0 must come from the namespace preorder's sender", r.Op.ID, ErrBadRequest)
	}
	d, err := revealOutline(at, r)
	if err != nil {
		return outline{}, fmt.Errorf("reveal %s: %w", r.Op.ID, err)
	}
	return d, nil
}

// revealOutline works out what the revealer's output holds: what READY costs.
func revealOutline(at rules, r RevealRequest) (outline, error) {
	p, err := at.params()
	if err != nil {
		return outline{}, err
	}
	if KindOf(r.Revealer) != KindP2PKH {
		return outline{}, &ForbiddenScript{Where: "revealer", Kind: KindOf(r.Revealer), Script: r.Revealer,
			Reason: "imports need a revealer whose public key shows, so it must be P2PKH"}
	}
	id, err := names.ParseNamespaceID(r.Op.ID)
	if err != nil {
		return outline{}, err
	}
	rate := max(r.ReadyRate, r.Rate)
	ready := readyOutline(p, ReadyRequest{ID: id, Funding: Funding{Rate: rate}})
	value, err := needs(ready, r.Revealer)
	if err != nil {
		return outline{}, err
	}
	value = max(value+r.Extra, DustLimit(r.Revealer))
	return outline{operation: "reveal namespace " + r.Op.ID, named: true, funding: r.Funding,
		layout: func(sender []byte) (*Layout, error) { return revealLayout(p, r, value, sender) }}, nil
}

func revealLayout(p *names.Params, r RevealRequest, value btcutil.Amount, sender []byte) (*Layout, error) {
	data, err := dataOutput(p.Magic, r.Op, "publishes the rules of namespace "+r.Op.ID)
	if err != nil {
		return nil, err
	}
	return &Layout{Operation: "namespace reveal", Op: r.Op, Checked: 2, Change: 2, Outputs: []Output{
		data,
		{Role: RoleRevealer, Script: r.Revealer, Value: value, Text: "names who imports and opens the namespace, and pays for opening it"},
		{Role: RoleChange, Script: sender, Text: "change"},
	}}, nil
}

// ReadyRequest asks for a NAMESPACE_READY (protocol 3.11).
//
//	input 0    the revealer
//	output 0   OP_RETURN
//	output 1   change, optional
type ReadyRequest struct {
	Funding
	ID names.NamespaceID
}

func (r ReadyRequest) outline(at rules) (outline, error) {
	p, err := at.params()
	if err != nil {
		return outline{}, err
	}
	if len(r.Inputs) == 0 && r.First == nil {
		return outline{}, fmt.Errorf("ready %s: %w: input 0 must come from the revealer", r.ID, ErrBadRequest)
	}
	return readyOutline(p, r), nil
}

func readyOutline(p *names.Params, r ReadyRequest) outline {
	return outline{operation: "open namespace " + r.ID.String(), named: true, funding: r.Funding,
		layout: func([]byte) (*Layout, error) { return readyLayout(p, r) }}
}

func readyLayout(p *names.Params, r ReadyRequest) (*Layout, error) {
	op := nameop.NamespaceReady{ID: r.ID.String()}
	data, err := dataOutput(p.Magic, op, "opens namespace "+r.ID.String()+" for registrations")
	if err != nil {
		return nil, err
	}
	return &Layout{Operation: "namespace ready", Op: op, Change: -1, Outputs: []Output{data}}, nil
}
