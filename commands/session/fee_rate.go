package session

import (
	"context"
	"errors"

	"blockstack/commands/fault"
	"blockstack/home/money"
	"blockstack/txbuilder"
	"blockstack/wallet/chain/peers"
)

// sandboxFeeRate is what transactions pay on a sandbox, whose node has no fee market to learn from.
const sandboxFeeRate = 5 // sat/vB

// ChosenRate is the rate that was given, else what is to be paid now (money.ChooseRate), and tells
// how that came.
func ChosenRate(ctx context.Context, e *Session, given string, target int) (txbuilder.FeeRate, error) {
	o := money.RateOrder{Net: e.Config.Net(), Blocks: int32(target)}
	if given != "" {
		rate, err := txbuilder.ParseFeeRate(given)
		if err != nil || e.Config.Offline {
			return rate, err
		}
		o.Given = rate
	}
	if e.Config.Network == "sandbox" {
		o.Usual = txbuilder.SatPerVByte(sandboxFeeRate)
	}
	n, err := e.Bitcoin(ctx)
	if err != nil {
		return 0, err
	}
	who := "the node"
	if _, strangers := n.(*peers.Peers); strangers {
		who = "ordinary peers"
	}
	r, err := money.ChooseRate(ctx, n, o)
	if errors.Is(err, money.ErrNoRate) {
		return 0, fault.Usage("%s cannot estimate a fee rate, and the last blocks have no transactions to learn from", who).Hint("give one: --fee-rate SAT_VB")
	}
	if err != nil {
		return 0, err
	}
	if r.FromBlocks != 0 {
		e.Out.Note("%s cannot estimate a fee rate; %s is what the transactions of the last blocks paid, however soon they had to be mined", who, r.FromBlocks)
	}
	if r.Floor != 0 {
		e.Out.Note("the node's memory pool takes nothing below %s now; %s is paid", r.Floor, r.Rate)
	}
	return r.Rate, nil
}
