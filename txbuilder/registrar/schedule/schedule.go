// Package schedule follows several jobs at once: each is advanced at each block, so that none with
// a deadline is held up by one that fails or waits.
package schedule

import (
	"context"

	"blockstack/txbuilder/registrar/job"
)

// Until is how far jobs are followed.
type Until int

// How far.
const (
	Recorded Until = iota // they are recorded, and carried out later
	Sent                  // until what can be sent is sent
	Mined                 // until the last transaction of the job is in a block
	Over                  // until the job is over
)

// Reaction is what an error of one job means.
type Reaction int

// The reactions.
const (
	Stuck Reaction = iota // the others go on, and it is tried again at the next block
	Leave                 // nothing more is done with it here: nobody is asked again at each block
	Stop                  // it is the same for all, such as a node that is away
)

// Entry is one of the jobs, and how it went with it.
type Entry struct {
	Job  *job.Job
	Err  error // what stopped it; not what it waits for
	Over bool  // nothing more is done with it here
}

// Schedule is what following needs.
type Schedule struct {
	Until Until
	// Advance takes a job as far as it goes now.
	Advance func(ctx context.Context, id job.ID) (*job.Job, error)
	// React says what an error of a job means.
	React func(err error) Reaction
	// Chain looks where the chain is, and gives what returns when it has moved on from there.
	Chain func(ctx context.Context) (next func(ctx context.Context) error, err error)
}

// Follow advances each job at each block, until nothing more is to be waited for. Its error is one
// that is the same for all; what stopped a single job is in its entry.
func (f *Schedule) Follow(ctx context.Context, list []Entry) error {
	for {
		next, err := f.Chain(ctx)
		if err != nil {
			return err
		}
		waits, again, err := f.round(ctx, list)
		switch {
		case err != nil:
			return err
		case again:
			continue
		case !waits:
			return nil
		}
		if err := next(ctx); err != nil {
			return err
		}
	}
}

// round advances each job once. waits says that a block helps one of them, again that what has
// ended may help one that is stuck.
func (f *Schedule) round(ctx context.Context, list []Entry) (waits, again bool, err error) {
	stuck, ended := false, false
	for i := range list {
		e := &list[i]
		if e.Over {
			continue
		}
		after, err := f.Advance(ctx, e.Job.ID)
		if after != nil {
			e.Job = after
		}
		reaction := Stuck
		if err != nil {
			if reaction = f.React(err); reaction == Stop || ctx.Err() != nil {
				return false, false, err
			}
		}
		e.Err = err
		switch {
		case err != nil:
			e.Over = reaction == Leave
			stuck = stuck || !e.Over
		case !e.Job.Open():
			e.Over, ended = true, true
		case !BlocksHelp(e.Job.Wait) || f.Until == Sent || f.Until == Mined && e.Job.Mined():
			e.Over = true
		default:
			waits = true
		}
	}
	return waits, ended && stuck, nil // the coins of what ended may be what the others want
}

// BlocksHelp says whether a job that stands still goes on by itself as blocks come.
func BlocksHelp(w *job.Wait) bool {
	return w == nil || !w.Held && (!w.Signatures || w.Txid != nil)
}
