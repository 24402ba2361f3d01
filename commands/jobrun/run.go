package jobrun

import (
	"context"

	"blockstack/commands/faults"
	"blockstack/commands/session"
	"blockstack/txbuilder/registrar"
	"blockstack/txbuilder/registrar/conduct"
)

// Run turns a request into a job, with the user's consent, advances it as far as --wait says, and
// prints it. The same request again finds the job that is running for it. With --psbt it prints
// what is to be signed.
func Run(ctx context.Context, env *session.Session, schema string, req registrar.Request, o Options) error {
	if err := o.CheckPSBTFile(); err != nil {
		return err
	}
	req.External = o.PSBT != ""
	terms := o.terms(env)
	terms.Once = req.External
	out, err := ServiceOf(env, o.NoMine).Do(ctx, req, terms)
	if err != nil {
		return err
	}
	switch {
	case out.What == conduct.Planned:
		if err := PrintEstimate(env, schema, out.Plan); err != nil {
			return err
		}
		return DoubtOutcome(ctx, out.Plan.Doubt)
	case out.What == conduct.Found:
		return Print(env, schema, out.Found.Job)
	case out.What == conduct.Running:
		return Print(env, schema, out.Job)
	case req.External:
		return ExportDrafts(env, schema, out.Job, o.PSBT)
	}
	if err := Print(env, schema, out.Job); err != nil {
		return err
	}
	return Outcome(out.Job)
}

// Do is Run without printing the job.
func Do(ctx context.Context, e *session.Session, req registrar.Request, o Options) (*registrar.Job, error) {
	if err := o.CheckPSBTFile(); err != nil {
		return nil, err
	}
	req.External = o.PSBT != ""
	out, err := ServiceOf(e, o.NoMine).Do(ctx, req, o.terms(e))
	return out.Job, err
}

// RunJob advances a job as far as --wait says and prints it. A job that is not finished is printed
// too, with exit code 3.
func RunJob(ctx context.Context, env *session.Session, schema string, id registrar.ID, o Options) error {
	job, err := Follow(ctx, env, id, o)
	if err != nil {
		return err
	}
	if err := Print(env, schema, job); err != nil {
		return err
	}
	return Outcome(job)
}

// Follow advances a job as far as --wait and --timeout say.
func Follow(ctx context.Context, e *session.Session, id registrar.ID, o Options) (*registrar.Job, error) {
	out, err := ServiceOf(e, o.NoMine).Follow(ctx, id, o.terms(e))
	return out.Job, err
}

// GoOnWith makes the job of a preorder that was found, with the user's consent.
func GoOnWith(ctx context.Context, e *session.Session, p *registrar.Pending, req registrar.Request, o Options) (*registrar.Job, error) {
	return ServiceOf(e, o.NoMine).GoOnWith(ctx, p, req, o.terms(e))
}

// SettleDoubt goes on where a plan says that nothing is started yet. assured is what the request is
// to say.
func SettleDoubt(ctx context.Context, e *session.Session, d *registrar.InDoubt, o Options) (assured int32, err error) {
	return ServiceOf(e, o.NoMine).Settle(ctx, d, o.terms(e))
}

// DoubtOutcome ends a dry run as the run would end.
func DoubtOutcome(ctx context.Context, d *registrar.InDoubt) error {
	if d == nil {
		return nil
	}
	return faults.Of(ctx, d).Keep()
}
