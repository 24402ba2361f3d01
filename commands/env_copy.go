package commands

import (
	"context"
	"errors"

	"blockstack/commands/fault"
	"blockstack/commands/voice"
	"blockstack/storage/local"
	"blockstack/txbuilder/lastdays"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet"
	"blockstack/wallet/keychain"
)

// copies keeps the encrypted copy of a journal where the user wants one; nil: nowhere.
func (e *Env) copies(ctx context.Context, j *registrar.BoltJournal, w *wallet.Wallet) (registrar.Copier, error) {
	dir := e.Config.JournalCopy
	if dir == "" {
		return nil, nil
	}
	key, err := w.SealedKey(ctx)
	if err != nil {
		if !e.Config.CopyOptional {
			return nil, &registrar.NotCopied{Dir: dir, Err: err}
		}
		e.Out.Warn("there is no copy of the journal: %v", err)
		return nil, nil
	}
	c := registrar.NewCopies(j, local.Mounted(dir), e.Config.Net().Name, key.Seal)
	if e.Config.CopyOptional {
		return &optionalCopies{c, e.Out, false}, nil
	}
	return c, nil
}

// keepCopies brings the copy up to date at the end of a command. What had to be in it before something was sent is there
// already, so a failure now is no reason to fail.
func (e *Env) keepCopies(ctx context.Context, c registrar.Copier, err error) {
	if c == nil || errors.As(err, new(*registrar.NotCopied)) {
		return
	}
	if err := c.Keep(context.WithoutCancel(ctx)); err != nil {
		e.Out.Warn("the copy of the journal is older than the journal: %v", err)
	}
}

// optionalCopies warns once where others fail.
type optionalCopies struct {
	registrar.Copier
	out    *voice.Printer
	warned bool
}

// Keep tries.
func (o *optionalCopies) Keep(ctx context.Context) error {
	err := o.Copier.Keep(ctx)
	var no *registrar.NotCopied
	if !errors.As(err, &no) {
		return err
	}
	if !o.warned {
		o.out.Warn("the copy of the journal in %s could not be written: %v", no.Dir, no.Err)
		o.warned = true
	}
	return nil
}

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
		onType("unreachable", func(e *unreadCopies, f *fault.Fault) {
			f.Hint("make the folder readable, or choose another place: --journal-copy DIR").
				Hint("or go on without the copy: --journal-copy-optional").
				Detail("dir", e.dir)
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
