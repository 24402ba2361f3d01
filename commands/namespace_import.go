package commands

import (
	"context"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/voice"
	"blockstack/names"
	"blockstack/txbuilder/registrar"
)

// namespaceRevealCommand is `namespace reveal`.
func namespaceRevealCommand() *cli.Command {
	return &cli.Command{
		Name:      "reveal",
		Usage:     "launch a namespace up to its reveal, so that names can be imported before it opens",
		ArgsUsage: "SPEC",
		Description: "Preorder and reveal, one after the other. Then: blockstack namespace import, and blockstack namespace ready.\n\n" + line.Examples(
			"blockstack namespace reveal id.toml"),
		Flags: jobFlags(),
		Action: line.Verb(func(c *cli.Context) (launchOptions, error) {
			o, err := parseJobOptions(c)
			return launchOptions{Spec: c.Args().First(), jobOptions: o}, err
		}, runNamespaceReveal),
	}
}

// runNamespaceReveal launches a namespace that is held.
func runNamespaceReveal(ctx context.Context, env *Env, o launchOptions) error {
	req, err := env.launchRequest(ctx, o)
	if err != nil {
		return err
	}
	req.Hold = true
	if o.DryRun || o.PSBT != "" {
		return runRequest(ctx, env, "namespace.reveal", req, o.jobOptions)
	}
	job, err := env.carryOut(ctx, req, o.jobOptions)
	if err != nil {
		return err
	}
	if err := printJob(env, "namespace.reveal", job); err != nil {
		return err
	}
	if job.Wait != nil && job.Wait.Held {
		return nil
	}
	return jobOutcome(job)
}

// namespaceImportCommand is `namespace import`.
func namespaceImportCommand() *cli.Command {
	return &cli.Command{
		Name:      "import",
		Usage:     "put a list of names into a namespace that is revealed and not open yet",
		ArgsUsage: "NAMESPACE FILE",
		Description: "FILE is a list of names, owners and profile URLs, described in docs/formats.md. One transaction pays the keys that may\n" +
			"import, the first name is imported by the revealer's key, the others by keys of its ring. The command can be stopped\n" +
			"at any moment; the same command again goes on. The keys of the ring never leave the wallet: one of them, with the\n" +
			"revealer's public key, would give away the revealer's.\n\n" + line.Examples(
			"blockstack namespace import id names.csv --dry-run",
			"blockstack namespace import id names.csv --max-total 0.02"),
		Flags: jobFlags(),
		Action: line.Verb(func(c *cli.Context) (namespaceImportOptions, error) {
			id, err := names.ParseNamespaceID(c.Args().First())
			if err != nil {
				return namespaceImportOptions{}, err
			}
			o, err := parseJobOptions(c)
			return namespaceImportOptions{ID: id, File: c.Args().Get(1), jobOptions: o}, err
		}, runNamespaceImport),
	}
}

// namespaceImportOptions say what is imported.
type namespaceImportOptions struct {
	ID   names.NamespaceID
	File string
	jobOptions
}

// runNamespaceImport imports a list, job by job.
func runNamespaceImport(ctx context.Context, env *Env, o namespaceImportOptions) error {
	rows, err := env.readImports(o.File, o.ID)
	if err != nil {
		return err
	}
	if o.DryRun {
		return env.planImports(ctx, o, rows)
	}
	jobs, err := env.importAll(ctx, o.ID, rows, o.jobOptions)
	if err != nil {
		return err
	}
	if n := len(jobs) - 1; o.PSBT != "" && n >= 0 {
		return exportDrafts(env, "namespace.import", jobs[n], o.PSBT)
	}
	views, table := []jobView{}, [][]string{}
	var outcome error
	for _, j := range jobs {
		v := viewJob(j)
		views = append(views, v)
		table = append(table, []string{string(v.JobID), fmt.Sprint(v.Imports), words(j.State)})
		if e := jobOutcome(j); outcome == nil {
			outcome = e
		}
	}
	doc := map[string]any{"namespace": o.ID, "names": len(rows), "jobs": views}
	if err := env.Out.Result("namespace.import", doc, func(t *voice.Text) {
		t.Table([]voice.Column{{Title: "job"}, {Title: "names", Right: true}, {Title: "state"}}, table)
	}); err != nil {
		return err
	}
	return outcome
}

// ringKeys is how many keys of the ring take turns.
const ringKeys = 10

// importRequests cuts a list into jobs.
func (e *Env) importRequests(ctx context.Context, id names.NamespaceID, rows []importRow, o jobOptions) ([]registrar.Request, error) {
	list, err := e.imports(ctx, rows)
	if err != nil {
		return nil, err
	}
	x, err := e.namespaceOf(ctx, id)
	if err != nil {
		return nil, err
	}
	w, err := e.Wallet(ctx)
	if err != nil {
		return nil, err
	}
	var ring [][]byte
	for j := range uint32(ringKeys) {
		script, err := w.RingScript(ctx, x.RevealerScript, j)
		if err != nil {
			return nil, fmt.Errorf("namespace %s: %w", id, err)
		}
		ring = append(ring, script)
	}
	var reqs []registrar.Request
	for len(list) > 0 {
		n := min(len(list), registrar.MaxImports)
		req := registrar.Request{Kind: registrar.KindImport, Owner: x.RevealerScript,
			Import: &registrar.ImportSet{Namespace: id, Names: list[:n:n], Ring: ring}}
		if err := o.fill(ctx, e, &req); err != nil {
			return nil, err
		}
		reqs, list = append(reqs, req), list[n:]
	}
	return reqs, nil
}

