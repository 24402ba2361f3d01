package record

import (
	"context"

	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
)

// Change alters a copy of a job, saves it, and only then gives it out.
func (r *Book) Change(ctx context.Context, j *job.Job, to job.State, alter func(*job.Job) error) (*job.Job, error) {
	next, err := job.Clone(j)
	if err != nil {
		return nil, err
	}
	if err := alter(next); err != nil {
		return nil, err
	}
	if next.State == j.State {
		next.State = to
	}
	to, next.Updated = next.State, r.Clock.Now().UTC()
	if to == job.PreorderSigned || to == job.RegisterSigned || to == job.UpdateSigned {
		next.Reason = ""
	}
	if err := r.Journal.Save(ctx, next); err != nil {
		return nil, err
	}
	if to != j.State {
		r.Tell(Event{Job: j.ID, What: EventState, State: to, Text: next.Reason})
	}
	return next, nil
}

// Book is where changes of jobs are written down and told.
type Book struct {
	Journal ports.Journal
	// Notary marks what was agreed to. Nil: all intentions of the journal count.
	Notary ports.Notary
	Clock  ports.Clock
	// Notify is told what happens, for showing. Nil: nobody.
	Notify func(Event)
}

// Tell tells the listener.
func (r *Book) Tell(e Event) {
	if r.Notify != nil {
		r.Notify(e)
	}
}

// Supersede ends the job whose place another one has taken, or what a list has of the name. Its
// transaction, should it have been sent, spends the same coin as the renewal, so that only one of
// them can confirm; that of a list was not sent.
func (r *Book) Supersede(ctx context.Context, j *job.Job) error {
	if j.Supersedes == "" {
		return nil
	}
	o, err := r.Journal.Job(ctx, j.Supersedes)
	if err != nil || !o.Open() {
		return err
	}
	reason := "the name's term was over, so it could change nothing; the renewal " + string(j.ID) + " took its place"
	if o.Request.Kind == job.KindSeries {
		_, err = r.Change(ctx, o, o.State, func(n *job.Job) error {
			for i := range n.Items {
				if p := &n.Items[i]; n.Request.Series.Items[i].Name == j.Request.Name && !p.State.Final() {
					p.State, p.Dropped, p.Reason = job.Rejected, job.Rejected, reason
				}
			}
			return nil
		})
		return err
	}
	_, err = r.Change(ctx, o, job.Rejected, func(n *job.Job) error {
		n.Reason = reason
		return nil
	})
	return err
}
