package jobrun

import (
	"context"
	"fmt"
	"slices"

	"blockstack/commands/faults"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/names"
	"blockstack/txbuilder/registrar"
	"blockstack/txbuilder/registrar/conduct"
)

// asker asks the user on the terminal.
type asker struct{ e *session.Session }

// Ask asks a question of a request.
func (a asker) Ask(ctx context.Context, q conduct.Question) error {
	switch e := a.e; q.Act {
	case conduct.OddFee:
		return session.AgreeToOddFee(ctx, e, q.Odd)
	case conduct.Revoke:
		return e.ConfirmDangerous(ctx, "revoke "+q.Plan.Request.Name.String()+" for good", q.Plan.Request.Name.String())
	case conduct.Refusable:
		return e.ConfirmDangerous(ctx, "spend bitcoin on "+q.Plan.Request.Subject()+", which others are likely to refuse", q.Plan.Request.Subject())
	case conduct.Unhonoured:
		return e.ConfirmDangerous(ctx, "spend bitcoin on "+q.Plan.Request.Subject()+", which others may not honour", q.Plan.Request.Subject())
	case conduct.GoOn:
		return e.Confirm(ctx, "Go on with it; only fees are still to be paid")
	case conduct.GoOnAll:
		return e.Confirm(ctx, fmt.Sprintf("Go on with %s; only fees are still to be paid", voice.Count(len(q.Jobs), "preorder")))
	case conduct.Acknowledge:
		return acknowledge(ctx, e, q.Job)
	case conduct.Start:
		return e.Confirm(ctx, "Go on")
	}
	panic(fmt.Sprintf("bug: no question is known for act %d", q.Act)) // --yes must not answer it
}

// Sure reports whether --confirm says that no preorder of what was sent.
func (a asker) Sure(what string) bool { return slices.Contains(a.e.Said.Confirm, what) }

// acknowledge asks whether to go on with a job of which nothing shows that it was begun by the
// user. --yes is no answer.
func acknowledge(ctx context.Context, e *session.Session, j *registrar.Job) error {
	act := fmt.Sprintf("go on with job %s, %s, which nothing shows that you began", j.ID, describeIntention(e, &j.Request))
	err := e.ConfirmDangerous(ctx, act, string(j.ID))
	if err == nil {
		return nil
	}
	f := *faults.Of(ctx, err)
	return f.Because(err).Detail("job_id", string(j.ID)).
		Hint("look at it: blockstack job show %s", j.ID).Hint("if you did not begin it, give it up: blockstack job cancel %s", j.ID)
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

// teller tells what becomes of a request, on standard error.
type teller struct{ e *session.Session }

// Running says that a job is recorded already.
func (t teller) Running(j *registrar.Job) {
	t.e.Out.Note("job %s for %s is recorded already (%s)", j.ID, j.Request.Subject(), Words(j.State))
}

// Found says that nothing is paid again.
func (t teller) Found(p *registrar.Pending) {
	what := "%s was preordered already, with transaction %s, %s; its price is not paid again"
	if p.Job.Request.Kind == registrar.KindRenew {
		what = "a renewal of %s was sent already, with transaction %s, %s; its price is not paid again"
	}
	t.e.Out.Note(what, p.Job.Request.Subject(), p.Txid, whereIs(p))
}

// Launched says that nothing of a launch is paid again.
func (t teller) Launched(id names.NamespaceID) {
	t.e.Out.Note("the launch of namespace %s was found on the chain; nothing of it is paid again", id)
}

// Plan shows a plan. --quiet hides it only where --yes has answered.
func (t teller) Plan(est *registrar.Estimate) {
	if t.e.Said.Yes && t.e.Out.Quiet() {
		return
	}
	for _, line := range EstimateLines(est) {
		t.e.Out.Show("plan", line)
	}
}

// Settled says that blocks were waited for before a preorder.
func (t teller) Settled(d *registrar.InDoubt) {
	t.e.Out.Note("%s; %s was waited for before a preorder", d.Why.Text(), voice.Count(int(d.Blocks), "block"))
}

// Waiting says what a job waits for.
func (t teller) Waiting(j *registrar.Job) {
	if j.Wait != nil && j.Wait.For != "" {
		t.e.Out.Detail("waiting for %s", j.Wait.For)
	}
}
