package registrar

import (
	"context"
	"slices"

	"github.com/btcsuite/btcd/psbt/v2"

	"blockstack/names"
	"blockstack/txbuilder/registrar/estimate"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/own"
	"blockstack/txbuilder/registrar/rescue"
	"blockstack/txbuilder/registrar/reserve"
)

// Plan makes all checks and says what a request would do. It writes nothing and signs nothing.
func (r *Registrar) Plan(ctx context.Context, req job.Request) (*estimate.Estimate, error) {
	return r.plans.Plan(ctx, req)
}

// PlanBatch makes all checks and says what a batch would do and cost. It writes nothing and signs
// nothing.
func (r *Registrar) PlanBatch(ctx context.Context, req estimate.BatchRequest) (*estimate.Batch, error) {
	return r.plans.PlanBatch(ctx, req)
}

// Import brings jobs of another journal of the same seed into this one. Nothing is signed.
func (r *Registrar) Import(ctx context.Context, jobs []*job.Job) ([]rescue.Imported, error) {
	return r.finds.Import(ctx, jobs)
}

// Rescue finds the preorders that our scripts have sent and nothing has used up, and makes a job
// that goes on with each that fits what is remembered. Nothing is signed; with dry nothing is
// written either.
func (r *Registrar) Rescue(ctx context.Context, req rescue.RescueRequest, dry bool) ([]*own.Pending, error) {
	return r.finds.Rescue(ctx, req, dry)
}

// RescueLaunch makes the job of a namespace that a key of this wallet has revealed and that no job
// follows. Nil: there is no such namespace, or its revealer is not ours.
func (r *Registrar) RescueLaunch(ctx context.Context, id names.NamespaceID, template job.Request) (*job.Job, error) {
	return r.finds.RescueLaunch(ctx, id, template)
}

// Superseded says whether a renewal of a name may take the place of an open job that can change
// nothing for it any more.
func (r *Registrar) Superseded(ctx context.Context, j *job.Job, n names.Name) (bool, error) {
	return r.match.Superseded(ctx, j, n)
}

// Advance performs the job's next actions, one after the other, as far as the chain allows. The job
// it returns says in Wait what it stands still for; an error leaves the job as it is on disk, to be
// continued by the next call.
func (r *Registrar) Advance(ctx context.Context, id job.ID) (*job.Job, error) {
	return r.engine.Advance(ctx, id)
}

// AdvanceAll advances every open job, oldest first, and looks again at those that ended lately,
// since a reorg may have undone that. It goes on after an error of one job and returns all errors
// joined.
func (r *Registrar) AdvanceAll(ctx context.Context) ([]*job.Job, error) {
	return r.engine.AdvanceAll(ctx)
}

// AdvanceEach is AdvanceAll for one who wants to hear of each job as it was left, with its error.
// An error of visit ends it.
func (r *Registrar) AdvanceEach(ctx context.Context, visit func(j *job.Job, err error) error) error {
	return r.engine.AdvanceEach(ctx, visit)
}

// Accept takes a signed packet back into the job that drafted it: exactly the transaction that was
// planned, and only while it counts.
func (r *Registrar) Accept(ctx context.Context, signed *psbt.Packet) (*job.Job, error) {
	return r.engine.Accept(ctx, signed)
}

// Cancel gives a job up as long as nothing is lost by it; later the error is ErrNotCancellable.
func (r *Registrar) Cancel(ctx context.Context, id job.ID) (*job.Job, error) {
	return r.engine.Cancel(ctx, id)
}

// Release lets a launch that is held for imports go on to the opening.
func (r *Registrar) Release(ctx context.Context, id job.ID) (*job.Job, error) {
	return r.engine.Release(ctx, id)
}

// Agree notes that the user has agreed to what a job is for, whoever wrote it into the journal.
func (r *Registrar) Agree(ctx context.Context, id job.ID) error {
	j, err := r.cfg.Journal.Job(ctx, id)
	if err != nil {
		return err
	}
	return r.book.KeepAgreed(ctx, j)
}

// CaughtUp ends the doubt about this home's last days when jobs were brought in that this journal
// did not know, or not so far: the copy is newer than the journal was.
func (r *Registrar) CaughtUp(list []rescue.Imported) error {
	if r.cfg.LastDays == nil || !slices.ContainsFunc(list, func(in rescue.Imported) bool { return in.What == job.ImportNew || in.What == job.ImportMerged }) {
		return nil
	}
	return r.cfg.LastDays.Settle()
}

// Reserved is the function Reserved, with the registrar's chain and index to say how deep a
// transaction is.
func (r *Registrar) Reserved(ctx context.Context) (reserve.Reservations, error) {
	return r.search.Reserved(ctx)
}
