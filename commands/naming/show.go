package naming

import (
	"context"
	"errors"

	"github.com/urfave/cli/v2"

	"blockstack/commands/line"
	"blockstack/commands/record"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/names"
	"blockstack/names/index"
	"blockstack/txbuilder/registrar"
)

// ShowCommand is `name show`.
func ShowCommand() *cli.Command {
	return &cli.Command{
		Name:      "show",
		Usage:     "say who owns a name, from the index alone",
		ArgsUsage: "NAME",
		Description: "It never opens the keychain. A name that nobody has is no error; its status is available, pending while a job\n" +
			"of yours registers it, or no_namespace where its namespace does not exist.\n\n" + line.Examples("blockstack name show alice.id", "blockstack name show alice.id --offline --json"),
		Action: line.Verb(line.NameArgument, runNameShow),
	}
}

// runNameShow reads the index, and the journal for what is under way.
func runNameShow(ctx context.Context, env *session.Session, n names.Name) error {
	x, err := env.Index(ctx)
	if err != nil {
		return err
	}
	rec, err := x.Record(ctx, n)
	if err != nil {
		return err
	}
	v := record.Of(rec)
	if v.ExactUntil, err = record.ExactUntil(ctx, x); err != nil {
		return err
	}
	if rec.Status == names.Available || rec.Status == names.Expired {
		job, err := registering(ctx, env, n)
		if err != nil {
			return err
		}
		if job != nil {
			v.Status, v.JobID = "pending", &job.ID
		}
	}
	if v.Status == string(names.Available) {
		if v.Status, err = freeStatus(ctx, x, n); err != nil {
			return err
		}
	}
	return env.Out.Result("name.show", v, func(t *voice.Text) { record.Write(t, v) })
}

// freeStatus is the status of a name that nobody has: no_namespace where there is no namespace to
// register it in.
func freeStatus(ctx context.Context, x *index.Index, n names.Name) (string, error) {
	ns, err := x.Namespace(ctx, n.Namespace())
	if errors.Is(err, names.ErrNotFound) || err == nil && ns.Status == names.NamespaceExpired {
		return "no_namespace", nil
	}
	return string(names.Available), err
}

// registering is the open job that registers a name, nil when there is none.
func registering(ctx context.Context, e *session.Session, n names.Name) (*registrar.Job, error) {
	jobs, err := e.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	for _, j := range jobs {
		if q, found := j.ForName(n); found && j.Open() && q.Kind == registrar.KindRegister && !j.ProgressOf(n).State.Final() {
			return j, nil
		}
	}
	return nil, nil
}
