package jobs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/home/jobports"
	"blockstack/txbuilder/lastdays"
	"blockstack/txbuilder/registrar"
	"blockstack/txbuilder/registrar/conduct"
)

// regainJournal makes a journal that cannot be read anew, with the jobs of its copy where one is
// kept, and brings those in as well when the journal is gone or older than what was sent. What the
// copy lacks is on the chain, where the caller looks for it.
func regainJournal(ctx context.Context, e *session.Session, dry bool) ([]*registrar.Job, error) {
	damage := readableJournal(ctx, e)
	switch {
	case damage == nil:
	case !errors.Is(damage, registrar.ErrBadJournal) || dry:
		return nil, damage
	default:
		if err := e.Confirm(ctx, "The journal is damaged. Keep it beside its place and make it anew from its copy and the chain"); err != nil {
			return nil, err
		}
		aside, err := moveAside(e.Config.JournalFile())
		if err != nil {
			return nil, err
		}
		e.Out.Note("the damaged journal is kept as %s", aside)
		if err := readableJournal(ctx, e); err != nil {
			return nil, err
		}
	}
	doubt, err := lastdays.Look(e.Config.NetworkPath())
	if err != nil && !errors.Is(err, lastdays.ErrBad) {
		return nil, err
	}
	lost := doubt != nil && (doubt.Why == lastdays.JournalLost || doubt.Why == lastdays.JournalOlder)
	if dry || e.Config.JournalCopy == "" || damage == nil && !lost {
		return nil, nil
	}
	return importCopy(ctx, e)
}

// readableJournal is nil when the journal opens and all of its jobs can be read.
func readableJournal(ctx context.Context, e *session.Session) error {
	j, err := e.Journal(ctx)
	if err != nil {
		return err
	}
	_, err = j.Jobs(ctx)
	return errors.Join(err, j.Close())
}

// importCopy brings in the jobs of the copy that this home keeps.
func importCopy(ctx context.Context, e *session.Session) (jobs []*registrar.Job, err error) {
	files, err := jobports.FindCopies(ctx, []string{e.Config.JournalCopy})
	if errors.Is(err, fs.ErrNotExist) || errors.As(err, new(*jobports.NoCopies)) {
		e.Out.Warn("there is no copy of the journal to read: %v", err)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	w, err := e.Wallet(ctx)
	if err != nil {
		return nil, err
	}
	if err := e.Keys.UnlockHere(ctx, w); err != nil {
		return nil, err
	}
	copied, err := readCopies(ctx, e, w, files)
	if err != nil {
		return nil, err
	}
	err = e.WithJobs(ctx, nil, func(r *registrar.Registrar) error {
		list, err := conduct.BringIn(ctx, r, copied)
		if err != nil {
			return err
		}
		for _, in := range list {
			switch {
			case in.Err != nil:
				e.Out.Warn("%s: %v", in.Job.Request.Subject(), in.Err)
			case in.Job.Open():
				jobs = append(jobs, in.Job)
			}
		}
		e.Out.Note("%s came back from the copy of the journal in %s", voice.Count(len(list), "job"), e.Config.JournalCopy)
		return nil
	})
	return jobs, err
}

// moveAside gives a damaged file another name in its folder, and says which. A link keeps its
// place: what it leads to is moved.
func moveAside(path string) (string, error) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", fmt.Errorf("keep %s: %w", path, err)
	}
	for n := 1; ; n++ {
		aside := fmt.Sprintf("%s.damaged-%d", real, n)
		if _, err := os.Lstat(aside); errors.Is(err, fs.ErrNotExist) {
			return aside, os.Rename(real, aside)
		} else if err != nil {
			return "", fmt.Errorf("keep %s: %w", path, err)
		}
	}
}
