package jobrun

import (
	"context"

	"blockstack/commands/session"
	"blockstack/names"
	"blockstack/txbuilder/registrar"
)

// FindLaunch makes the job of a namespace that this wallet has revealed from what is on the chain;
// nil: it has not.
func FindLaunch(ctx context.Context, e *session.Session, id names.NamespaceID) (*registrar.Job, error) {
	rate, err := session.ChosenRate(ctx, e, "", defaultTarget)
	if err != nil {
		return nil, err
	}
	return ServiceOf(e, false).FindLaunch(ctx, id, rate)
}
