package commands

import (
	"context"
	"errors"
	"fmt"

	"blockstack/txbuilder/registrar"
	"blockstack/wallet/scripts"
)

// nameOwner says in an error about a preorder of ours whom of ours it was for.
func (e *Env) nameOwner(ctx context.Context, err error) error {
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
func (e *Env) noteFound(p *registrar.Pending) {
	if p.Job.Request.Kind == registrar.KindRenew {
		e.Out.Note("a renewal of %s was sent already, with transaction %s, %s; its price is not paid again", p.Job.Request.Subject(), p.Txid, whereIs(p))
		return
	}
	e.Out.Note("%s was preordered already, with transaction %s, %s; its price is not paid again", p.Job.Request.Subject(), p.Txid, whereIs(p))
}

// goOnWith makes the job of a preorder that was found, with the user's consent.
func (e *Env) goOnWith(ctx context.Context, p *registrar.Pending, req registrar.Request, o jobOptions) (job *registrar.Job, err error) {
	e.noteFound(p)
	if p.Job.Request.Kind != registrar.KindRenew { // nothing follows a renewal
		if err := agreeToFollow(ctx, e, o.FeeRate != "", []*registrar.Job{p.Job}); err != nil {
			return nil, err
		}
	}
	if p.Job.Request.Kind != registrar.KindRenew || p.Height == 0 { // a renewal in a block is paid for
		if err := e.Confirm(ctx, "Go on with it; only fees are still to be paid"); err != nil {
			return nil, err
		}
	}
	if err := e.unlockToAgree(ctx, req.External); err != nil {
		return nil, err
	}
	err = e.withJobs(ctx, showEvents(e), func(r *registrar.Registrar) (err error) {
		job, err = r.Start(ctx, req)
		return err
	})
	return job, err
}

// runFound goes on with a preorder that was sent already, as runRequest does with a request.
func runFound(ctx context.Context, env *Env, schema string, p *registrar.Pending, req registrar.Request, o jobOptions) error {
	if o.DryRun {
		env.noteFound(p)
		return printJob(env, schema, p.Job)
	}
	job, err := env.goOnWith(ctx, p, req, o)
	if err != nil {
		return err
	}
	if !req.External {
		return runJob(ctx, env, schema, job.ID, o)
	}
	if job, err = advanceOnce(ctx, env, job.ID); err != nil {
		return err
	}
	if len(job.Drafts()) > 0 {
		return exportDrafts(env, schema, job, o.PSBT)
	}
	if err := printJob(env, schema, job); err != nil { // it waits for a block before anything is to be signed
		return err
	}
	return jobOutcome(job)
}
