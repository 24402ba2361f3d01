package commands

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"strconv"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/voice"
	"blockstack/names"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet"
)

// namespaceCommand is the noun `namespace`.
func namespaceCommand() *cli.Command {
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
func runNamespacePrice(ctx context.Context, env *Env, id names.NamespaceID) error {
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
	setPrice(doc, unit, price.Minimum())
	return env.Out.Result("namespace.price", doc, func(t *voice.Text) {
		t.Field("namespace", "%s", id)
		t.Field("price", "%s", formatUnits(price.Minimum(), unit))
	})
}

// setPrice puts a price into a document, under the key of its unit.
func setPrice(doc map[string]any, unit names.Unit, amount *big.Int) {
	doc["unit"] = unit
	if unit == names.MicroStacks {
		doc["price_ustacks"] = amount
	} else {
		doc["price_sat"] = amount
	}
}

// formatUnits writes an amount of whole satoshi or microSTACKS.
func formatUnits(amount *big.Int, unit names.Unit) string {
	if unit == names.MicroStacks {
		return voice.Stacks(amount)
	}
	return voice.Satoshi(amount)
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
		Flags: jobFlags(&cli.StringFlag{Name: "imports", Usage: "import the names of `FILE` before the namespace opens"}),
		Action: line.Verb(func(c *cli.Context) (launchOptions, error) {
			o, err := parseJobOptions(c)
			if err == nil && c.String("imports") != "" && (o.PSBT != "" || o.DryRun) {
				err = fault.Usage("--imports works neither with --psbt nor with --dry-run").
					Hint("take it step by step: blockstack namespace reveal SPEC, then blockstack namespace import NAMESPACE FILE, then blockstack namespace ready NAMESPACE")
			}
			return launchOptions{Spec: c.Args().First(), Imports: c.String("imports"), jobOptions: o}, err
		}, runNamespaceLaunch),
	}
}

// launchOptions say which namespace is launched.
type launchOptions struct {
	Spec    string
	Imports string // names to import before it opens; empty: none
	jobOptions
}

// runNamespaceLaunch makes a launch of a SPEC.toml.
func runNamespaceLaunch(ctx context.Context, env *Env, o launchOptions) error {
	req, err := env.launchRequest(ctx, o)
	if err != nil {
		return err
	}
	if o.Imports == "" {
		return runRequest(ctx, env, "namespace.launch", req, o.jobOptions)
	}
	rows, err := env.readImports(o.Imports, req.NamespaceID())
	if err != nil {
		return err
	}
	req.Hold = true
	job, err := env.carryOut(ctx, req, o.jobOptions)
	if err != nil {
		return err
	}
	if job.Wait != nil && job.Wait.Held {
		jobs, err := env.importAll(ctx, req.NamespaceID(), rows, o.jobOptions)
		if err != nil {
			return err
		}
		if last := jobs[len(jobs)-1]; last.State != registrar.Done {
			job = last
		} else if job, err = env.release(ctx, job.ID, o.jobOptions); err != nil {
			return err
		}
	}
	if err := printJob(env, "namespace.launch", job); err != nil {
		return err
	}
	return jobOutcome(job)
}

// release opens a namespace that was held for imports.
func (e *Env) release(ctx context.Context, id registrar.ID, o jobOptions) (*registrar.Job, error) {
	if err := e.withJobs(ctx, showEvents(e), func(r *registrar.Registrar) error {
		_, err := r.Release(ctx, id)
		return err
	}); err != nil {
		return nil, err
	}
	return e.carryOn(ctx, id, o)
}

// launchRequest reads a SPEC.toml and chooses the revealer's key.
func (e *Env) launchRequest(ctx context.Context, o launchOptions) (registrar.Request, error) {
	req := registrar.Request{Kind: registrar.KindLaunch}
	var err error
	if req.Namespace, err = readNamespaceSpec(o.Spec, e.In); err != nil {
		return req, err
	}
	if req.Owner, err = e.revealer(ctx, req.Namespace.ID); err != nil {
		return req, err
	}
	return req, o.fill(ctx, e, &req)
}

