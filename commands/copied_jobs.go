package commands

import (
	"context"
	"errors"
	"slices"

	"blockstack/storage/local"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet"
	"blockstack/wallet/keychain"
)

// copiedJobs reads the copies of jobs that the journal of this home has not written, before a preorder is planned or paid.
type copiedJobs struct {
	env     *Env
	wallet  *wallet.Wallet
	journal *registrar.BoltJournal
}

// copiedJobs gives nil where no copy is kept.
func (e *Env) copiedJobs(j *registrar.BoltJournal, w *wallet.Wallet) registrar.CopiedJobs {
	if e.Config.JournalCopy == "" {
		return nil
	}
	return copiedJobs{e, w, j}
}

// CopiedJobs reads them where the keys are here, or can be without a question: a plan asks for no password. What stays unread is
// told. A copy that does not open with the keys of this wallet is another wallet's.
func (c copiedJobs) CopiedJobs(ctx context.Context) (jobs []*registrar.Job, err error) {
	dir := c.env.Config.JournalCopy
	place := local.Mounted(dir)
	names, err := c.journal.OtherCopies(ctx, place)
	if err != nil && c.env.Config.CopyOptional && ctx.Err() == nil {
		c.env.Out.Warn("the copy of the journal was not searched: %v", err)
		return nil, nil
	}
	if err != nil {
		return nil, &unreadCopies{dir, err}
	}
	if len(names) == 0 {
		return nil, nil
	}
	if open, err := c.unlocked(ctx); err != nil {
		return nil, err
	} else if !open {
		unread := &registrar.UnreadCopies{N: len(names), Dir: dir}
		c.env.Out.Warn("%v; a preorder may be in them: blockstack job import", unread)
		if c.wallet.WatchOnly() { // it has no seed to open them with
			return nil, nil
		}
		return nil, unread
	}
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		switch j, err := c.env.readCopy(c.wallet, place.Path(name)); {
		case errors.Is(err, keychain.ErrNotForUs):
		case err != nil:
			c.env.Out.Warn("%s was not searched for a preorder: %v", place.Path(name), err)
		default:
			jobs = append(jobs, j)
		}
	}
	slices.SortStableFunc(jobs, func(a, b *registrar.Job) int { return a.Created.Compare(b.Created) })
	return jobs, nil
}

// unlocked makes the seed readable if that takes no question.
func (c copiedJobs) unlocked(ctx context.Context) (bool, error) {
	switch {
	case c.wallet.KeysHere():
		return true, nil
	case c.wallet.WatchOnly():
		return false, nil
	case c.env.HasPassword():
		return true, c.env.unlockWith(ctx, c.wallet)
	}
	return c.env.useKeyring(ctx, c.wallet)
}

// unreadCopies says that the folder of the copy is there and cannot be read, so that no preorder is paid.
type unreadCopies struct {
	dir string
	err error
}

// Error names the folder and the cause.
func (e *unreadCopies) Error() string {
	return "the copies of jobs in " + e.dir + " could not be searched for a preorder, so none is paid: " + e.err.Error()
}

// Unwrap is the cause.
func (e *unreadCopies) Unwrap() error { return e.err }
