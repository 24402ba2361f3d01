package commands

import (
	"errors"
	"slices"

	"blockstack/commands/fault"
	"blockstack/commands/voice"
	"blockstack/txbuilder/registrar"
)

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
	return append(slices.Concat(agreedErrors(), rescueErrors(), relayErrors()), []rule{
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
		on(registrar.ErrNeedsKey, "locked", "give the password with "+passwordFlags),
		on(registrar.ErrNotCancellable, "conflict", "let it finish: blockstack job resume"),
		onBusy(registrar.ErrJournalBusy, "another blockstack command is using this home; try again when it is done"),
		on(registrar.ErrBadJournal, "damaged", "keep it: it holds transactions that are under way; nothing is paid before it is made anew from its copy and the chain: blockstack job rescue"),
		on(registrar.ErrNewerJournal, "newer_version", "use the newer program; nothing is wrong with the file"),
		on(registrar.ErrIndexBehind, "unreachable", "run the same command again"),
		onBusy(registrar.ErrRestless, "nothing is lost; go on after the next block: blockstack job resume"),
		on(registrar.ErrBadRequest, "usage"),
	}...)
}
