package jobrun

import (
	"context"

	"blockstack/commands/session"
	"blockstack/names"
	"blockstack/txbuilder/registrar"
)

// FindLaunch makes the job of a namespace that this wallet has revealed from what is on the chain; nil: it has not.
func FindLaunch(ctx context.Context, e *session.Session, id names.NamespaceID) (found *registrar.Job, err error) {
	rate, err := session.ChosenRate(ctx, e, "", defaultTarget)
	if err != nil {
		return nil, err
	}
	err = e.WithJobs(ctx, nil, func(r *registrar.Registrar) (err error) {
		found, err = r.RescueLaunch(ctx, id, registrar.Request{Rate: rate})
		return err
	})
	if err != nil || found == nil {
		return nil, err
	}
	e.Out.Note("the launch of namespace %s was found on the chain; nothing of it is paid again", id)
	if err := ServiceOf(e, false).UnlockToAgree(ctx, false); err != nil {
		return nil, err
	}
	return found, e.WithJobs(ctx, nil, func(r *registrar.Registrar) error { return r.Agree(ctx, found.ID) })
}
