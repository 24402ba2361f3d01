package namespaces

import (
	"context"
	"errors"
	"fmt"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/jobrun"
	"blockstack/commands/line"
	"blockstack/commands/record"
	"blockstack/commands/session"
	"blockstack/commands/specfile"
	"blockstack/commands/voice"
	"blockstack/names"
	"blockstack/txbuilder/registrar"
	"blockstack/txbuilder/registrar/conduct"
	"blockstack/wallet"
)

// NamespaceCommand is the noun `namespace`.
func NamespaceCommand() *cli.Command {
	return line.Noun("namespace", "namespaces: their prices and rules, and launching one", line.Names,
		namespacePriceCommand(),
		namespaceLaunchCommand(),
		namespaceRevealCommand(),
		namespaceImportCommand(),
		namespaceReadyCommand(),
		namespaceListCommand(),
		namespaceShowCommand(),
	)
}

// namespacePriceCommand is `namespace price`.
func namespacePriceCommand() *cli.Command {
	return &cli.Command{
		Name:        "price",
		Usage:       "say what a namespace would cost in the next block",
		ArgsUsage:   "NAMESPACE",
		Description: line.Examples("blockstack namespace price id"),
		Action: line.Verb(func(c *cli.Context) (names.NamespaceID, error) {
			return names.ParseNamespaceID(c.Args().First())
		}, runNamespacePrice),
	}
}

// runNamespacePrice asks the rules.
func runNamespacePrice(ctx context.Context, env *session.Session, id names.NamespaceID) error {
	x, err := env.Index(ctx)
	if err != nil {
		return err
	}
	tip, err := x.Tip(ctx)
	if err != nil {
		return err
	}
	price, unit, err := x.Params().NamespacePrice(id, tip.Height+1)
	if err != nil {
		return err
	}
	doc := map[string]any{"namespace": id, "height": tip.Height + 1}
	record.SetPrice(doc, unit, price.Minimum())
	return env.Out.Result("namespace.price", doc, func(t *voice.Text) {
		t.Field("namespace", "%s", id)
		t.Field("price", "%s", record.FormatUnits(price.Minimum(), unit))
	})
}

// namespaceLaunchCommand is `namespace launch`.
func namespaceLaunchCommand() *cli.Command {
	return &cli.Command{
		Name:      "launch",
		Usage:     "open a namespace: preorder, reveal and ready, one after the other",
		ArgsUsage: "SPEC",
		Description: "SPEC is a file with the rules of the namespace, described in docs/formats.md. The command can be stopped at any\n" +
			"moment; the same command again goes on where it was and never pays twice.\n\n" + line.Examples(
			"blockstack namespace launch id.toml --dry-run",
			"blockstack namespace launch id.toml"),
		Flags: jobrun.Flags(&cli.StringFlag{Name: "imports", Usage: "import the names of `FILE` before the namespace opens"}),
		Action: line.Verb(func(c *cli.Context) (launchOptions, error) {
			o, err := jobrun.ParseOptions(c)
			if err == nil && c.String("imports") != "" && (o.PSBT != "" || o.DryRun) {
				err = fault.Usage("--imports works neither with --psbt nor with --dry-run").
					Hint("take it step by step: blockstack namespace reveal SPEC, then blockstack namespace import NAMESPACE FILE, then blockstack namespace ready NAMESPACE")
			}
			return launchOptions{Spec: c.Args().First(), Imports: c.String("imports"), Options: o}, err
		}, runNamespaceLaunch),
	}
}

// launchOptions say which namespace is launched.
type launchOptions struct {
	Spec    string
	Imports string // names to import before it opens; empty: none
	jobrun.Options
}

// runNamespaceLaunch makes a launch of a SPEC.toml.
func runNamespaceLaunch(ctx context.Context, env *session.Session, o launchOptions) error {
	req, err := launchRequest(ctx, env, o)
	if err != nil {
		return err
	}
	if o.Imports == "" {
		return jobrun.Run(ctx, env, "namespace.launch", req, o.Options)
	}
	rows, err := readImports(env, o.Imports, req.NamespaceID())
	if err != nil {
		return err
	}
	req.Hold = true
	job, err := jobrun.Do(ctx, env, req, o.Options)
	if err != nil {
		return err
	}
	if job.Wait != nil && job.Wait.Held {
		jobs, err := importAll(ctx, env, req.NamespaceID(), rows, o.Options)
		if err != nil {
			return err
		}
		if last := jobs[len(jobs)-1]; last.State != registrar.Done {
			job = last
		} else if job, err = releaseLaunch(ctx, env, job.ID, o.Options); err != nil {
			return err
		}
	}
	if err := jobrun.Print(env, "namespace.launch", job); err != nil {
		return err
	}
	return jobrun.Outcome(job)
}

// releaseLaunch opens a namespace that was held for imports.
func releaseLaunch(ctx context.Context, e *session.Session, id registrar.ID, o jobrun.Options) (*registrar.Job, error) {
	if err := e.WithJobs(ctx, jobrun.ShowEvents(e), func(r *registrar.Registrar) error {
		_, err := r.Release(ctx, id)
		return err
	}); err != nil {
		return nil, err
	}
	return jobrun.Follow(ctx, e, id, o)
}

