package jobs

import (
	"context"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/jobrun"
	"blockstack/commands/line"
	"blockstack/commands/psbtfile"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/txbuilder/registrar"
)

// JobCommand is the noun `job`.
func JobCommand() *cli.Command {
	return line.Noun("job", "what is under way, and what was", line.Names,
		jobListCommand(),
		jobShowCommand(),
		jobResumeCommand(),
		jobCancelCommand(),
		jobImportCommand(),
		jobRescueCommand(),
	)
}

// jobListCommand is `job list`.
func jobListCommand() *cli.Command {
	return &cli.Command{
		Name:        "list",
		Usage:       "list the jobs of this home",
		Description: "Those that are finished are listed with --all.\n\n" + line.Examples("blockstack job list", "blockstack job list --all --json"),
		Flags:       []cli.Flag{&cli.BoolFlag{Name: "all", Usage: "finished ones, too"}},
		Action: line.Verb(func(c *cli.Context) (bool, error) { return c.Bool("all"), nil },
			runJobList),
	}
}

// runJobList reads the journal.
func runJobList(ctx context.Context, env *session.Session, all bool) error {
	jobs, err := env.Jobs(ctx)
	if err != nil {
		return err
	}
	views, rows := []jobrun.View{}, [][]string{}
	for _, j := range jobs {
		undone := jobrun.Undone(ctx, env, j)
		if !all && !j.Open() && !undone {
			continue
		}
		v := jobrun.ViewOf(j)
		v.Undone = undone
		views = append(views, v)
		rows = append(rows, []string{string(v.JobID), string(v.Kind), j.Request.Subject(), v.Standing(), v.Updated})
	}
	return env.Out.Result("job.list", map[string]any{"jobs": views}, func(t *voice.Text) {
		t.Table([]voice.Column{{Title: "job"}, {Title: "what"}, {Title: "name"}, {Title: "state"}, {Title: "updated"}}, rows)
	})
}

// jobShowCommand is `job show`.
func jobShowCommand() *cli.Command {
	return &cli.Command{
		Name:      "show",
		Usage:     "show a job",
		ArgsUsage: "JOB|NAME",
		Description: "With --psbt the transactions that wait for signatures are written.\n\n" +
			line.Examples("blockstack job show alice.id", "blockstack job show alice.id --psbt alice.psbt"),
		Flags: []cli.Flag{&cli.StringFlag{Name: "psbt", Usage: "write the PSBT that waits for signatures to `FILE` (- for standard output, base64)"}},
		Action: line.Verb(func(c *cli.Context) ([2]string, error) { return [2]string{c.Args().First(), c.String("psbt")}, nil },
			runJobShow),
	}
}

// runJobShow reads one job.
func runJobShow(ctx context.Context, env *session.Session, o [2]string) error {
	j, err := jobrun.FindJob(ctx, env, o[0])
	if err != nil {
		return err
	}
	if o[1] != "" {
		return jobrun.ExportDrafts(env, "job.show", j, o[1])
	}
	v := jobrun.ViewOf(j)
	if v.Undone = jobrun.Undone(ctx, env, j); v.Undone {
		env.Out.Warn("a reorg took the last transaction of this job out of the chain; go on with: blockstack job resume %s", j.ID)
	}
	return jobrun.PrintView(env, "job.show", j, v)
}

// jobResumeCommand is `job resume`.
func jobResumeCommand() *cli.Command {
	return &cli.Command{
		Name:      "resume",
		Usage:     "go on with a job, or with all of them",
		ArgsUsage: "[JOB|NAME]",
		Description: "What was signed in advance needs no password. Without an argument every unfinished job is advanced. With --psbt the\n" +
			"signed transactions of one job are taken back; only exactly what the job planned is taken. A job\n" +
			"of which nothing shows that you began it, or that is for something else now, wants --confirm JOB.\n\n" +
			line.Examples("blockstack job resume", "blockstack job resume alice.id --wait done", "blockstack job resume alice.id --psbt signed.psbt"),
		Flags: append(jobrun.WaitFlags(),
			&cli.StringSliceFlag{Name: "psbt", Usage: "take back a signed PSBT from `FILE` (- is standard input); may be repeated"}),
		Action: line.Verb(func(c *cli.Context) (resumeOptions, error) {
			o, err := jobrun.ParseWait(c)
			return resumeOptions{What: c.Args().First(), Signed: c.StringSlice("psbt"), Options: o}, err
		}, runJobResume),
	}
}

// resumeOptions say which job goes on, and how long it is waited for.
type resumeOptions struct {
	What   string
	Signed []string // files with signed PSBTs
	jobrun.Options
}

