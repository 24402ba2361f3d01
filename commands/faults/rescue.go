package faults

import (
	"errors"

	"blockstack/commands/fault"
	"blockstack/commands/prompt"
	"blockstack/commands/voice"
	"blockstack/home/jobports"
	"blockstack/txbuilder/lastdays"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet"
	"blockstack/wallet/keychain"
)

// preorderOursHints says how to go on with a preorder of ours that stands in the way.
func preorderOursHints(e *registrar.PreorderOurs, f *fault.Fault) {
	switch {
	case e.Unsigned:
		f.Hint("give up the job, which has signed nothing: blockstack job cancel %s", e.Job).
			Hint("then go on with the preorder: blockstack job rescue %s", e.What).
			Hint("or, for all names of a list at once, give the same list again: blockstack name apply -f FILE")
	case e.Job != "":
		f.Hint("its job: blockstack job resume %s", e.Job)
	case e.Namespace:
		f.Hint("go on with it, with the file of its rules: blockstack job rescue --namespace SPEC")
	default:
		f.Hint("go on with it: blockstack job rescue %s", e.What)
	}
	f.Hint("or bring its job in from a copy of the journal: blockstack job import DIR")
	f.Detail("txid", e.Txid.String()).Detail("owner_address", e.Address)
	if e.Height > 0 {
		f.Detail("height", e.Height)
	}
	if e.Until > 0 {
		f.Detail("until_height", e.Until)
	}
}

// renewalOursHints says how to go on when a renewal was sent that no job follows as it is asked
// for.
func renewalOursHints(e *registrar.RenewalOurs, f *fault.Fault) {
	if e.Job != "" {
		f.Hint("its job: blockstack job show %s", e.Job)
	}
	f.Hint("look at the name when that is in a block: blockstack name show %s", e.Name)
	f.Detail("txid", e.Txid.String()).Detail("name", e.Name.String())
}

// inDoubtHints says how to go on when a home cannot know its last days.
func inDoubtHints(d *registrar.InDoubt, f *fault.Fault) {
	if d.Unread != nil {
		f.Hint("read them: give the password with %s", prompt.PasswordFlags)
	} else {
		f.Hint("run the same command again after block %d", d.From)
	}
	f.Hint("or read what it knew from a copy of its journal: blockstack job import DIR").
		Hint("or, if you know that no preorder was sent: --confirm %s", voice.ShellWord(d.What)).
		Detail("reason", string(d.Why)).Detail("since_height", d.Since).Detail("from_height", d.From).Detail("blocks", d.Blocks)
	f.Retryable = true
}

// rescueErrors are the rows for the copy of the journal, and for what is found again without a
// journal.
func rescueErrors() []rule {
	return []rule{
		{
			code:  "unreachable",
			about: &registrar.NotCopied{Err: wallet.ErrNeedKeys},
			match: func(err error) bool {
				return errors.As(err, new(*registrar.NotCopied)) && errors.Is(err, wallet.ErrNeedKeys)
			},
			fill: func(_ error, f *fault.Fault) {
				f.Code = "locked"
				f.Hint("this wallet is older than copies of the journal: unlock it once, with %s", prompt.PasswordFlags)
			},
		},
		onType("unreachable", func(e *registrar.NotCopied, f *fault.Fault) {
			f.Hint("make the folder, or connect the disk that it is on, and run the same command again").
				Hint("or choose another place: --journal-copy DIR").
				Hint("or go on without the copy: --journal-copy-optional").
				Detail("dir", e.Dir)
			f.Retryable = true
		}),
		onType("unreachable", func(e *jobports.UnreadFolder, f *fault.Fault) {
			f.Hint("make the folder readable, or choose another place: --journal-copy DIR").
				Hint("or go on without the copy: --journal-copy-optional").
				Detail("dir", e.Dir)
			f.Retryable = true
		}),
		onType[*jobports.NoCopies]("not_found", nil),
		onType[*jobports.TooManyCopies]("usage", nil),
		onType("preorder_outstanding", preorderOursHints),
		onType("renewal_outstanding", renewalOursHints),
		onType("last_days_unknown", inDoubtHints),
		on(lastdays.ErrBad, "damaged"),
		onType("insufficient_funds", func(e *registrar.NoSenderCoin, f *fault.Fault) {
			f.Hint("send it a little and let it be mined: blockstack pay %s 0.0001", e.Sender)
			f.Detail("sender_address", e.Sender)
		}),
		onType("locked", func(e *registrar.NeedsKey, f *fault.Fault) {
			f.Hint("give the password with %s", prompt.PasswordFlags).Hint("or unlock for a while, and run the same command again: blockstack wallet unlock --for 1h")
			f.Detail("blocks_left", e.Blocks).Detail("deadline_height", e.Deadline)
		}),
		onType("wrong_network", func(e *registrar.OtherNetwork, f *fault.Fault) { f.Hint("choose the network with --network") }),
		on(keychain.ErrNotForUs, "malformed", "copies open with the words of the wallet that wrote them"),
		on(registrar.ErrBadCopy, "malformed"),
	}
}
