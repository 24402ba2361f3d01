package commands

import (
	"context"
	"math/big"
	"slices"
	"strings"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/voice"
	"blockstack/names"
	"blockstack/txbuilder/registrar"
)

// jobCommand is the noun `job`.
func jobCommand() *cli.Command {
	return line.Noun("job", "what is under way, and what was", line.Names,
		jobListCommand(),
		jobShowCommand(),
		jobResumeCommand(),
		jobCancelCommand(),
		jobImportCommand(),
		jobRescueCommand(),
	)
}

// jobView is what programs see of a job.
type jobView struct {
	registrar.View
	BurnUstacks *big.Int `json:"burn_ustacks"`
	Owner       string   `json:"owner_script,omitempty"`
	NewOwner    string   `json:"new_owner_script,omitempty"`
	ZoneFile    string   `json:"zonefile_hash,omitempty"`
	External    bool     `json:"external,omitempty"` // signed elsewhere
	// PSBTs wait for signatures.
	PSBTs   []draftView   `json:"psbts,omitempty"`
	Undone  bool          `json:"undone,omitempty"` // done, and a reorg took its last transaction out of the chain
	Error   *applyProblem `json:"error,omitempty"`  // what stopped it, where several jobs are advanced
	Created string        `json:"created"`
	Updated string        `json:"updated"`
}

// viewJob turns a job into what programs see.
func viewJob(j *registrar.Job) jobView {
	v := jobView{View: j.View(), BurnUstacks: new(big.Int), Owner: voice.Hex(j.Request.Owner), External: j.Request.External, PSBTs: viewDrafts(j), Created: voice.Time(j.Created), Updated: voice.Time(j.Updated)}
	if j.Price != nil && j.Price.Unit == names.MicroStacks && len(v.Txids) > 0 {
		v.BurnUstacks = j.Price.Amount
	}
	if j.Request.To != nil {
		v.NewOwner = voice.Hex(j.Request.To)
	}
	if len(j.Request.ZoneFile) > 0 {
		v.ZoneFile = names.HashZoneFile(j.Request.ZoneFile).String()
	}
	return v
}

// printJob prints a job as the result of a verb.
func printJob(env *Env, schema string, j *registrar.Job) error {
	return printJobView(env, schema, j, viewJob(j))
}

