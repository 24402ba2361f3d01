package jobrun

import (
	"context"
	"errors"
	"fmt"

	"blockstack/commands/session"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet/scripts"
)

// NameOwner says in an error about a preorder of ours whom of ours it was for.
func NameOwner(ctx context.Context, e *session.Session, err error) error {
	var ours *registrar.PreorderOurs
	if !errors.As(err, &ours) {
		return err
	}
	w, werr := e.Wallet(ctx)
	if werr != nil {
		return err
	}
	a, known, werr := w.ScriptAddress(ctx, ours.Owner)
	if werr != nil || !known {
		return err
	}
	switch a.Role {
	case scripts.Owner:
		ours.For = fmt.Sprintf("identity %d (%s)", a.Index, ours.Address)
	case scripts.Shared:
		ours.For = "the owner of several keys " + ours.Address
	default:
		ours.For = fmt.Sprintf("the %s key %s", a.Role, ours.Address)
	}
	return ours // the text around it was made before
}

// whereIs says in which block a preorder is.
func whereIs(p *registrar.Pending) string {
	if p.Height == 0 {
		return "in no block yet"
	}
	return fmt.Sprintf("in block %d", p.Height)
}

// noteFound says that nothing is paid again.
func noteFound(e *session.Session, p *registrar.Pending) {
	if p.Job.Request.Kind == registrar.KindRenew {
		e.Out.Note("a renewal of %s was sent already, with transaction %s, %s; its price is not paid again", p.Job.Request.Subject(), p.Txid, whereIs(p))
		return
	}
	e.Out.Note("%s was preordered already, with transaction %s, %s; its price is not paid again", p.Job.Request.Subject(), p.Txid, whereIs(p))
}

// GoOnWith makes the job of a preorder that was found, with the user's consent.
func GoOnWith(ctx context.Context, e *session.Session, p *registrar.Pending, req registrar.Request, o Options) (job *registrar.Job, err error) {
	noteFound(e, p)
	if p.Job.Request.Kind != registrar.KindRenew { // nothing follows a renewal
		if err := AgreeToFollow(ctx, e, o.FeeRate != "", []*registrar.Job{p.Job}); err != nil {
			return nil, err
		}
	}
	if p.Job.Request.Kind != registrar.KindRenew || p.Height == 0 { // a renewal in a block is paid for
		if err := e.Confirm(ctx, "Go on with it; only fees are still to be paid"); err != nil {
			return nil, err
		}
	}
	if err := UnlockToAgree(ctx, e, req.External); err != nil {
		return nil, err
	}
	err = e.WithJobs(ctx, ShowEvents(e), func(r *registrar.Registrar) (err error) {
		job, err = r.Start(ctx, req)
		return err
	})
	return job, err
}

// runFound goes on with a preorder that was sent already, as Run does with a request.
func runFound(ctx context.Context, env *session.Session, schema string, p *registrar.Pending, req registrar.Request, o Options) error {
	if o.DryRun {
		noteFound(env, p)
		return Print(env, schema, p.Job)
	}
	job, err := GoOnWith(ctx, env, p, req, o)
	if err != nil {
		return err
	}
	if !req.External {
		return RunJob(ctx, env, schema, job.ID, o)
	}
	if job, err = advanceOnce(ctx, env, job.ID); err != nil {
		return err
	}
	if len(job.Drafts()) > 0 {
		return ExportDrafts(env, schema, job, o.PSBT)
	}
	if err := Print(env, schema, job); err != nil { // it waits for a block before anything is to be signed
		return err
	}
	return Outcome(job)
}

// AgreeToFollow is AgreeToFee for jobs that were found again: what follows their preorders is still to be paid for.
func AgreeToFollow(ctx context.Context, env *session.Session, rateGiven bool, jobs []*registrar.Job) error {
	var ops []txbuilder.Cost
	if err := env.WithJobs(ctx, nil, func(r *registrar.Registrar) error {
		for _, j := range jobs {
			c, err := registrar.Following(ctx, r, j)
			if err != nil {
				return fmt.Errorf("%s: what is still to be paid: %w", j.Request.Subject(), err)
			}
			ops = append(ops, c)
		}
		return nil
	}); err != nil {
		return err
	}
	return session.AgreeToFee(ctx, env, rateGiven, ops...)
}
