package faults

import (
	"errors"
	"slices"
	"strings"

	"blockstack/commands/fault"
	"blockstack/commands/prompt"
	"blockstack/commands/voice"
	"blockstack/txbuilder/registrar"
	"blockstack/txbuilder/registrar/conduct"
	"blockstack/wallet/chain"
)

// draftErrors are the rows for jobs that are signed elsewhere.
func draftErrors() []rule {
	return []rule{
		on(registrar.ErrNoDraft, "not_found", "only the transactions that a job of this home has planned are taken, and only unaltered: blockstack job list",
			"to send a transaction of no job: blockstack wallet psbt broadcast FILE"),
		on(registrar.ErrOldDraft, "expired", "nothing is lost; write the PSBT that is to be signed now: blockstack job show JOB --psbt FILE, after: blockstack job resume JOB"),
		on(registrar.ErrNotExternal, "conflict"),
	}
}

// agreedErrors is the row for jobs that nobody has agreed to.
func agreedErrors() []rule {
	return []rule{onType("needs_input", func(n *registrar.NotAgreed, f *fault.Fault) {
		f.Hint("look at it: blockstack job show %s", n.Job.ID).
			Hint("if you began it, go on: blockstack job resume %s --confirm %s", n.Job.ID, n.Job.ID).
			Hint("if not, give it up: blockstack job cancel %s", n.Job.ID)
		f.Detail("job_id", string(n.Job.ID))
	})}
}

// requestErrors are the rows for requests that were not carried out to the end.
func requestErrors() []rule {
	return []rule{
		onType("interrupted", func(e *conduct.Interrupted, f *fault.Fault) {
			resume := "blockstack job resume"
			if e.ID != "" {
				resume += " " + string(e.ID)
			}
			f.Retry().Hint("nothing is lost; go on with the same command, or: %s", resume)
		}),
		on(conduct.ErrWatchOnly, "watch_only", "write a PSBT for the machine that has the keys: --psbt FILE"),
	}
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

// jobErrors are the rows for jobs.
func jobErrors() []rule {
	// The registrar's own word for a class of refusal, where the table of exit codes has another.
	word := func(c registrar.Coded) string {
		switch code := c.Code(); code {
		case "revoked":
			return "name_taken"
		case "job_conflict":
			return "conflict"
		case "refused":
			return "refused_by_node"
		default:
			return code
		}
	}
	return append(slices.Concat(agreedErrors(), requestErrors(), rescueErrors(), relayErrors()), []rule{
		onType("insufficient_funds", func(e *registrar.TokensShort, f *fault.Fault) {
			f.Hint("on the sandbox: blockstack sandbox fund ADDRESS %s --stacks, with the ADDRESS of: blockstack wallet address", voice.StacksNumber(e.Need))
			f.Detail("need_ustacks", e.Need).Detail("have_ustacks", e.Have)
		}),
		onType("name_taken", func(e *registrar.NameTaken, f *fault.Fault) {
			f.Code = word(e)
			f.Hint("look at it: blockstack name show %s", e.Name)
			f.Detail("name", e.Name.String()).Detail("owner_address", e.Owner).Detail("status", string(e.Status))
		}),
		onType("over_budget", func(e *registrar.OverBudget, f *fault.Fault) {
			f.Hint("raise --max-total, or lower --fee-rate")
			f.Detail("need_sat", int64(e.Need)).Detail("max_sat", int64(e.Max))
		}),
		onType("conflict", func(e *registrar.Conflict, f *fault.Fault) {
			if e.Begun {
				f.Retry().Hint("give the same command again; its job: blockstack job show %s", e.ID)
				return
			}
			if e.Listed {
				f.Hint("let the list leave it out, which takes some blocks: blockstack job resume %s", e.ID).
					Hint("then renew it: blockstack name renew %s", e.Name)
				return
			}
			f.Hint("look at it: blockstack job show %s", e.ID).Hint("or give it up: blockstack job cancel %s", e.ID)
		}),
		onType("quota", func(e *registrar.Quota, f *fault.Fault) {
			f.Hint("choose another owner: --owner N for another identity of yours")
		}),
		onType("preorder_outstanding", func(e *registrar.PreorderOutstanding, f *fault.Fault) {
			f.Hint("receive coins at a new address: blockstack wallet address --new")
		}),
		onType("namespace_closed", func(e *registrar.NamespaceClosed, f *fault.Fault) {
			f.Hint("list the namespaces: blockstack namespace list")
		}),
		{
			code:  "job_rejected",
			match: func(err error) bool { var c registrar.Coded; return errors.As(err, &c) },
			fill: func(err error, f *fault.Fault) {
				var c registrar.Coded
				if errors.As(err, &c) {
					f.Code = word(c)
				}
			},
		},
		on(registrar.ErrNoJob, "not_found", "list the jobs: blockstack job list"),
		on(registrar.ErrNeedsKey, "locked", "give the password with "+prompt.PasswordFlags),
		on(registrar.ErrNotCancellable, "conflict", "let it finish: blockstack job resume"),
		onBusy(registrar.ErrJournalBusy, "another blockstack command is using this home; try again when it is done"),
		on(registrar.ErrBadJournal, "damaged", "keep it: it holds transactions that are under way; nothing is paid before it is made anew from its copy and the chain: blockstack job rescue"),
		on(registrar.ErrNewerJournal, "newer_version", "use the newer program; nothing is wrong with the file"),
		on(registrar.ErrIndexBehind, "unreachable", "run the same command again"),
		onBusy(registrar.ErrRestless, "nothing is lost; go on after the next block: blockstack job resume"),
		on(registrar.ErrBadRequest, "usage"),
	}...)
}
