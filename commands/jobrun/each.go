package jobrun

import (
	"context"
	"errors"
	"strings"

	"blockstack/commands/fault"
	"blockstack/commands/faults"
	"blockstack/commands/prompt"
	"blockstack/commands/session"
	"blockstack/home"
	"blockstack/txbuilder/registrar"
	"blockstack/txbuilder/registrar/schedule"
)

// Carried is how it went with one of several jobs.
type Carried struct {
	Job *registrar.Job
	err error // what stopped it; not what it waits for
}

// View is what programs see of the job, with what stopped it.
func (c *Carried) View() View {
	v := ViewOf(c.Job)
	if c.err != nil {
		f := faults.Of(context.Background(), c.err)
		v.Error = &Problem{Code: f.Code, Message: f.Message}
	}
	return v
}

// Outcome is nil for a job that is done, and otherwise the fault that goes with it.
func (c *Carried) Outcome() error {
	if c.err == nil {
		return Outcome(c.Job)
	}
	f := *faults.Of(context.Background(), c.err)
	if who := c.Job.Request.Subject() + ": "; !strings.HasPrefix(f.Message, who) {
		f.Message = who + f.Message
	}
	return f.Keep().Detail("job_id", string(c.Job.ID))
}

// CarryEach advances several jobs as far as --wait and --timeout say, all of them at each block, so that none with a deadline is held
// up by one that fails or waits. Only what is the same for all, such as a node that is away, ends it.
func CarryEach(ctx context.Context, e *session.Session, jobs []*registrar.Job, o Options) ([]Carried, error) {
	list := make([]Carried, len(jobs))
	for i, j := range jobs {
		list[i].Job = j
	}
	until := o.Until(e.Config)
	if len(jobs) == 0 || until == WaitNone {
		return list, nil
	}
	waiting := ctx
	if o.Timeout > 0 {
		var cancel context.CancelFunc
		waiting, cancel = context.WithTimeout(ctx, o.Timeout)
		defer cancel()
	}
	err := carryRounds(waiting, e, list, until, o.NoMine)
	switch {
	case err == nil || ctx.Err() == nil && waiting.Err() != nil:
		return list, nil
	case ctx.Err() != nil:
		return nil, fault.New("interrupted", "interrupted").Because(ctx.Err()).Retry().
			Hint("nothing is lost; go on with the same command, or: blockstack job resume")
	}
	return nil, err
}

// carryRounds advances each job at each block, until nothing more is to be waited for.
func carryRounds(ctx context.Context, e *session.Session, list []Carried, until string, noMine bool) error {
	n, err := e.Node(ctx)
	if err != nil {
		return err
	}
	follower := schedule.Follower{Until: map[string]schedule.Until{WaitBroadcast: schedule.Sent, WaitConfirmed: schedule.Mined, WaitDone: schedule.Over}[until],
		Advance: func(ctx context.Context, id registrar.ID) (*registrar.Job, error) { return advanceOnce(ctx, e, id) },
		React:   reaction,
		Chain: func(ctx context.Context) (func(context.Context) error, error) {
			_, tip, err := n.Tip(ctx)
			return func(ctx context.Context) error { return e.NextBlock(ctx, n, tip, noMine) }, err
		}}
	entries := make([]schedule.Entry, len(list))
	for i := range list {
		entries[i] = schedule.Entry{Job: list[i].Job}
	}
	err = follower.Follow(ctx, entries)
	for i, one := range entries {
		list[i].Job, list[i].err = one.Job, one.Err
	}
	return err
}

// reaction is what an error of one of several jobs means for the others.
func reaction(err error) schedule.Reaction {
	switch {
	case home.Passes(err):
		return schedule.Stop
	case home.Locked(err) || home.Unanswered(err) || prompt.Unanswered(err):
		return schedule.Leave
	}
	return schedule.Stuck
}

// Worse chooses of two outcomes the one that is told: what failed before what only waits.
func Worse(a, b error) error {
	if a == nil || b != nil && isPending(a) && !isPending(b) {
		return b
	}
	return a
}

// isPending says whether an outcome is that a job waits.
func isPending(err error) bool { return errors.Is(err, errUnfinished) }
