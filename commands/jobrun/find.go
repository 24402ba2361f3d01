package jobrun

import (
	"context"
	"slices"
	"strings"

	"blockstack/commands/fault"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/txbuilder/registrar"
)

// FindJob finds a job by its id, or by the name or namespace it is about.
func FindJob(ctx context.Context, e *session.Session, what string) (*registrar.Job, error) {
	jobs, err := e.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	var found *registrar.Job
	for _, j := range jobs {
		if string(j.ID) == what {
			return j, nil
		}
		if strings.EqualFold(j.Request.Subject(), what) || isAbout(j, what) {
			found = j // the latest one
		}
	}
	if found == nil {
		return nil, fault.New("not_found", "no job %s", voice.Clean(what)).Hint("list the jobs: blockstack job list --all")
	}
	return found, nil
}

// isAbout says whether a name is one of those of a job.
func isAbout(j *registrar.Job, what string) bool {
	return slices.ContainsFunc(j.Request.Requests(), func(q registrar.Request) bool { return strings.EqualFold(q.Name.String(), what) })
}
