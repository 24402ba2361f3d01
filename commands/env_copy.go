package commands

import (
	"context"
	"errors"

	"blockstack/commands/fault"
	"blockstack/home/jobports"
	"blockstack/txbuilder/lastdays"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet"
	"blockstack/wallet/keychain"
)

// unlockHere makes the seed readable in this process: an agent signs, but opens no copies.
func (e *Env) unlockHere(ctx context.Context, w *wallet.Wallet) error {
	if w.KeysHere() {
		return nil
	}
	if !e.HasPassword() {
		if ok, err := e.useKeyring(ctx, w); ok || err != nil {
			return err
		}
	}
	return e.unlockWith(ctx, w)
}

// rescueErrors are the rows for the copy of the journal, and for what is found again without a journal.
func rescueErrors() []rule {
	return []rule{
		{
			code: "unreachable",
			match: func(err error) bool {
				return errors.As(err, new(*registrar.NotCopied)) && errors.Is(err, wallet.ErrNeedKeys)
			},
			fill: func(_ error, f *fault.Fault) {
				f.Code = "locked"
				f.Hint("this wallet is older than copies of the journal: unlock it once, with %s", passwordFlags)
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
		onType("preorder_outstanding", preorderOursHints),
		onType("renewal_outstanding", renewalOursHints),
		onType("last_days_unknown", inDoubtHints),
		on(lastdays.ErrBad, "damaged"),
		onType("insufficient_funds", func(e *registrar.NoSenderCoin, f *fault.Fault) {
			f.Hint("send it a little and let it be mined: blockstack pay %s 0.0001", e.Sender)
			f.Detail("sender_address", e.Sender)
		}),
		onType("locked", func(e *registrar.NeedsKey, f *fault.Fault) {
			f.Hint("give the password with %s", passwordFlags).Hint("or unlock for a while, and run the same command again: blockstack wallet unlock --for 1h")
			f.Detail("blocks_left", e.Blocks).Detail("deadline_height", e.Deadline)
		}),
		onType("wrong_network", func(e *registrar.OtherNetwork, f *fault.Fault) { f.Hint("choose the network with --network") }),
		on(keychain.ErrNotForUs, "malformed", "copies open with the words of the wallet that wrote them"),
		on(registrar.ErrBadCopy, "malformed"),
	}
}