// runJobResume advances one job, or each that is open.
func runJobResume(ctx context.Context, env *session.Session, o resumeOptions) error {
	if len(o.Signed) > 0 {
		return resumeSigned(ctx, env, o)
	}
	if o.What != "" {
		j, err := jobrun.FindJob(ctx, env, o.What)
		if err != nil {
			return err
		}
		return jobrun.CancelledAsAsked(j, jobrun.RunJob(ctx, env, "job.resume", j.ID, o.Options))
	}
	jobs, err := env.Jobs(ctx)
	if err != nil {
		return err
	}
	jobs = slices.DeleteFunc(jobs, func(j *registrar.Job) bool { return !j.Open() && !jobrun.Undone(ctx, env, j) })
	list, err := jobrun.FollowEach(ctx, env, jobs, o.Options)
	if err != nil {
		return err
	}
	var outcome error
	views, rows := []jobrun.View{}, [][]string{}
	for i := range list {
		v, told := list[i].View(), ""
		outcome = jobrun.Worse(outcome, jobrun.CancelledAsAsked(jobs[i], list[i].Outcome()))
		if v.Error != nil {
			told = v.Error.Message
		}
		views = append(views, v)
		rows = append(rows, []string{string(v.JobID), string(v.Kind), list[i].Job.Request.Subject(), jobrun.Words(list[i].Job.State), told})
	}
	if err := env.Out.Result("job.resume", map[string]any{"jobs": views}, func(t *voice.Text) {
		t.Table([]voice.Column{{Title: "job"}, {Title: "what"}, {Title: "name"}, {Title: "state"}, {Title: ""}}, rows)
	}); err != nil {
		return err
	}
	return outcome
}

// jobCancelCommand is `job cancel`.
func jobCancelCommand() *cli.Command {
	return &cli.Command{
		Name:      "cancel",
		Usage:     "give a job up while nothing is lost by it",
		ArgsUsage: "JOB|NAME",
		Description: "A transaction that is in no block is replaced by one that returns its coins and burns nothing.\n\n" +
			line.Examples("blockstack job cancel alice.id"),
		Flags: jobrun.WaitFlags(),
		Action: line.Verb(func(c *cli.Context) (resumeOptions, error) {
			o, err := jobrun.ParseWait(c)
			return resumeOptions{What: c.Args().First(), Options: o}, err
		}, runJobCancel),
	}
}

// runJobCancel cancels a job and waits for it.
func runJobCancel(ctx context.Context, env *session.Session, o resumeOptions) error {
	found, err := jobrun.FindJob(ctx, env, o.What)
	if err != nil {
		return err
	}
	if found.State == registrar.Cancelled { // the same command again
		return jobrun.Print(env, "job.cancel", found)
	}
	if !found.Open() && !jobrun.Undone(ctx, env, found) {
		return fault.New("conflict", "job %s for %s is %s; there is nothing to cancel", found.ID, found.Request.Subject(), jobrun.Words(found.State)).
			Hint("what is under way: blockstack job list")
	}
	if err := env.Confirm(ctx, "Cancel the job for "+found.Request.Subject()); err != nil {
		return err
	}
	w, err := env.Wallet(ctx)
	if err != nil {
		return err
	}
	if len(found.Stages) > 0 && !found.Request.External {
		if err := env.Keys.Unlock(ctx, w); err != nil {
			return err
		}
	}
	if err := env.WithJobs(ctx, jobrun.ShowEvents(env), func(r *registrar.Registrar) error {
		found, err = r.Cancel(ctx, found.ID)
		return err
	}); err != nil {
		return err
	}
	if found.Wait != nil && found.Wait.Signatures { // what returns the coins is signed elsewhere, too
		if err := jobrun.Print(env, "job.cancel", found); err != nil {
			return err
		}
		return jobrun.Outcome(found)
	}
	j, err := jobrun.Follow(ctx, env, found.ID, o.Options)
	if err != nil {
		return err
	}
	if err := jobrun.Print(env, "job.cancel", j); err != nil {
		return err
	}
	if j.State == registrar.Cancelled {
		return nil
	}
	return jobrun.Outcome(j)
}

// resumeSigned takes signed PSBTs back into the job that planned them, and goes on with it.
func resumeSigned(ctx context.Context, env *session.Session, o resumeOptions) error {
	var packets []*psbt.Packet
	var job *registrar.Job
	if o.What != "" {
		found, err := jobrun.FindJob(ctx, env, o.What)
		if err != nil {
			return err
		}
		job = found
	}
	for _, path := range o.Signed {
		list, err := psbtfile.ReadAll(env, path)
		if err != nil {
			return err
		}
		for _, p := range list {
			j, _, err := jobrun.PlannedBy(ctx, env, p)
			switch {
			case err != nil:
				return err
			case j == nil:
				return fmt.Errorf("%s: %w", path, registrar.ErrNoDraft)
			case job != nil && job.ID != j.ID:
				return fault.New("conflict", "%s is of job %s (%s), not of job %s", path, j.ID, j.Request.Subject(), job.ID).
					Hint("give the PSBTs of one job at a time")
			}
			job = j
			packets = append(packets, p)
		}
	}
	return jobrun.RunAccepted(ctx, env, "job.resume", job, packets, o.Options)
}
