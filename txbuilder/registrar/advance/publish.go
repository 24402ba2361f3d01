package advance

import (
	"context"

	"blockstack/txbuilder/registrar/job"
)

// publish puts the job's zone files where they can be found.
func (r *Engine) publish(ctx context.Context, j *job.Job) (where []string, err error) {
	if j.Request.Kind != job.KindImport {
		return r.Publisher.Publish(ctx, j.Request.Name, j.Request.ZoneFile)
	}
	for _, n := range j.Request.Import.Names {
		if len(n.ZoneFile) == 0 {
			continue
		}
		at, err := r.Publisher.Publish(ctx, n.Name, n.ZoneFile)
		if err != nil {
			return nil, err
		}
		where = append(where, at...)
	}
	return where, nil
}
