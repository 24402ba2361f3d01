package commands

import (
	"context"
	"errors"
	"fmt"

	"blockstack/commands/fault"
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

// preorderOursHints says how to go on with a preorder of ours that stands in the way.
func preorderOursHints(e *registrar.PreorderOurs, f *fault.Fault) {
	switch {
	case e.Unsigned:
		f.Hint("give up the job, which has signed nothing: blockstack job cancel %s", e.Job).
			Hint("then go on with the preorder: blockstack job rescue %s", e.What).
			Hint("or, for all names of a list at once, give the same list again: blockstack name apply -f FILE")
	case e.Job != "":
		f.Hint("its job: blockstack job resume %s", e.Job)
	case e.Namespace:
		f.Hint("go on with it, with the file of its rules: blockstack job rescue --namespace SPEC")
	default:
		f.Hint("go on with it: blockstack job rescue %s", e.What)
	}
	f.Hint("or bring its job in from a copy of the journal: blockstack job import DIR")
	f.Detail("txid", e.Txid.String()).Detail("owner_address", e.Address)
	if e.Height > 0 {
		f.Detail("height", e.Height)
	}
	if e.Until > 0 {
		f.Detail("until_height", e.Until)
	}
}

// whereIs says in which block a preorder is.
func whereIs(p *registrar.Pending) string {
	if p.Height == 0 {
		return "in no block yet"
	}
	return fmt.Sprintf("in block %d", p.Height)
}

// renewalOursHints says how to go on when a renewal was sent that no job follows as it is asked for.
func renewalOursHints(e *registrar.RenewalOurs, f *fault.Fault) {
	if e.Job != "" {
		f.Hint("its job: blockstack job show %s", e.Job)
	}
	f.Hint("look at the name when that is in a block: blockstack name show %s", e.Name)
	f.Detail("txid", e.Txid.String()).Detail("name", e.Name.String())
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
