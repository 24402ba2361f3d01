package jobrun

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"blockstack/commands/fault"
	"blockstack/commands/faults"
	"blockstack/commands/prompt"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/txbuilder/registrar"
)

// RunJob advances a job as far as --wait says and prints it. A job that is not finished is printed too, with exit code 3.
func RunJob(ctx context.Context, env *session.Session, schema string, id registrar.ID, o Options) error {
	waiting := ctx
	if o.Timeout > 0 {
		var cancel context.CancelFunc
		waiting, cancel = context.WithTimeout(ctx, o.Timeout)
		defer cancel()
	}
	job, err := advanceUntil(waiting, env, id, o)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return fault.New("interrupted", "interrupted").Because(ctx.Err()).Retry().
			Hint("nothing is lost; go on with the same command, or: blockstack job resume %s", id)
	case waiting.Err() == nil:
		return err
	case job == nil: // the time was over before the job could be looked at with a node
		if job, err = readJob(ctx, env, id); err != nil {
			return err
		}
	}
	if err := Print(env, schema, job); err != nil {
		return err
	}
	return Outcome(job)
}

// advanceUntil advances a job, waiting for blocks in between. On the sandbox the blocks are mined unless --no-mine.
func advanceUntil(ctx context.Context, env *session.Session, id registrar.ID, o Options) (*registrar.Job, error) {
	n, err := env.Node(ctx)
	if err != nil {
		return nil, err
	}
	until := o.Until(env.Config)
	if until == WaitNone {
		return readJob(ctx, env, id)
	}
	var last *registrar.Job
	for {
		_, tip, err := n.Tip(ctx)
		if err != nil {
			return last, err
		}
		job, err := advanceOnce(ctx, env, id)
		if job != nil {
			last = job
		}
		if err != nil {
			return last, err
		}
		if w := job.Wait; w != nil && (w.Held || w.Signatures && w.Txid == nil) { // blocks do not help
			return job, nil
		}
		if !job.Open() || until == WaitBroadcast || until == WaitConfirmed && job.Mined() {
			return job, nil
		}
		if job.Wait != nil && job.Wait.For != "" {
			env.Out.Detail("waiting for %s", job.Wait.For)
		}
		if err := env.NextBlock(ctx, n, tip, o.NoMine); err != nil {
			return last, err
		}
	}
}

// advanceOnce takes a job as far as it goes now. The password is only asked for when something new must be signed.
func advanceOnce(ctx context.Context, env *session.Session, id registrar.ID) (job *registrar.Job, err error) {
	step := func() error {
		return env.WithJobs(ctx, ShowEvents(env), func(r *registrar.Registrar) (err error) {
			job, err = r.Advance(ctx, id)
			return err
		})
	}
	agreeing := func(err error) error {
		var no *registrar.NotAgreed
		if errors.As(err, &no) {
			return agreeToJob(ctx, env, no, step)
		}
		return err
	}
	key := agreeing(step())
	if !errors.Is(key, registrar.ErrNeedsKey) {
		return job, key
	}
	w, err := env.Wallet(ctx)
	if err != nil {
		return job, err
	}
	if err := env.Keys.Unlock(ctx, w); err != nil {
		if errors.Is(err, prompt.ErrNobody) {
			return job, key // nobody can be asked, and how many blocks are left matters more
		}
		return job, err
	}
	return job, agreeing(step())
}

// prepare takes a job to where signatures are needed and writes what is to be signed.
func prepare(ctx context.Context, env *session.Session, schema string, id registrar.ID, o Options) error {
	job, err := advanceOnce(ctx, env, id)
	if err != nil {
		return err
	}
	return ExportDrafts(env, schema, job, o.PSBT)
}

// CarryOn advances a job as far as --wait and --timeout say.
func CarryOn(ctx context.Context, e *session.Session, id registrar.ID, o Options) (*registrar.Job, error) {
	waiting := ctx
	if o.Timeout > 0 {
		var cancel context.CancelFunc
		waiting, cancel = context.WithTimeout(ctx, o.Timeout)
		defer cancel()
	}
	job, err := advanceUntil(waiting, e, id, o)
	switch {
	case err == nil:
		return job, nil
	case ctx.Err() != nil:
		return nil, fault.New("interrupted", "interrupted").Because(ctx.Err()).Retry().
			Hint("nothing is lost; go on with the same command, or: blockstack job resume %s", id)
	case waiting.Err() == nil:
		return nil, err
	case job == nil: // the time was over before the job could be looked at with a node
		return readJob(ctx, e, id)
	}
	return job, nil
}

// agreeToJob asks whether to go on with a job of which nothing shows that it was begun by the user, and lets f go on. The same
// request, given again in this command, is an answer; --yes is none.
func agreeToJob(ctx context.Context, e *session.Session, no *registrar.NotAgreed, f func() error) error {
	j := no.Job
	if !slices.Contains(e.Asked, j.ID) {
		act := fmt.Sprintf("go on with job %s, %s, which nothing shows that you began", j.ID, describeIntention(e, &j.Request))
		if err := e.ConfirmDangerous(ctx, act, string(j.ID)); err != nil {
			f := *faults.Of(ctx, err)
			return f.Because(err).Detail("job_id", string(j.ID)).
				Hint("look at it: blockstack job show %s", j.ID).Hint("if you did not begin it, give it up: blockstack job cancel %s", j.ID)
		}
	}
	err := e.WithJobs(ctx, nil, func(r *registrar.Registrar) error { return r.Agree(ctx, j.ID) })
	if err != nil {
		return err
	}
	return f()
}

// asksFor notes that a job is for what this command asks for.
func asksFor(e *session.Session, j *registrar.Job, req *registrar.Request) {
	if j.Request.Kind == req.Kind { // the list that a name is in is more than the name
		e.Asked = append(e.Asked, j.ID)
	}
}

// describeIntention says what a request is for: what, of which name, and who gets it.
func describeIntention(e *session.Session, q *registrar.Request) string {
	text := string(q.Kind) + " " + q.Subject()
	for i, one := range q.Requests() {
		if q.Kind == registrar.KindSeries {
			text += fmt.Sprintf("%s %s %s", map[bool]string{true: ":", false: ","}[i == 0], one.Kind, one.Name)
		}
		if len(one.To) > 0 {
			text += " to " + session.AddressOf(e, one.To)
		} else if one.Kind == registrar.KindRegister {
			text += " for " + session.AddressOf(e, one.Owner)
		}
	}
	if q.Split != nil {
		for _, out := range q.Split.Outputs {
			text += fmt.Sprintf(", %s to %s", voice.BTC(out.Amount), session.AddressOf(e, out.Script))
		}
	}
	return text
}
