package registrar

import (
	"context"

	"blockstack/names"
	"blockstack/txbuilder/registrar/estimate"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/own"
	"blockstack/txbuilder/registrar/rescue"
)

// Plan makes all checks and says what a request would do. It writes nothing and signs nothing.
func (r *Registrar) Plan(ctx context.Context, req job.Request) (*estimate.Estimate, error) {
	return r.plans.Plan(ctx, req)
}

// PlanBatch makes all checks and says what a batch would do and cost. It writes nothing and signs nothing.
func (r *Registrar) PlanBatch(ctx context.Context, req estimate.BatchRequest) (*estimate.Batch, error) {
	return r.plans.PlanBatch(ctx, req)
}

// Import brings jobs of another journal of the same seed into this one. Nothing is signed.
func (r *Registrar) Import(ctx context.Context, jobs []*job.Job) ([]rescue.Imported, error) {
	return r.finds.Import(ctx, jobs)
}

// Rescue finds the preorders that our scripts have sent and nothing has used up, and makes a job that goes on with each that fits
// what is remembered. Nothing is signed; with dry nothing is written either.
func (r *Registrar) Rescue(ctx context.Context, req rescue.RescueRequest, dry bool) ([]*own.Pending, error) {
	return r.finds.Rescue(ctx, req, dry)
}

// RescueLaunch makes the job of a namespace that a key of this wallet has revealed and that no job follows. Nil: there is no such
// namespace, or its revealer is not ours.
func (r *Registrar) RescueLaunch(ctx context.Context, id names.NamespaceID, template job.Request) (*job.Job, error) {
	return r.finds.RescueLaunch(ctx, id, template)
}

// Superseded says whether a renewal of a name may take the place of an open job that can change nothing for it any more.
func (r *Registrar) Superseded(ctx context.Context, j *job.Job, n names.Name) (bool, error) {
	return r.match.Superseded(ctx, j, n)
}