// launchRequest reads a SPEC.toml and chooses the revealer's key.
func launchRequest(ctx context.Context, e *session.Session, o launchOptions) (registrar.Request, error) {
	req := registrar.Request{Kind: registrar.KindLaunch}
	var err error
	if req.Namespace, err = specfile.Read(o.Spec, e.In); err != nil {
		return req, err
	}
	if req.Owner, err = revealer(ctx, e, req.Namespace.ID); err != nil {
		return req, err
	}
	return req, o.Fill(ctx, e, &req)
}

// revealer is the script of the key that launches a namespace: the one that a job for it has, else
// one that no job uses.
func revealer(ctx context.Context, e *session.Session, id string) ([]byte, error) {
	w, err := e.Wallet(ctx)
	if err != nil {
		return nil, err
	}
	jobs, err := e.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	return conduct.RevealerOf(names.NamespaceID(id), jobs, func(i uint32) ([]byte, error) {
		a, err := w.RevealerAddress(ctx, i)
		if errors.Is(err, wallet.ErrNeedKeys) && w.WatchOnly() {
			return nil, fault.New("watch_only", "the keys that launch namespaces are not among what a watch-only wallet watches").Because(err).
				Hint("launch it in a home that has the wallet; with --psbt FILE it stays locked, and another machine signs")
		}
		return a.Script, err
	})
}

// namespaceListCommand is `namespace list`.
func namespaceListCommand() *cli.Command {
	return &cli.Command{
		Name:        "list",
		Usage:       "list the namespaces",
		Description: line.Examples("blockstack namespace list"),
		Action:      line.Verb(line.NoOptions, runNamespaceList),
	}
}

// runNamespaceList lists the namespaces that the index knows.
func runNamespaceList(ctx context.Context, env *session.Session, _ line.None) error {
	x, err := env.Index(ctx)
	if err != nil {
		return err
	}
	list, err := x.Namespaces(ctx)
	if err != nil {
		return err
	}
	tip, err := x.Tip(ctx)
	if err != nil {
		return err
	}
	views, rows := []record.NamespaceView{}, [][]string{}
	for _, ns := range list {
		v := record.ViewNamespace(ns)
		views = append(views, v)
		rows = append(rows, []string{string(v.Namespace), string(v.Status), fmt.Sprintf("version %d", v.Version), v.LifetimeText()})
	}
	doc := map[string]any{"namespaces": views, "height": tip.Height, "consensus_hash": tip.Consensus}
	record.SetExact(doc, record.Certain(tip))
	return env.Out.Result("namespace.list", doc, func(t *voice.Text) {
		t.Table([]voice.Column{{Title: "namespace"}, {Title: "status"}, {Title: "rules"}, {Title: "names live"}}, rows)
	})
}

// namespaceShowCommand is `namespace show`.
func namespaceShowCommand() *cli.Command {
	return &cli.Command{
		Name:        "show",
		Usage:       "show the rules of a namespace",
		ArgsUsage:   "NAMESPACE",
		Description: line.Examples("blockstack namespace show id"),
		Action: line.Verb(func(c *cli.Context) (names.NamespaceID, error) {
			return names.ParseNamespaceID(c.Args().First())
		}, runNamespaceShow),
	}
}

// runNamespaceShow shows one namespace.
func runNamespaceShow(ctx context.Context, env *session.Session, id names.NamespaceID) error {
	x, err := env.Index(ctx)
	if err != nil {
		return err
	}
	ns, err := x.Namespace(ctx, id)
	if errors.Is(err, names.ErrNotFound) {
		return fault.New("not_found", "there is no namespace %s at block %d", id, session.IndexHeight(ctx, env, x)).Because(err).
			Hint("see which there are: blockstack namespace list")
	}
	if err != nil {
		return err
	}
	v := record.ViewNamespace(ns)
	if v.ExactUntil, err = record.ExactUntil(ctx, x); err != nil {
		return err
	}
	return env.Out.Result("namespace.show", v, func(t *voice.Text) {
		t.Field("namespace", "%s", v.Namespace)
		t.Field("status", "%s", v.Status)
		t.Field("version", "%d", v.Version)
		t.Field("names live", "%s", v.LifetimeText())
		t.Field("revealed at", "block %d", v.RevealHeight)
		if v.ReadyHeight != nil {
			t.Field("open since", "block %d", *v.ReadyHeight)
		}
		t.Field("price", "%d × %d^bucket, in %s units", v.Coefficient, v.Base, v.Unit)
		t.Field("buckets", "%v", v.Buckets)
		t.Field("discounts", "%d without vowels, %d with digits or dashes", v.NoVowelDiscount, v.NonAlphaDiscount)
		t.Field("revealer", "%s", v.Revealer)
		t.Field("payer", "%s", v.Payer)
	})
}
