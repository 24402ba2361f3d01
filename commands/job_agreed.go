package commands

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"blockstack/commands/faults"
	"blockstack/commands/prompt"
	"blockstack/commands/voice"
	"blockstack/txbuilder/registrar"
)

// agreeToJob asks whether to go on with a job of which nothing shows that it was begun by the user, and lets f go on. The same
// request, given again in this command, is an answer; --yes is none.
func (e *Env) agreeToJob(ctx context.Context, no *registrar.NotAgreed, f func() error) error {
	j := no.Job
	if !slices.Contains(e.asked, j.ID) {
		act := fmt.Sprintf("go on with job %s, %s, which nothing shows that you began", j.ID, e.describeIntention(&j.Request))
		if err := e.ConfirmDangerous(ctx, act, string(j.ID)); err != nil {
			f := *faults.Of(ctx, err)
			return f.Because(err).Detail("job_id", string(j.ID)).
				Hint("look at it: blockstack job show %s", j.ID).Hint("if you did not begin it, give it up: blockstack job cancel %s", j.ID)
		}
	}
	err := e.withJobs(ctx, nil, func(r *registrar.Registrar) error { return r.Agree(ctx, j.ID) })
	if err != nil {
		return err
	}
	return f()
}

// unlockToAgree unlocks the wallet for a job that is about to be recorded and may have nothing to sign yet: only the keys mark it as
// agreed to, and without a mark no later command signs for it. Where no password can be had it is left for later.
func (e *Env) unlockToAgree(ctx context.Context, external bool) error {
	w, err := e.Wallet(ctx)
	if err != nil || external || w.WatchOnly() {
		return err
	}
	if err := e.Unlock(ctx, w); err != nil && !errors.Is(err, prompt.ErrNobody) {
		return err
	}
	return nil
}

// asks notes that a job is for what this command asks for.
func (e *Env) asks(j *registrar.Job, req *registrar.Request) {
	if j.Request.Kind == req.Kind { // the list that a name is in is more than the name
		e.asked = append(e.asked, j.ID)
	}
}

// describeIntention says what a request is for: what, of which name, and who gets it.
func (e *Env) describeIntention(q *registrar.Request) string {
	text := string(q.Kind) + " " + q.Subject()
	for i, one := range q.Requests() {
		if q.Kind == registrar.KindSeries {
			text += fmt.Sprintf("%s %s %s", map[bool]string{true: ":", false: ","}[i == 0], one.Kind, one.Name)
		}
		if len(one.To) > 0 {
			text += " to " + e.addressOf(one.To)
		} else if one.Kind == registrar.KindRegister {
			text += " for " + e.addressOf(one.Owner)
		}
	}
	if q.Split != nil {
		for _, out := range q.Split.Outputs {
			text += fmt.Sprintf(", %s to %s", voice.BTC(out.Amount), e.addressOf(out.Script))
		}
	}
	return text
}