// revealer is the script of the key that launches a namespace: the one that a job for it has, else one that no job uses.
func (e *Env) revealer(ctx context.Context, id string) ([]byte, error) {
	w, err := e.Wallet(ctx)
	if err != nil {
		return nil, err
	}
	jobs, err := e.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	used := map[string]bool{}
	for i := len(jobs) - 1; i >= 0; i-- {
		j := jobs[i]
		if j.Request.Kind != registrar.KindLaunch {
			continue
		}
		if j.Request.Namespace.ID == id && (j.Open() || j.State == registrar.Done) {
			return j.Request.Owner, nil
		}
		used[string(j.Request.Owner)] = true
	}
	for i := uint32(0); ; i++ {
		a, err := w.RevealerAddress(ctx, i)
		if errors.Is(err, wallet.ErrNeedKeys) && w.WatchOnly() {
			return nil, fault.New("watch_only", "the keys that launch namespaces are not among what a watch-only wallet watches").Because(err).
				Hint("launch it in a home that has the wallet; with --psbt FILE it stays locked, and another machine signs")
		}
		if err != nil {
			return nil, err
		}
		if !used[string(a.Script)] {
			return a.Script, nil
		}
	}
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

// namespaceView is what programs see of a namespace.
type namespaceView struct {
	Namespace        names.NamespaceID     `json:"namespace"`
	Version          int                   `json:"version"`
	Status           names.NamespaceStatus `json:"status"`
	RevealHeight     int32                 `json:"reveal_height"`
	ReadyHeight      *int32                `json:"ready_height"`
	Lifetime         uint32                `json:"lifetime_blocks"`
	Infinite         bool                  `json:"names_never_expire"`
	Unit             names.Unit            `json:"unit"`
	Coefficient      int                   `json:"coefficient"`
	Base             int                   `json:"base"`
	Buckets          []int                 `json:"buckets"`
	NoVowelDiscount  int                   `json:"no_vowel_discount"`
	NonAlphaDiscount int                   `json:"non_alpha_discount"`
	Revealer         string                `json:"revealer_address"`
	Payer            string                `json:"payer_address"`
	Height           int32                 `json:"height"`
	ExactUntil       *int32                `json:"exact_until_height,omitempty"`
}

// viewNamespace turns a namespace into what programs see.
func viewNamespace(ns names.Namespace) namespaceView {
	v := namespaceView{
		Namespace: ns.ID, Version: ns.Version, Status: ns.Status, RevealHeight: ns.RevealHeight, Lifetime: ns.Lifetime,
		Infinite: ns.Lifetime == names.InfiniteLifetime, Unit: ns.PriceUnit(), Coefficient: int(ns.Coeff), Base: int(ns.Base),
		NoVowelDiscount: int(ns.NoVowelDiscount), NonAlphaDiscount: int(ns.NonAlphaDiscount),
		Revealer: ns.RevealerAddress, Payer: ns.PayerAddress, Height: ns.Height,
	}
	for _, b := range ns.Buckets {
		v.Buckets = append(v.Buckets, int(b))
	}
	if ns.ReadyHeight > 0 {
		v.ReadyHeight = &ns.ReadyHeight
	}
	return v
}

// lifetime writes how long names of the namespace live.
func (v namespaceView) lifetime() string {
	if v.Infinite {
		return "for ever"
	}
	return strconv.FormatUint(uint64(v.Lifetime), 10) + " blocks"
}

// runNamespaceList lists the namespaces that the index knows.
func runNamespaceList(ctx context.Context, env *Env, _ line.None) error {
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
	views, rows := []namespaceView{}, [][]string{}
	for _, ns := range list {
		v := viewNamespace(ns)
		views = append(views, v)
		rows = append(rows, []string{string(v.Namespace), string(v.Status), fmt.Sprintf("version %d", v.Version), v.lifetime()})
	}
	doc := map[string]any{"namespaces": views, "height": tip.Height, "consensus_hash": tip.Consensus}
	setExact(doc, certain(tip))
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
func runNamespaceShow(ctx context.Context, env *Env, id names.NamespaceID) error {
	x, err := env.Index(ctx)
	if err != nil {
		return err
	}
	ns, err := x.Namespace(ctx, id)
	if errors.Is(err, names.ErrNotFound) {
		return fault.New("not_found", "there is no namespace %s at block %d", id, env.indexHeight(ctx, x)).Because(err).
			Hint("see which there are: blockstack namespace list")
	}
	if err != nil {
		return err
	}
	v := viewNamespace(ns)
	if v.ExactUntil, err = exactUntil(ctx, x); err != nil {
		return err
	}
	return env.Out.Result("namespace.show", v, func(t *voice.Text) {
		t.Field("namespace", "%s", v.Namespace)
		t.Field("status", "%s", v.Status)
		t.Field("version", "%d", v.Version)
		t.Field("names live", "%s", v.lifetime())
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
