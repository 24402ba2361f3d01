package txbuilder

import (
	"fmt"
	"math/big"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/names"
	"blockstack/names/nameop"
)

// TokenTransferRequest asks for a TOKEN_TRANSFER (protocol 3.13).
//
//	input 0    the sending account
//	output 0   OP_RETURN
//	output 1   recipient
//	output 2   the sender's coin back, when another payer pays
//	output 2/3 change, optional
type TokenTransferRequest struct {
	Funding
	// Coin is a coin of the sending account when others pay the fee; nil takes input 0 from Funding
	// and gives no separate change to the sender.
	Coin      *Input
	Recipient []byte
	Consensus names.ConsensusHash // all zero from epoch 5 on
	Amount    uint64              // microSTACKS
	Memo      string              // at most 34 bytes, public
}

func (r TokenTransferRequest) outline(at rules) (outline, error) {
	const operation = "token transfer"
	e, err := at.epoch()
	if err != nil {
		return outline{}, err
	}
	switch {
	case !e.Features.Has(names.FeatureTokenTransfer):
		return outline{}, fmt.Errorf("%s: %w: there are no token transfers at this height", operation, ErrBadRequest)
	case r.Amount == 0:
		return outline{}, fmt.Errorf("%s: %w: nothing is transferred", operation, ErrBadRequest)
	case r.Consensus == (names.ConsensusHash{}) && !e.Features.Has(names.FeatureOptionalConsensus):
		return outline{}, fmt.Errorf("%s: %w: needs a consensus hash at this height", operation, ErrBadRequest)
	case r.Coin == nil && len(r.Inputs) == 0 && r.First == nil:
		return outline{}, fmt.Errorf("%s: %w: input 0 must come from the sending account", operation, ErrBadRequest)
	}
	d := outline{operation: operation, named: true, funding: r.Funding, tokens: new(big.Int).SetUint64(r.Amount)}
	var value btcutil.Amount
	if r.Coin != nil {
		out, err := r.Coin.output()
		if err != nil {
			return outline{}, fmt.Errorf("%s: %w", operation, err)
		}
		value = btcutil.Amount(out.Value)
		d.funding = ownerFirst(r.Funding, *r.Coin)
	}
	d.layout = func(sender []byte) (*Layout, error) { return tokenTransferLayout(at.p, r, sender, value) }
	return d, nil
}

// tokenTransferLayout gives the sender its coin back when value is not zero.
func tokenTransferLayout(p *names.Params, r TokenTransferRequest, sender []byte, value btcutil.Amount) (*Layout, error) {
	op := nameop.TokenTransfer{Consensus: r.Consensus, TokenType: string(names.MicroStacks), Amount: r.Amount, Scratch: r.Memo}
	data, err := dataOutput(p.Magic, op, fmt.Sprintf("moves %d microSTACKS", r.Amount))
	if err != nil {
		return nil, err
	}
	l := &Layout{Operation: "token transfer", Op: op, Checked: 2, Change: -1, Outputs: []Output{
		data,
		{Role: RoleRecipient, Script: r.Recipient, Text: "receives the tokens"},
	}}
	if value > 0 {
		l.Outputs = append(l.Outputs, Output{Role: RoleOwnerChange, Script: sender, Value: value, Text: "back to the sender"})
	}
	return l, nil
}
