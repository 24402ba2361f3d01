package jobrun

import (
	"context"
	"errors"
	"strings"

	"blockstack/commands/faults"
	"blockstack/commands/session"
	"blockstack/txbuilder/registrar"
)

// Followed is how it went with one of several jobs.
type Followed struct {
	Job *registrar.Job
	err error // what stopped it; not what it waits for
}

// View is what programs see of the job, with what stopped it.
func (c *Followed) View() View {
	v := ViewOf(c.Job)
	if c.err != nil {
		f := faults.Of(context.Background(), c.err)
		v.Error = &Problem{Code: f.Code, Message: f.Message}
	}
	return v
}

// Outcome is nil for a job that is done, and otherwise the fault that goes with it.
func (c *Followed) Outcome() error {
	if c.err == nil {
		return Outcome(c.Job)
	}
	f := *faults.Of(context.Background(), c.err)
	if who := c.Job.Request.Subject() + ": "; !strings.HasPrefix(f.Message, who) {
		f.Message = who + f.Message
	}
	return f.Keep().Detail("job_id", string(c.Job.ID))
}

// FollowEach advances several jobs as far as --wait and --timeout say, all of them at each block.
func FollowEach(ctx context.Context, e *session.Session, jobs []*registrar.Job, o Options) ([]Followed, error) {
	entries, err := ServiceOf(e, o.NoMine).FollowEach(ctx, jobs, o.terms(e))
	if err != nil {
		return nil, err
	}
	list := make([]Followed, len(entries))
	for i, one := range entries {
		list[i] = Followed{Job: one.Job, err: one.Err}
	}
	return list, nil
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
