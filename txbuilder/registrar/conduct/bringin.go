package conduct

import (
	"context"
	"slices"

	"blockstack/txbuilder/registrar"
)

// Importer brings jobs of copies into a journal.
type Importer interface {
	Import(ctx context.Context, jobs []*registrar.Job) ([]registrar.Imported, error)
	AdvanceAll(ctx context.Context) ([]*registrar.Job, error)
	// CaughtUp ends the doubt about the last days, as far as what was brought in tells.
	CaughtUp(list []registrar.Imported) error
}

// BringIn brings jobs in, and gives the last outcome of each that changed something. An old copy
// may show a job as open that has long ended, and that stands in the way of a later one about the
// same name; looked at with the chain, it ends, and the later one follows.
func BringIn(ctx context.Context, r Importer, jobs []*registrar.Job) ([]registrar.Imported, error) {
	list, err := r.Import(ctx, jobs)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(list, func(in registrar.Imported) bool { return in.What == registrar.ImportBarred }) {
		if _, err := r.AdvanceAll(ctx); ctx.Err() != nil {
			return nil, err
		}
		again, err := r.Import(ctx, jobs)
		if err != nil {
			return nil, err
		}
		list = append(list, again...)
	}
	return LastOutcomes(list), r.CaughtUp(list)
}

// LastOutcomes keeps of the copies of one job the last outcome that changed something.
func LastOutcomes(list []registrar.Imported) (out []registrar.Imported) {
	for _, in := range list {
		i := slices.IndexFunc(out, func(o registrar.Imported) bool { return o.Job.ID == in.Job.ID })
		switch {
		case i < 0:
			out = append(out, in)
		case in.What == registrar.ImportKnown:
		case in.What == registrar.ImportMerged && out[i].What == registrar.ImportNew:
			out[i].Job = in.Job
		default:
			out[i] = in
		}
	}
	return out
}
