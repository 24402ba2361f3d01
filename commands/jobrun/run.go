package jobrun

import (
	"context"
	"fmt"

	"blockstack/commands/session"
	"blockstack/txbuilder/registrar"
)

// Run turns a request into a job, with the user's consent, and carries it out as far as --wait says. The same
// request again finds the job that is running for it.
func Run(ctx context.Context, env *session.Session, schema string, req registrar.Request, o Options) error {
	if err := o.CheckPSBTFile(); err != nil {
		return err
	}
	req.External = o.PSBT != ""
	est, err := Plan(ctx, env, req)
	if err != nil {
		if w, werr := env.Wallet(ctx); werr == nil {
			return session.ExplainFunds(ctx, env, w, err)
		}
		return err
	}
	if est.Running != nil {
		env.Out.Note("job %s for %s is recorded already (%s)", est.Running.ID, est.Running.Request.Subject(), Words(est.Running.State))
		if o.DryRun {
			return Print(env, schema, est.Running)
		}
		if o.PSBT != "" {
			if !est.Running.Request.External {
				return fmt.Errorf("job %s: %w", est.Running.ID, registrar.ErrNotExternal)
			}
			return prepare(ctx, env, schema, est.Running.ID, o)
		}
		asksFor(env, est.Running, &req)
		return RunJob(ctx, env, schema, est.Running.ID, o)
	}
	if err := NeedsKeys(ctx, env, o); err != nil {
		return err
	}
	if est.Found != nil {
		return runFound(ctx, env, schema, est.Found, req, o)
	}
	if est.Doubt != nil && !o.DryRun {
		if req.Assured, err = SettleDoubt(ctx, env, est.Doubt, o); err != nil {
			return fmt.Errorf("%s: %s: %w", req.Subject(), req.Kind, err)
		}
		if est, err = Plan(ctx, env, req); err != nil {
			return err
		}
		if est.Found != nil {
			return runFound(ctx, env, schema, est.Found, req, o)
		}
	}
	if err := Caution(ctx, env, est); err != nil {
		return err
	}
	if o.DryRun {
		if err := PrintEstimate(env, schema, est); err != nil {
			return err
		}
		return DoubtOutcome(ctx, est.Doubt)
	}
	if err := Approve(ctx, env, est, o.FeeRate != ""); err != nil {
		return err
	}
	if err := ConfirmBurn(ctx, env, est); err != nil {
		return err
	}
	if !req.External {
		w, err := env.Wallet(ctx)
		if err != nil {
			return err
		}
		if err := env.Keys.Unlock(ctx, w); err != nil {
			return err
		}
	}
	var job *registrar.Job
	if err := env.WithJobs(ctx, ShowEvents(env), func(r *registrar.Registrar) (err error) {
		job, err = r.Start(ctx, req)
		return err
	}); err != nil {
		return err
	}
	if req.External {
		return prepare(ctx, env, schema, job.ID, o)
	}
	return RunJob(ctx, env, schema, job.ID, o)
}
