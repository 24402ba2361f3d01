package registrar

import (
	"context"

	"blockstack/txbuilder/registrar/job"
)

// standsInTheWay finds another open job about the same name or namespace.
func (r *Registrar) standsInTheWay(ctx context.Context, theirs *job.Job, s job.Beside) error {
	jobs, err := r.cfg.Journal.Jobs(ctx)
	if err != nil {
		return err
	}
	for _, o := range jobs {
		if !job.InTheWay(o, theirs) || s.Together(o, theirs) {
			continue
		}
		what := o.Request.Differs(&theirs.Request)
		if what == "" {
			what = "attempt"
		}
		return &job.Conflict{ID: o.ID, What: what}
	}
	return nil
}