// printJobView is printJob with the view made before.
func printJobView(env *Env, schema string, j *registrar.Job, v jobView) error {
	return env.Out.Result(schema, v, func(t *voice.Text) {
		t.Field("job", "%s", v.JobID)
		t.Field("what", "%s %s", v.Kind, j.Request.Subject())
		t.Field("state", "%s", v.standing())
		for i, txid := range v.Txids {
			label := ""
			if i == 0 {
				label = "transactions"
			}
			t.Field(label, "%s", txid)
		}
		t.Field("fees", "%s", voice.BTC(btcutil.Amount(v.FeeSat)))
		if v.BurnUstacks.Sign() > 0 {
			t.Field("burnt", "%s", voice.Stacks(v.BurnUstacks))
		} else {
			t.Field("burnt", "%s", voice.BTC(btcutil.Amount(v.BurnSat)))
		}
		if v.ZoneFile != "" {
			t.Field("zone file", "%s", v.ZoneFile)
		}
		for _, d := range v.PSBTs {
			t.Field("to sign", "%s, fee %s: %s", strings.ReplaceAll(d.Role, "_", " "), voice.BTC(btcutil.Amount(d.FeeSat)),
				env.Out.Here("blockstack job show "+string(v.JobID)+" --psbt FILE"))
		}
		if v.Reason != "" {
			t.Field("reason", "%s", v.Reason)
		}
		if v.WaitingFor != "" {
			t.Field("waiting for", "%s", v.WaitingFor)
		}
	})
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
func runJobList(ctx context.Context, env *Env, all bool) error {
	jobs, err := env.Jobs(ctx)
	if err != nil {
		return err
	}
	views, rows := []jobView{}, [][]string{}
	for _, j := range jobs {
		undone := env.undone(ctx, j)
		if !all && !j.Open() && !undone {
			continue
		}
		v := viewJob(j)
		v.Undone = undone
		views = append(views, v)
		rows = append(rows, []string{string(v.JobID), string(v.Kind), j.Request.Subject(), v.standing(), v.Updated})
	}
	return env.Out.Result("job.list", map[string]any{"jobs": views}, func(t *voice.Text) {
		t.Table([]voice.Column{{Title: "job"}, {Title: "what"}, {Title: "name"}, {Title: "state"}, {Title: "updated"}}, rows)
	})
}

// findJob finds a job by its id, or by the name or namespace it is about.
func (e *Env) findJob(ctx context.Context, what string) (*registrar.Job, error) {
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
func runJobShow(ctx context.Context, env *Env, o [2]string) error {
	j, err := env.findJob(ctx, o[0])
	if err != nil {
		return err
	}
	if o[1] != "" {
		return exportDrafts(env, "job.show", j, o[1])
	}
	v := viewJob(j)
	if v.Undone = env.undone(ctx, j); v.Undone {
		env.Out.Warn("a reorg took the last transaction of this job out of the chain; go on with: blockstack job resume %s", j.ID)
	}
	return printJobView(env, "job.show", j, v)
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
		Flags: append(waitFlags(),
			&cli.StringSliceFlag{Name: "psbt", Usage: "take back a signed PSBT from `FILE` (- is standard input); may be repeated"}),
		Action: line.Verb(func(c *cli.Context) (resumeOptions, error) {
			o, err := parseWait(c)
			return resumeOptions{What: c.Args().First(), Signed: c.StringSlice("psbt"), jobOptions: o}, err
		}, runJobResume),
	}
}

// resumeOptions say which job goes on, and how long it is waited for.
type resumeOptions struct {
	What   string
	Signed []string // files with signed PSBTs
	jobOptions
}

// runJobResume advances one job, or each that is open.
func runJobResume(ctx context.Context, env *Env, o resumeOptions) error {
	if len(o.Signed) > 0 {
		return resumeSigned(ctx, env, o)
	}
	if o.What != "" {
		j, err := env.findJob(ctx, o.What)
		if err != nil {
			return err
		}
		return cancelledAsAsked(j, runJob(ctx, env, "job.resume", j.ID, o.jobOptions))
	}
	jobs, err := env.Jobs(ctx)
	if err != nil {
		return err
	}
	jobs = slices.DeleteFunc(jobs, func(j *registrar.Job) bool { return !j.Open() && !env.undone(ctx, j) })
	list, err := env.carryEach(ctx, jobs, o.jobOptions)
	if err != nil {
		return err
	}
	var outcome error
	views, rows := []jobView{}, [][]string{}
	for i := range list {
		v, told := list[i].view(), ""
		outcome = worse(outcome, cancelledAsAsked(jobs[i], list[i].outcome()))
		if v.Error != nil {
			told = v.Error.Message
		}
		views = append(views, v)
		rows = append(rows, []string{string(v.JobID), string(v.Kind), list[i].job.Request.Subject(), words(list[i].job.State), told})
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
		Flags: waitFlags(),
		Action: line.Verb(func(c *cli.Context) (resumeOptions, error) {
			o, err := parseWait(c)
			return resumeOptions{What: c.Args().First(), jobOptions: o}, err
		}, runJobCancel),
	}
}

// runJobCancel cancels a job and waits for it.
func runJobCancel(ctx context.Context, env *Env, o resumeOptions) error {
	found, err := env.findJob(ctx, o.What)
	if err != nil {
		return err
	}
	if found.State == registrar.Cancelled { // the same command again
		return printJob(env, "job.cancel", found)
	}
	if !found.Open() && !env.undone(ctx, found) {
		return fault.New("conflict", "job %s for %s is %s; there is nothing to cancel", found.ID, found.Request.Subject(), words(found.State)).
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
		if err := env.Unlock(ctx, w); err != nil {
			return err
		}
	}
	if err := env.withJobs(ctx, showEvents(env), func(r *registrar.Registrar) error {
		found, err = r.Cancel(ctx, found.ID)
		return err
	}); err != nil {
		return err
	}
	if found.Wait != nil && found.Wait.Signatures { // what returns the coins is signed elsewhere, too
		if err := printJob(env, "job.cancel", found); err != nil {
			return err
		}
		return jobOutcome(found)
	}
	j, err := env.carryOn(ctx, found.ID, o.jobOptions)
	if err != nil {
		return err
	}
	if err := printJob(env, "job.cancel", j); err != nil {
		return err
	}
	if j.State == registrar.Cancelled {
		return nil
	}
	return jobOutcome(j)
}
