package jobports

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"

	"blockstack/storage/local"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet"
	"blockstack/wallet/keychain"
)

// Copies are the encrypted copies of jobs in a folder of the user's choice: those that this home
// writes, and those that it has not written.
type Copies struct {
	Dir      string // empty: none are kept
	Optional bool   // jobs go on when they cannot be written or searched
	Network  string
	Wallet   *wallet.Wallet
	Journal  *registrar.BoltJournal
	// Open makes the seed readable where that takes no question; false: it would take one.
	Open func(ctx context.Context, w *wallet.Wallet) (bool, error)
	// Warn tells of what was left undone.
	Warn func(format string, args ...any)
}

// Writer keeps the copy of the journal; nil: nowhere.
func (c *Copies) Writer(ctx context.Context) (registrar.Copier, error) {
	if c.Dir == "" {
		return nil, nil
	}
	key, err := c.Wallet.SealedKey(ctx)
	if err != nil {
		if !c.Optional {
			return nil, &registrar.NotCopied{Dir: c.Dir, Err: err}
		}
		c.Warn("there is no copy of the journal: %v", err)
		return nil, nil
	}
	w := registrar.NewCopies(c.Journal, local.Mounted(c.Dir), c.Network, key.Seal)
	if c.Optional {
		return &optionalCopier{Copier: w, warn: c.Warn}, nil
	}
	return w, nil
}

// Finish brings a copy up to date at the end of a request that ended with err. What had to be in it
// before something was sent is there already, so a failure now is no reason to fail.
func (c *Copies) Finish(ctx context.Context, w registrar.Copier, err error) {
	if w == nil || errors.As(err, new(*registrar.NotCopied)) {
		return
	}
	if err := w.Keep(context.WithoutCancel(ctx)); err != nil {
		c.Warn("the copy of the journal is older than the journal: %v", err)
	}
}

// optionalCopier warns once where others fail.
type optionalCopier struct {
	registrar.Copier
	warn   func(format string, args ...any)
	warned bool
}

// Keep tries.
func (o *optionalCopier) Keep(ctx context.Context) error {
	err := o.Copier.Keep(ctx)
	var no *registrar.NotCopied
	if !errors.As(err, &no) {
		return err
	}
	if !o.warned {
		o.warn("the copy of the journal in %s could not be written: %v", no.Dir, no.Err)
		o.warned = true
	}
	return nil
}

// Reader reads the copies of jobs that the journal of this home has not written, before a preorder
// is planned or paid; nil: none are kept.
func (c *Copies) Reader() registrar.CopiedJobs {
	if c.Dir == "" {
		return nil
	}
	return copiedJobs{c}
}

// copiedJobs is the reading half of Copies.
type copiedJobs struct{ *Copies }

// CopiedJobs reads them where the keys are here, or can be without a question: a plan asks for no
// password. What stays unread is told. A copy that does not open with the keys of this wallet is
// another wallet's.
func (c copiedJobs) CopiedJobs(ctx context.Context) (jobs []*registrar.Job, err error) {
	place := local.Mounted(c.Dir)
	names, err := c.Journal.OtherCopies(ctx, place)
	if err != nil && c.Optional && ctx.Err() == nil {
		c.Warn("the copy of the journal was not searched: %v", err)
		return nil, nil
	}
	if err != nil {
		return nil, &UnreadFolder{Dir: c.Dir, Err: err}
	}
	if len(names) == 0 {
		return nil, nil
	}
	if open, err := c.unlocked(ctx); err != nil {
		return nil, err
	} else if !open {
		unread := &registrar.UnreadCopies{N: len(names), Dir: c.Dir}
		c.Warn("%v; a preorder may be in them: blockstack job import", unread)
		if c.Wallet.WatchOnly() { // it has no seed to open them with
			return nil, nil
		}
		return nil, unread
	}
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		switch j, err := ReadCopy(c.Wallet, c.Network, place.Path(name)); {
		case errors.Is(err, keychain.ErrNotForUs):
		case err != nil:
			c.Warn("%s was not searched for a preorder: %v", place.Path(name), err)
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
	case c.Wallet.KeysHere():
		return true, nil
	case c.Wallet.WatchOnly():
		return false, nil
	}
	return c.Open(ctx, c.Wallet)
}

// ReadCopy reads one copy of a job.
func ReadCopy(w *wallet.Wallet, network, file string) (*registrar.Job, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, registrar.MaxCopyBytes+1))
	if err != nil {
		return nil, err
	}
	return registrar.DecodeCopy(b, network, w.OpenSealed)
}

// UnreadFolder says that the folder of the copies is there and cannot be read, so that no preorder
// is paid.
type UnreadFolder struct {
	Dir string
	Err error
}

// Error names the folder and the cause.
func (e *UnreadFolder) Error() string {
	return "the copies of jobs in " + e.Dir + " could not be searched for a preorder, so none is paid: " + e.Err.Error()
}

// Unwrap is the cause.
func (e *UnreadFolder) Unwrap() error { return e.Err }
