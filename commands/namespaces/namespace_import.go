package namespaces

import (
	"context"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/jobrun"
	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/names"
	"blockstack/txbuilder/registrar"
	"blockstack/txbuilder/registrar/conduct"
)

// namespaceRevealCommand is `namespace reveal`.
func namespaceRevealCommand() *cli.Command {
	return &cli.Command{
		Name:      "reveal",
		Usage:     "launch a namespace up to its reveal, so that names can be imported before it opens",
		ArgsUsage: "SPEC",
		Description: "Preorder and reveal, one after the other. Then: blockstack namespace import, and blockstack namespace ready.\n\n" + line.Examples(
			"blockstack namespace reveal id.toml"),
		Flags: jobrun.Flags(),
		Action: line.Verb(func(c *cli.Context) (launchOptions, error) {
			o, err := jobrun.ParseOptions(c)
			return launchOptions{Spec: c.Args().First(), Options: o}, err
		}, runNamespaceReveal),
	}
}

// runNamespaceReveal launches a namespace that is held.
func runNamespaceReveal(ctx context.Context, env *session.Session, o launchOptions) error {
	req, err := launchRequest(ctx, env, o)
	if err != nil {
		return err
	}
	req.Hold = true
	if o.DryRun || o.PSBT != "" {
		return jobrun.Run(ctx, env, "namespace.reveal", req, o.Options)
	}
	job, err := jobrun.Do(ctx, env, req, o.Options)
	if err != nil {
		return err
	}
	if err := jobrun.Print(env, "namespace.reveal", job); err != nil {
		return err
	}
	if job.Wait != nil && job.Wait.Held {
		return nil
	}
	return jobrun.Outcome(job)
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
		Flags: jobrun.Flags(),
		Action: line.Verb(func(c *cli.Context) (namespaceImportOptions, error) {
			id, err := names.ParseNamespaceID(c.Args().First())
			if err != nil {
				return namespaceImportOptions{}, err
			}
			o, err := jobrun.ParseOptions(c)
			return namespaceImportOptions{ID: id, File: c.Args().Get(1), Options: o}, err
		}, runNamespaceImport),
	}
}

// namespaceImportOptions say what is imported.
type namespaceImportOptions struct {
	ID   names.NamespaceID
	File string
	jobrun.Options
}

