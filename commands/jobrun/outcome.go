package jobrun

import (
	"errors"

	"blockstack/commands/fault"
	"blockstack/commands/session"
	"blockstack/txbuilder/registrar"
	"blockstack/txbuilder/registrar/conduct"
)

var (
	// errUnfinished is behind the outcome of a job that waits.
	errUnfinished = errors.New("the job is not finished")
	// errCancelled is behind the outcome of a job that was cancelled.
	errCancelled = errors.New("the job was cancelled")
)

// Outcome is nil for a job that is done, and otherwise the fault that goes with its result.
func Outcome(job *registrar.Job) error {
	standing := conduct.StandingOf(job)
	switch standing {
	case conduct.Done:
		return nil
	case conduct.Cancelled:
		return fault.New("declined", "job %s was cancelled", job.ID).Because(errCancelled).Keep()
	case conduct.Rejected:
		return fault.New("job_rejected", "job %s ended %s: %s", job.ID, Words(job.State), job.Reason).Keep()
	}
	f := fault.New("pending", "job %s is not finished", job.ID).Because(errUnfinished).Retry().Keep().Detail("job_id", string(job.ID))
	if job.Wait != nil {
		f.Message += ": waiting for " + job.Wait.For
		if job.Wait.Blocks > 0 {
			f.Detail("blocks", job.Wait.Blocks)
		}
		if job.Wait.Deadline > 0 {
			f.Detail("deadline_height", job.Wait.Deadline)
		}
		if standing == conduct.Held {
			return f.Hint("import names: blockstack namespace import %s FILE", job.Request.Subject()).
				Hint("open it: blockstack namespace ready %s", job.Request.Subject())
		}
		if standing == conduct.Signatures {
			return f.Hint("write what is to be signed: blockstack job show %s --psbt FILE", job.ID).
				Hint("hand it back when it is signed: blockstack job resume %s --psbt FILE", job.ID)
		}
	}
	return f.Hint("go on with the same command, or: blockstack job resume %s", job.ID)
}

// ShowEvents tells what a job does while it does it.
func ShowEvents(env *session.Session) func(registrar.Event) {
	return func(ev registrar.Event) {
		switch ev.What {
		case registrar.EventSigned:
			env.Out.Detail("signed and recorded: %s %s", ev.Text, ev.Txid)
		case registrar.EventDrafted:
			env.Out.Detail("waits for signatures: %s %s", ev.Text, ev.Txid)
		case registrar.EventBroadcast:
			env.Out.Note("sent: %s %s", ev.Text, ev.Txid)
		case registrar.EventState:
			env.Out.Note("now: %s", Words(ev.State))
		case registrar.EventPublished:
			env.Out.Note("published: %s", ev.Text)
		}
	}
}
