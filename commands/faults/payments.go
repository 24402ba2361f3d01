package faults

import (
	"context"
	"errors"
	"fmt"

	"blockstack/commands/fault"
	"blockstack/commands/voice"
	"blockstack/txbuilder/payments"
	"blockstack/txbuilder/payments/bump"
	"blockstack/txbuilder/payments/send"
	"blockstack/txbuilder/payments/sweep"
	"blockstack/wallet/chain"
)

// sweepErrors are the rows for sweeps.
func sweepErrors() []rule {
	return []rule{
		onType("usage", func(e *sweep.Beyond, f *fault.Fault) {
			f.Message = fmt.Sprintf("--since %d is beyond the tip, block %d", e.Since, e.Tip)
		}),
	}
}

// paymentErrors are the rows for payments. They stand first, since they say more than what caused
// them.
func paymentErrors() []rule {
	return []rule{
		onType("unreachable", func(e *send.UnknownFate, f *fault.Fault) {
			if e.Interrupted {
				f.Code = "interrupted"
			}
			f.Hint("it is recorded and will be sent again with the next command; do not pay a second time").
				Hint("see: blockstack balance").Detail("txid", e.Txid.String())
		}),
		onType("refused_by_node", byPeers),
		onType("conflict", func(e *payments.PaidMeanwhile, f *fault.Fault) {
			f.Hint("look at it: blockstack history").Detail("txid", e.Twin.Txid.String())
		}),
		onType("conflict", func(e *payments.CoinsChanged, f *fault.Fault) { f.Hint("run the same command again").Retry() }),
		onType("usage", func(e *payments.OtherRequest, f *fault.Fault) {
			f.Hint("one request id is for one payment; choose another id").Detail("txid", e.Paid.Tx.TxHash().String())
		}),
		onType[*payments.BadRecord]("damaged", nil),
		onType("damaged", func(e *payments.AlteredRecord, f *fault.Fault) {
			f.Hint("see which coins it holds, and let them go one by one: blockstack wallet coins --reserved").Hint("pay with another request id")
		}),
		onType("conflict", func(e *payments.LostCoins, f *fault.Fault) {
			f.Hint("look at it: blockstack history").Hint("to pay after all, choose another request id").Detail("txid", e.Rival.String())
		}),
		onType("conflict", func(e *payments.WaitsForSignature, f *fault.Fault) {
			f.Hint("write it again: the same command with --psbt FILE").Detail("unsigned_txid", e.Unsigned.String())
		}),
		onType("over_budget", func(e *payments.OverBudget, f *fault.Fault) {
			f.Message = fmt.Sprintf("it would cost %s, and --max-total is %s", voice.BTC(e.Need), voice.BTC(e.Most))
			f.Detail("need_sat", int64(e.Need)).Detail("max_sat", int64(e.Most))
		}),
		onType("usage", func(e *payments.SamePayee, f *fault.Fault) { f.Hint("put the amounts together") }),
		onType("bad_address", func(e *payments.BadProfileAddress, f *fault.Fault) {
			f.Hint("ask the owner for another, and pay that: blockstack pay ADDRESS AMOUNT")
		}),
		onType[*payments.NoneToSpare]("insufficient_funds", nil),
		onType("conflict", refusedCoin),
		on(payments.ErrAnswered, "conflict", "run the same command again"),
		on(payments.ErrUnknownTx, "not_found"),
		on(payments.ErrOpen, "needs_input"),
		onType[*payments.NeedsApproval]("needs_input", nil),
	}
}

// refusedCoin says how to go on without a coin that a payment must not spend.
func refusedCoin(e *payments.CoinRefused, f *fault.Fault) {
	switch e.Why {
	case payments.CoinUnknown:
		f.Code, f.Message = "not_found", fmt.Sprintf("--from %s", e)
		f.Hint("list your coins: blockstack wallet coins")
	case payments.CoinOfOwner:
		f.Hint("spend what its names do not need: --from owner:%d", e.Coin.Identity)
	case payments.CoinHeld:
		f.Hint("let it go: blockstack wallet release %s", e.OutPoint).Detail("holder", e.Coin.Hold.Holder).Detail("until", voice.Time(e.Coin.Hold.Until))
	case payments.CoinNeeded:
		f.Hint("see by which: blockstack wallet coins --reserved")
	case payments.CoinFrozen:
		f.Hint("blockstack wallet unfreeze %s", e.OutPoint)
	}
}

// byPeers says that strangers refuse a transaction. They may have passed it on all the same, so
// that it stays on record: another one in its place could pay a second time.
func byPeers(e *send.RefusedByPeers, f *fault.Fault) {
	txid := e.Refused.Txid.String()
	f.Hint("it stays recorded, because peers may be lying; do not pay a second time").
		Hint("if its fee is too low: blockstack bump %s", txid).
		Hint("or ask a node of your own: --backend btcd|bitcoind --node URL").
		Detail("txid", txid)
	var refused *chain.Refused
	if errors.As(e, &refused) {
		f.Message = fmt.Sprintf("the peers refuse %s (%s): %s", txid, refused.Code, refused.Reason)
		f.Detail("reason", refused.Reason).Detail("class", string(refused.Code))
	}
}

// bumpErrors are the rows for bumps.
func bumpErrors() []rule {
	return []rule{
		onType("conflict", func(e *bump.OfJob, f *fault.Fault) {
			f.Hint("go on with the job: blockstack job resume %s", e.Job.ID).Detail("job_id", e.Job.ID)
		}),
		onType("conflict", func(e *bump.Refused, f *fault.Fault) {
			if e.Why == bump.IsVoid {
				f.Hint("see what you have now: blockstack balance")
			}
		}),
		onType("usage", func(e *bump.RateTooLow, f *fault.Fault) { f.Message = fmt.Sprintf("%s; --fee-rate must be higher", e) }),
	}
}

// SentBut is the fault of what went wrong after a payment was sent. Unlike anywhere else, the same
// command again would not go on but pay a second time, so nothing of it is retryable.
func SentBut(ctx context.Context, but *payments.SentBut) *fault.Fault {
	f := *Of(ctx, but.Err)
	f.Message = fmt.Sprintf("%s was sent; %s: %s", but.Txid, but.Doing, f.Message)
	f.Hints, f.Retryable = nil, false
	return f.Because(but).Hint("it is paid: the same command again would pay a second time").
		Hint("see what became of it: blockstack history").Detail("txid", but.Txid.String())
}
