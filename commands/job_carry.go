package commands

import (
	"context"
	"fmt"

	"blockstack/commands/fault"
	"blockstack/names"
	"blockstack/names/index"
	"blockstack/txbuilder/registrar"
)

// plan says what a request would do.
func (e *Env) plan(ctx context.Context, req registrar.Request) (est *registrar.Estimate, err error) {
	err = e.withJobs(ctx, nil, func(r *registrar.Registrar) (err error) {
		est, err = r.Plan(ctx, req)
		return err
	})
	return est, e.nameOwner(ctx, err)
}

// carryOut makes a request a job, with the user's consent, and advances it as far as --wait says, without printing it. The
// same request again finds the job that is running for it.
func (e *Env) carryOut(ctx context.Context, req registrar.Request, o jobOptions) (*registrar.Job, error) {
	if err := o.checkPSBTFile(); err != nil {
		return nil, err
	}
	req.External = o.PSBT != ""
	est, err := e.plan(ctx, req)
	if err != nil {
		return nil, err
	}
	if est.Running != nil {
		e.Out.Note("job %s for %s is recorded already (%s)", est.Running.ID, est.Running.Request.Subject(), words(est.Running.State))
		if req.External && !est.Running.Request.External {
			return nil, fmt.Errorf("job %s: %w", est.Running.ID, registrar.ErrNotExternal)
		}
		e.asks(est.Running, &req)
		return e.carryOn(ctx, est.Running.ID, o)
	}
	if est.Found != nil {
		job, err := e.goOnWith(ctx, est.Found, req, o)
		if err != nil {
			return nil, err
		}
		return e.carryOn(ctx, job.ID, o)
	}
	if err := e.needsKeys(ctx, o); err != nil {
		return nil, err
	}
	if est.Doubt != nil {
		assured, err := e.settleDoubt(ctx, est.Doubt, o)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", req.Subject(), req.Kind, err)
		}
		if req.Assured = assured; assured == 0 {
			return e.carryOut(ctx, req, o) // a block later, when more may have come to light
		}
	}
	if err := e.caution(ctx, est); err != nil {
		return nil, err
	}
	if err := approve(ctx, e, est, o.FeeRate != ""); err != nil {
		return nil, err
	}
	if err := e.confirmBurn(ctx, est); err != nil {
		return nil, err
	}
	if !req.External {
		w, err := e.Wallet(ctx)
		if err != nil {
			return nil, err
		}
		if err := e.Unlock(ctx, w); err != nil {
			return nil, err
		}
	}
	var job *registrar.Job
	if err := e.withJobs(ctx, showEvents(e), func(r *registrar.Registrar) (err error) {
		job, err = r.Start(ctx, req)
		return err
	}); err != nil {
		return nil, err
	}
	return e.carryOn(ctx, job.ID, o)
}

// carryOn advances a job as far as --wait and --timeout say.
func (e *Env) carryOn(ctx context.Context, id registrar.ID, o jobOptions) (*registrar.Job, error) {
	waiting := ctx
	if o.Timeout > 0 {
		var cancel context.CancelFunc
		waiting, cancel = context.WithTimeout(ctx, o.Timeout)
		defer cancel()
	}
	job, err := advanceUntil(waiting, e, id, o)
	switch {
	case err == nil:
		return job, nil
	case ctx.Err() != nil:
		return nil, fault.New("interrupted", "interrupted").Because(ctx.Err()).Retry().
			Hint("nothing is lost; go on with the same command, or: blockstack job resume %s", id)
	case waiting.Err() == nil:
		return nil, err
	case job == nil: // the time was over before the job could be looked at with a node
		return readJob(ctx, e, id)
	}
	return job, nil
}

// namespaceOf looks a namespace up.
func (e *Env) namespaceOf(ctx context.Context, id names.NamespaceID) (ns names.Namespace, err error) {
	err = e.WithIndex(ctx, func(x *index.Index) error {
		ns, err = x.Namespace(ctx, id)
		return err
	})
	return ns, err
}
