package record

import (
	"bytes"
	"context"
	"fmt"

	"blockstack/txbuilder/registrar/job"
)

// A journal is a file that other programs may write. Bytes that are signed cannot be changed, but
// what a job is for can be, and so can a job be made up that has signed nothing yet. So an
// intention gets a mark by the seed when the user has agreed to it, and nothing is signed for an
// intention without one. Stored bytes are sent, and coins are returned to where they came from, all
// the same.

// NotAgreed says that nothing shows that what a job is for was agreed to with this seed. Nothing
// new is signed for it.
type NotAgreed struct{ Job *job.Job }

// Error says what the job is for.
func (e *NotAgreed) Error() string {
	return fmt.Sprintf("nothing shows that job %s (%s %s) was agreed to in this home: its journal is of an older version, or another program has written there; nothing new was signed",
		e.Job.ID, e.Job.Request.Kind, e.Job.Request.Subject())
}

// Code is for programs.
func (e *NotAgreed) Code() string { return "needs_input" }

// Agree marks a job that the user has agreed to.
func (r *Book) Agree(ctx context.Context, j *job.Job) error {
	if r.Notary == nil {
		return nil
	}
	text, err := j.Intention()
	if err != nil {
		return err
	}
	mark, err := r.Notary.Agree(ctx, text)
	if err != nil {
		return fmt.Errorf("mark job %s: %w", j.ID, err)
	}
	if mark != nil {
		j.Mark = mark
	}
	return nil
}

// KeepAgreed is agree for a job that is in the journal.
func (r *Book) KeepAgreed(ctx context.Context, j *job.Job) error {
	had := j.Mark
	if err := r.Agree(ctx, j); err != nil || bytes.Equal(had, j.Mark) {
		return err
	}
	return r.Journal.Save(ctx, j)
}

// Agreed makes sure that the user has agreed to what a job is for, before something new is signed.
// *NotAgreed.
func (r *Book) Agreed(ctx context.Context, j *job.Job) error {
	if r.Notary == nil || j.Request.External {
		return nil
	}
	text, err := j.Intention()
	if err != nil {
		return err
	}
	switch ok, err := r.Notary.Agreed(ctx, text, j.Mark); {
	case err != nil:
		return fmt.Errorf("mark of job %s: %w", j.ID, err)
	case !ok:
		return &NotAgreed{Job: j}
	}
	return r.Agree(ctx, j) // the keys are at hand now
}
