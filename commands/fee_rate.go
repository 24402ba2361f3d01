package commands

import (
	"context"

	"blockstack/commands/fault"
	"blockstack/home"
	"blockstack/home/money"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet/chain"
	"blockstack/wallet/chain/peers"
)

// sandboxFeeRate is what transactions pay on a sandbox, whose node has no fee market to learn from.
const sandboxFeeRate = 5 // sat/vB

// feeRate is the rate that was given, else what the node estimates, and in both cases one that its memory pool takes: a rate that
// was given is refused below that, another one is raised. An unknown rate is not guessed where money is real.
func (e *Env) feeRate(ctx context.Context, given string, target int) (rate txbuilder.FeeRate, err error) {
	if given != "" {
		if rate, err = txbuilder.ParseFeeRate(given); err != nil || e.Config.Offline {
			return rate, err
		}
	}
	n, err := e.Bitcoin(ctx)
	if err != nil {
		return 0, err
	}
	if given == "" {
		if rate, err = e.usualRate(ctx, n, target); err != nil {
			return 0, err
		}
	}
	fees, err := money.RelayFees(ctx, n)
	switch {
	case err != nil:
		return 0, err
	case rate >= fees.Floor:
		return rate, nil
	case given != "":
		return 0, &registrar.BelowFloor{Rate: rate, Floor: fees.Floor}
	}
	e.Out.Note("the node's memory pool takes nothing below %s now; %s is paid", fees.Floor, fees.Least())
	return fees.Least(), nil
}

// usualRate is the rate where none was given.
func (e *Env) usualRate(ctx context.Context, n home.Bitcoin, target int) (txbuilder.FeeRate, error) {
	if e.Config.Network == "sandbox" {
		return txbuilder.SatPerVByte(sandboxFeeRate), nil
	}
	who := "the node"
	if _, strangers := n.(*peers.Peers); strangers {
		who = "ordinary peers"
	}
	rate, known, err := n.EstimateFeeRate(ctx, int32(target))
	if err != nil {
		return 0, err
	}
	if !known {
		if rate, known, err = chain.RecentFeeRate(ctx, n, e.Config.Net()); err != nil {
			return 0, err
		}
		if known {
			e.Out.Note("%s cannot estimate a fee rate; %s is what the transactions of the last blocks paid, however soon they had to be mined", who, txbuilder.FeeRate(rate))
		}
	}
	if !known {
		return 0, fault.Usage("%s cannot estimate a fee rate, and the last blocks have no transactions to learn from", who).Hint("give one: --fee-rate SAT_VB")
	}
	return max(txbuilder.FeeRate(rate), txbuilder.RelayRate), nil
}
