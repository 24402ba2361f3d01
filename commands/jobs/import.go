package jobs

import (
	"context"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/jobrun"
	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/home/jobports"
	"blockstack/txbuilder/registrar"
	"blockstack/txbuilder/registrar/conduct"
	"blockstack/wallet"
)

// jobImportCommand is `job import`.
func jobImportCommand() *cli.Command {
	return &cli.Command{
		Name:      "import",
		Usage:     "finish the jobs of another machine, or of a lost journal, from their copies",
		ArgsUsage: "[DIR|FILE...]",
		Description: "Reads the encrypted copies that --journal-copy keeps; without an argument those of the folder that is configured.\n" +
			"What was sent since is looked for on the chain and adopted, so nothing is paid twice, also when the other machine\n" +
			"goes on: whatever one of the two replaces spends the same coin. The copies are not changed.\n\n" + line.Examples(
			"blockstack job import ~/Sync/jobs",
			"blockstack job import ~/Sync/jobs --dry-run"),
		Flags: append(jobrun.WaitFlags(), &cli.BoolFlag{Name: "dry-run", Usage: "show what is in the copies and stop"}),
		Action: line.Verb(func(c *cli.Context) (importOptions, error) {
			o, err := jobrun.ParseWait(c)
			o.DryRun = c.Bool("dry-run")
			return importOptions{From: c.Args().Slice(), Options: o}, err
		}, runJobImport),
	}
}

// importOptions say where the copies are.
type importOptions struct {
	From []string
	jobrun.Options
}

// importView is what programs see of a job that was brought in.
type importView struct {
	jobrun.View
	Outcome registrar.ImportOutcome `json:"outcome,omitempty"`
	Barred  string                  `json:"barred_reason,omitempty"`
}

// runJobImport reads the copies, brings their jobs in, and goes on with them.
func runJobImport(ctx context.Context, env *session.Session, o importOptions) error {
	if len(o.From) == 0 {
		if env.Config.JournalCopy == "" {
			return fault.Usage("no folder with copies is named").Hint("name it: blockstack job import DIR")
		}
		o.From = []string{env.Config.JournalCopy}
	}
	files, err := jobports.FindCopies(ctx, o.From)
	if err != nil {
		return err
	}
	w, err := env.Wallet(ctx)
	if err != nil {
		return err
	}
	if err := env.Keys.UnlockHere(ctx, w); err != nil {
		return err
	}
	jobs, err := readCopies(ctx, env, w, files)
	if err != nil {
		return err
	}
	var list []registrar.Imported
	if o.DryRun {
		for _, j := range jobs {
			list = append(list, registrar.Imported{Job: j})
		}
		list = conduct.LastOutcomes(list)
	} else if err := env.WithJobs(ctx, nil, func(r *registrar.Registrar) (err error) {
		list, err = conduct.BringIn(ctx, r, jobs)
		return err
	}); err != nil {
		return err
	}
	return finishImport(ctx, env, list, o)
}

// finishImport advances what was brought in and prints it.
func finishImport(ctx context.Context, env *session.Session, list []registrar.Imported, o importOptions) error {
	var open []*registrar.Job
	for _, in := range list {
		if in.What != registrar.ImportBarred && !o.DryRun && in.Job.Open() {
			open = append(open, in.Job)
		}
	}
	done, err := jobrun.FollowEach(ctx, env, open, o.Options)
	if err != nil {
		return err
	}
	after := map[registrar.ID]*jobrun.Followed{}
	for i := range done {
		after[done[i].Job.ID] = &done[i]
	}
	var outcome error
	views, rows := []importView{}, [][]string{}
	for _, in := range list {
		c := after[in.Job.ID]
		if in.What == registrar.ImportBarred || c == nil {
			c = &jobrun.Followed{Job: in.Job}
		}
		job := c.Job
		v := importView{View: c.View(), Outcome: in.What}
		if in.Err != nil {
			v.Barred = in.Err.Error()
			env.Out.Warn("%s: %v", job.Request.Subject(), in.Err)
			outcome = jobrun.Worse(outcome, fault.New("conflict", "a job could not be brought in: %v", in.Err).Because(in.Err).Keep().
				Hint("finish or cancel the job that is here first: blockstack job list"))
		} else if after[job.ID] == c && job.State != registrar.Cancelled {
			outcome = jobrun.Worse(outcome, c.Outcome())
		}
		views = append(views, v)
		rows = append(rows, []string{string(v.JobID), string(v.Kind), job.Request.Subject(), jobrun.Words(job.State), string(in.What)})
	}
	if err := env.Out.Result("job.import", map[string]any{"jobs": views}, func(t *voice.Text) {
		t.Table([]voice.Column{{Title: "job"}, {Title: "what"}, {Title: "name"}, {Title: "state"}, {Title: "outcome"}}, rows)
	}); err != nil {
		return err
	}
	return outcome
}

// readCopies opens the copies, and warns of those that are left out.
func readCopies(ctx context.Context, e *session.Session, w *wallet.Wallet, files []string) ([]*registrar.Job, error) {
	return jobports.ReadCopies(ctx, w, e.Config.Net().Name, files, func(file string, err error) { e.Out.Warn("%s is left out: %v", file, err) })
}
