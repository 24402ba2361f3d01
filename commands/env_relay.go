package commands

import (
	"strings"

	"blockstack/commands/fault"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet/chain"
)

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
