package registrar

import (
	"context"

	"blockstack/txbuilder/registrar/job"
)

// Agree notes that the user has agreed to what a job is for, whoever wrote it into the journal.
func (r *Registrar) Agree(ctx context.Context, id job.ID) error {
	j, err := r.cfg.Journal.Job(ctx, id)
	if err != nil {
		return err
	}
	return r.book.KeepAgreed(ctx, j)
}
