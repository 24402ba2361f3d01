package registrar

import (
	"context"

	"blockstack/txbuilder/registrar/job"
)

// publish puts the job's zone files where they can be found.
func (r *Registrar) publish(ctx context.Context, j *job.Job) (where []string, err error) {
	if j.Request.Kind != job.KindImport {
		return r.cfg.Publisher.Publish(ctx, j.Request.Name, j.Request.ZoneFile)
	}
	for _, n := range j.Request.Import.Names {
		if len(n.ZoneFile) == 0 {
			continue
		}
		at, err := r.cfg.Publisher.Publish(ctx, n.Name, n.ZoneFile)
		if err != nil {
			return nil, err
		}
		where = append(where, at...)
	}
	return where, nil
}

// Release lets a launch that is held for imports go on to the opening.
func (r *Registrar) Release(ctx context.Context, id job.ID) (*job.Job, error) {
	j, err := r.cfg.Journal.Job(ctx, id)
	if err != nil || !j.Request.Hold {
		return j, err
	}
	return r.book.Change(ctx, j, j.State, func(n *job.Job) error {
		n.Request.Hold = false
		return nil
	})
}