// planImports shows what an import would cost.
func (e *Env) planImports(ctx context.Context, o namespaceImportOptions, rows []importRow) error {
	reqs, err := e.importRequests(ctx, o.ID, rows, o.jobOptions)
	if err != nil {
		return err
	}
	est, err := e.plan(ctx, reqs[0])
	if err != nil {
		return err
	}
	if est.Running != nil {
		return printJob(e, "namespace.import", est.Running)
	}
	if len(reqs) > 1 {
		e.Out.Note("%s are imported by %s of this size, one after the other", voice.Count(len(rows), "name"), voice.Count(len(reqs), "job"))
	}
	return printEstimate(e, "namespace.import", est)
}

// importAll imports a list, one job after the other, as far as --wait says.
func (e *Env) importAll(ctx context.Context, id names.NamespaceID, rows []importRow, o jobOptions) ([]*registrar.Job, error) {
	reqs, err := e.importRequests(ctx, id, rows, o)
	if err != nil {
		return nil, err
	}
	var jobs []*registrar.Job
	for _, req := range reqs {
		job, err := e.carryOut(ctx, req, o)
		if err != nil {
			return nil, err
		}
		jobs = append(jobs, job)
		if job.State != registrar.Done {
			break // the next one waits for it
		}
	}
	return jobs, nil
}

// namespaceReadyCommand is `namespace ready`.
func namespaceReadyCommand() *cli.Command {
	return &cli.Command{
		Name:        "ready",
		Usage:       "open a namespace that was revealed; nothing can be imported into it any more",
		ArgsUsage:   "NAMESPACE",
		Description: line.Examples("blockstack namespace ready id"),
		Flags:       waitFlags(),
		Action: line.Verb(func(c *cli.Context) (resumeOptions, error) {
			o, err := parseWait(c)
			return resumeOptions{What: c.Args().First(), jobOptions: o}, err
		}, runNamespaceReady),
	}
}

// runNamespaceReady ends the hold of a launch.
func runNamespaceReady(ctx context.Context, env *Env, o resumeOptions) error {
	id, err := names.ParseNamespaceID(o.What)
	if err != nil {
		return err
	}
	launch, err := env.launchOf(ctx, id)
	if err != nil {
		return err
	}
	if err := env.openImports(ctx, id); err != nil {
		return err
	}
	if launch.Request.Hold {
		if !slices.ContainsFunc(launch.Stages, func(s *registrar.Stage) bool { return s.Role == registrar.RoleReady }) { // it was found on the chain: its fee was not part of any plan
			if err := agreeToFollow(ctx, env, false, []*registrar.Job{launch}); err != nil {
				return err
			}
		}
		if err := env.Confirm(ctx, fmt.Sprintf("Open namespace %s; nothing can be imported into it after that", id)); err != nil {
			return err
		}
		if err := env.withJobs(ctx, showEvents(env), func(r *registrar.Registrar) error {
			_, err := r.Release(ctx, launch.ID)
			return err
		}); err != nil {
			return err
		}
	}
	return runJob(ctx, env, "namespace.ready", launch.ID, o.jobOptions)
}

// openImports refuses to open a namespace while names are being imported into it.
func (e *Env) openImports(ctx context.Context, id names.NamespaceID) error {
	jobs, err := e.Jobs(ctx)
	if err != nil {
		return err
	}
	for _, j := range jobs {
		if j.Request.Kind == registrar.KindImport && j.Request.NamespaceID() == id && j.Open() {
			return fault.New("conflict", "job %s still imports names into %s, which is refused once the namespace is open", j.ID, id).
				Hint("let it finish: blockstack job resume %s", j.ID)
		}
	}
	return nil
}

// launchOf is the job that launches a namespace; where the journal has none, it is made from the chain.
func (e *Env) launchOf(ctx context.Context, id names.NamespaceID) (*registrar.Job, error) {
	jobs, err := e.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	for i := len(jobs) - 1; i >= 0; i-- {
		if j := jobs[i]; j.Request.Kind == registrar.KindLaunch && j.Request.NamespaceID() == id && (j.Open() || j.State == registrar.Done) {
			return j, nil
		}
	}
	found, err := e.findLaunch(ctx, id)
	if err != nil || found != nil {
		return found, err
	}
	return nil, fault.New("not_found", "this wallet has not revealed namespace %s", id).
		Hint("see how it stands: blockstack namespace show %s", id).
		Hint("see the preorders of this wallet, whose namespace is not revealed: blockstack job rescue")
}

// findLaunch makes the job of a namespace that this wallet has revealed from what is on the chain; nil: it has not.
func (e *Env) findLaunch(ctx context.Context, id names.NamespaceID) (found *registrar.Job, err error) {
	rate, err := e.feeRate(ctx, "", defaultTarget)
	if err != nil {
		return nil, err
	}
	err = e.withJobs(ctx, nil, func(r *registrar.Registrar) (err error) {
		found, err = r.RescueLaunch(ctx, id, registrar.Request{Rate: rate})
		return err
	})
	if err != nil || found == nil {
		return nil, err
	}
	e.Out.Note("the launch of namespace %s was found on the chain; nothing of it is paid again", id)
	if err := e.unlockToAgree(ctx, false); err != nil {
		return nil, err
	}
	return found, e.withJobs(ctx, nil, func(r *registrar.Registrar) error { return r.Agree(ctx, found.ID) })
}
