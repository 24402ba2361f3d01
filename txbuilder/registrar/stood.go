package registrar

import "context"

// standsInTheWay finds another open job about the same name or namespace.
func (r *Registrar) standsInTheWay(ctx context.Context, theirs *Job, s stood) error {
	jobs, err := r.cfg.Journal.Jobs(ctx)
	if err != nil {
		return err
	}
	for _, o := range jobs {
		if !inTheWay(o, theirs) || s.together(o, theirs) {
			continue
		}
		what := o.Request.differs(&theirs.Request)
		if what == "" {
			what = "attempt"
		}
		return &Conflict{ID: o.ID, What: what}
	}
	return nil
}
