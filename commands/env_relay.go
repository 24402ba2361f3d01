package commands

import (
	"context"
	"errors"
	"strings"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/commands/fault"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet/chain"
)

// jobRefusal is a node's refusal in the words of jobs; other errors stay what they are.
func jobRefusal(err error) error {
	var no *chain.Refused
	if !errors.As(err, &no) {
		return err
	}
	class := registrar.RefusedOther
	switch no.Code {
	case chain.InsufficientFee:
		class = registrar.RefusedFee
	case chain.NoRoom:
		class = registrar.RefusedRow
	case chain.MissingInputs, chain.Conflict:
		class = registrar.RefusedCoins
	}
	return &registrar.Refused{Txid: no.Txid, Class: class, Reason: no.Reason}
}

// RelayFees is what the node's memory pool wants.
func (c jobChain) RelayFees(ctx context.Context) (registrar.RelayFees, error) {
	f, err := c.node.RelayFees(ctx)
	return registrar.RelayFees{Floor: txbuilder.FeeRate(f.Floor), Increment: txbuilder.FeeRate(f.Increment)}, err
}

// HangingFees is what hangs unconfirmed on a transaction.
func (c jobChain) HangingFees(ctx context.Context, txid chainhash.Hash) (btcutil.Amount, error) {
	return c.node.HangingFees(ctx, txid)
}

// relayErrors are the rows for what a node's memory pool does not take from jobs.
func relayErrors() []rule {
	return []rule{
		onType("refused_by_node", func(e *registrar.Refused, f *fault.Fault) {
			if e.Class == registrar.RefusedCoins {
				f.Hint("a coin of it is not there or was spent elsewhere; when that has its confirmations, the job goes on by itself: blockstack job resume").
					Hint("see what this wallet has spent: blockstack history")
			}
			f.Detail("txid", e.Txid.String()).Detail("reason", e.Reason).Detail("class", string(e.Class))
		}),
		onType("refused_by_node", func(e *registrar.BelowFloor, f *fault.Fault) {
			f.Hint("leave out --fee-rate, or give at least --fee-rate %s", strings.TrimSuffix(e.Floor.String(), " sat/vB"))
			f.Detail("class", string(chain.InsufficientFee))
		}),
		onType("not_all_done", func(e *registrar.NothingNewer, f *fault.Fault) {
			f.Hint("go on after the next block: blockstack job resume").Hint("look at it: blockstack job show %s", e.Job)
			f.Detail("job_id", string(e.Job)).Detail("burnt_sat", int64(e.Burnt)).Detail("names", e.Names)
		}),
		onType("over_budget", func(e *registrar.FloorTooHigh, f *fault.Fault) {
			f.Hint("wait until its memory pool is emptier, or ask another node: --node URL")
			f.Detail("need_sat", int64(e.Fee)).Detail("max_sat", int64(e.Stake))
		}),
	}
}