// runNamespaceImport imports a list, job by job.
func runNamespaceImport(ctx context.Context, env *session.Session, o namespaceImportOptions) error {
	rows, err := readImports(env, o.File, o.ID)
	if err != nil {
		return err
	}
	if o.DryRun {
		return planImports(ctx, env, o, rows)
	}
	jobs, err := importAll(ctx, env, o.ID, rows, o.Options)
	if err != nil {
		return err
	}
	if n := len(jobs) - 1; o.PSBT != "" && n >= 0 {
		return jobrun.ExportDrafts(env, "namespace.import", jobs[n], o.PSBT)
	}
	views, table := []jobrun.View{}, [][]string{}
	var outcome error
	for _, j := range jobs {
		v := jobrun.ViewOf(j)
		views = append(views, v)
		table = append(table, []string{string(v.JobID), fmt.Sprint(v.Imports), jobrun.Words(j.State)})
		if e := jobrun.Outcome(j); outcome == nil {
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
func importRequests(ctx context.Context, e *session.Session, id names.NamespaceID, rows []importRow, o jobrun.Options) ([]registrar.Request, error) {
	list, err := importsOf(ctx, e, rows)
	if err != nil {
		return nil, err
	}
	x, err := session.NamespaceOf(ctx, e, id)
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
		if err := o.Fill(ctx, e, &req); err != nil {
			return nil, err
		}
		reqs, list = append(reqs, req), list[n:]
	}
	return reqs, nil
}

// planImports shows what an import would cost.
func planImports(ctx context.Context, e *session.Session, o namespaceImportOptions, rows []importRow) error {
	reqs, err := importRequests(ctx, e, o.ID, rows, o.Options)
	if err != nil {
		return err
	}
	est, err := jobrun.Plan(ctx, e, reqs[0])
	if err != nil {
		return err
	}
	if est.Running != nil {
		return jobrun.Print(e, "namespace.import", est.Running)
	}
	if len(reqs) > 1 {
		e.Out.Note("%s are imported by %s of this size, one after the other", voice.Count(len(rows), "name"), voice.Count(len(reqs), "job"))
	}
	return jobrun.PrintEstimate(e, "namespace.import", est)
}

// importAll imports a list, one job after the other, as far as --wait says.
func importAll(ctx context.Context, e *session.Session, id names.NamespaceID, rows []importRow, o jobrun.Options) ([]*registrar.Job, error) {
	reqs, err := importRequests(ctx, e, id, rows, o)
	if err != nil {
		return nil, err
	}
	var jobs []*registrar.Job
	for _, req := range reqs {
		job, err := jobrun.Do(ctx, e, req, o)
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
		Flags:       jobrun.WaitFlags(),
		Action: line.Verb(func(c *cli.Context) (readyOptions, error) {
			o, err := jobrun.ParseWait(c)
			return readyOptions{What: c.Args().First(), Options: o}, err
		}, runNamespaceReady),
	}
}

// readyOptions say which namespace is opened, and how long that is waited for.
type readyOptions struct {
	What string
	jobrun.Options
}

// runNamespaceReady ends the hold of a launch.
func runNamespaceReady(ctx context.Context, env *session.Session, o readyOptions) error {
	id, err := names.ParseNamespaceID(o.What)
	if err != nil {
		return err
	}
	launch, err := launchOf(ctx, env, id)
	if err != nil {
		return err
	}
	if err := openImports(ctx, env, id); err != nil {
		return err
	}
	if launch.Request.Hold {
		if !slices.ContainsFunc(launch.Stages, func(s *registrar.Stage) bool { return s.Role == registrar.RoleReady }) { // it was found on the chain: its fee was not part of any plan
			if err := jobrun.ServiceOf(env, false).AgreeToFollow(ctx, false, launch); err != nil {
				return err
			}
		}
		if err := env.Confirm(ctx, fmt.Sprintf("Open namespace %s; nothing can be imported into it after that", id)); err != nil {
			return err
		}
		if err := env.WithJobs(ctx, jobrun.ShowEvents(env), func(r *registrar.Registrar) error {
			_, err := r.Release(ctx, launch.ID)
			return err
		}); err != nil {
			return err
		}
	}
	return jobrun.RunJob(ctx, env, "namespace.ready", launch.ID, o.Options)
}

// openImports refuses to open a namespace while names are being imported into it.
func openImports(ctx context.Context, e *session.Session, id names.NamespaceID) error {
	jobs, err := e.Jobs(ctx)
	if err != nil {
		return err
	}
	if j := conduct.ImportingInto(id, jobs); j != nil {
		return fault.New("conflict", "job %s still imports names into %s, which is refused once the namespace is open", j.ID, id).
			Hint("let it finish: blockstack job resume %s", j.ID)
	}
	return nil
}

// launchOf is the job that launches a namespace; where the journal has none, it is made from the
// chain.
func launchOf(ctx context.Context, e *session.Session, id names.NamespaceID) (*registrar.Job, error) {
	jobs, err := e.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	if j := conduct.LaunchOf(id, jobs); j != nil {
		return j, nil
	}
	found, err := jobrun.FindLaunch(ctx, e, id)
	if err != nil || found != nil {
		return found, err
	}
	return nil, fault.New("not_found", "this wallet has not revealed namespace %s", id).
		Hint("see how it stands: blockstack namespace show %s", id).
		Hint("see the preorders of this wallet, whose namespace is not revealed: blockstack job rescue")
}
