package jobrun

import (
	"context"
	"fmt"

	"blockstack/commands/session"
	"blockstack/txbuilder/registrar"
)

// Plan says what a request would do.
func Plan(ctx context.Context, e *session.Session, req registrar.Request) (est *registrar.Estimate, err error) {
	err = e.WithJobs(ctx, nil, func(r *registrar.Registrar) (err error) {
		est, err = r.Plan(ctx, req)
		return err
	})
	return est, NameOwner(ctx, e, err)
}

// CarryOut makes a request a job, with the user's consent, and advances it as far as --wait says, without printing it. The
// same request again finds the job that is running for it.
func CarryOut(ctx context.Context, e *session.Session, req registrar.Request, o Options) (*registrar.Job, error) {
	if err := o.CheckPSBTFile(); err != nil {
		return nil, err
	}
	req.External = o.PSBT != ""
	est, err := Plan(ctx, e, req)
	if err != nil {
		return nil, err
	}
	if est.Running != nil {
		e.Out.Note("job %s for %s is recorded already (%s)", est.Running.ID, est.Running.Request.Subject(), Words(est.Running.State))
		if req.External && !est.Running.Request.External {
			return nil, fmt.Errorf("job %s: %w", est.Running.ID, registrar.ErrNotExternal)
		}
		asksFor(e, est.Running, &req)
		return CarryOn(ctx, e, est.Running.ID, o)
	}
	if est.Found != nil {
		job, err := GoOnWith(ctx, e, est.Found, req, o)
		if err != nil {
			return nil, err
		}
		return CarryOn(ctx, e, job.ID, o)
	}
	if err := NeedsKeys(ctx, e, o); err != nil {
		return nil, err
	}
	if est.Doubt != nil {
		assured, err := SettleDoubt(ctx, e, est.Doubt, o)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", req.Subject(), req.Kind, err)
		}
		if req.Assured = assured; assured == 0 {
			return CarryOut(ctx, e, req, o) // a block later, when more may have come to light
		}
	}
	if err := Caution(ctx, e, est); err != nil {
		return nil, err
	}
	if err := Approve(ctx, e, est, o.FeeRate != ""); err != nil {
		return nil, err
	}
	if err := ConfirmBurn(ctx, e, est); err != nil {
		return nil, err
	}
	if !req.External {
		w, err := e.Wallet(ctx)
		if err != nil {
			return nil, err
		}
		if err := e.Keys.Unlock(ctx, w); err != nil {
			return nil, err
		}
	}
	var job *registrar.Job
	if err := e.WithJobs(ctx, ShowEvents(e), func(r *registrar.Registrar) (err error) {
		job, err = r.Start(ctx, req)
		return err
	}); err != nil {
		return nil, err
	}
	return CarryOn(ctx, e, job.ID, o)
}
