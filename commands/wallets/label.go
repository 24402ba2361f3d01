package wallets

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/storage/textfile"
	"blockstack/wallet/labels"
)

// LabelCommand is `wallet label`.
func LabelCommand() *cli.Command {
	return &cli.Command{
		Name:        "label",
		Usage:       "write a label on a transaction, a coin or an address",
		ArgsUsage:   "TXID|OUTPOINT|ADDRESS [TEXT]",
		Description: "Without TEXT the label is shown. Labels stay on this machine.\n\n" + line.Examples("blockstack wallet label TXID 'rent of May'", "blockstack wallet label TXID:0 --remove"),
		Flags:       []cli.Flag{&cli.BoolFlag{Name: "remove", Usage: "take the label away"}},
		Action: line.Verb(func(c *cli.Context) (labelOptions, error) {
			o := labelOptions{Ref: c.Args().First(), Text: c.Args().Get(1), Set: c.NArg() == 2, Remove: c.Bool("remove")}
			switch {
			case o.Set && o.Remove:
				return o, fault.Usage("give TEXT or --remove, not both")
			case o.Set && strings.TrimSpace(o.Text) == "":
				return o, fault.Usage("the label is empty").Hint("take it away with --remove")
			}
			return o, nil
		}, runWalletLabel),
	}
}

// labelOptions say what is labelled how.
type labelOptions struct {
	Ref, Text   string
	Set, Remove bool
}

// runWalletLabel shows or writes a label.
func runWalletLabel(ctx context.Context, env *session.Session, o labelOptions) error {
	l, err := labelOf(env, o.Ref)
	if err != nil {
		return err
	}
	w, err := env.Wallet(ctx)
	if err != nil {
		return err
	}
	if o.Set || o.Remove {
		l.Text = o.Text
		if err := w.SetLabel(ctx, l); err != nil {
			return err
		}
	} else {
		all, err := w.Labels(ctx)
		if err != nil {
			return err
		}
		for _, x := range all {
			if x.Type == l.Type && x.Ref == l.Ref {
				l.Text = x.Text
			}
		}
	}
	return env.Out.Result("wallet.label", labels.LineOf(l), func(t *voice.Text) {
		t.Field(string(l.Type), "%s", l.Ref)
		t.Field("label", "%s", l.Text)
	})
}

// labelOf finds out what a label is about.
func labelOf(e *session.Session, ref string) (labels.Label, error) {
	if id, _, coin := strings.Cut(ref, ":"); len(id) == 64 {
		if coin {
			op, err := labels.ParseOutPoint(ref)
			return labels.Label{Type: labels.Output, Ref: op.String()}, err
		}
		hash, err := labels.ParseTxid(ref)
		return labels.Label{Type: labels.Tx, Ref: hash.String()}, err
	}
	if _, err := session.AddressScript(e, ref); err != nil {
		return labels.Label{}, fault.Usage("%.80q is neither a transaction, nor a coin (TXID:INDEX), nor an address of %s", ref, e.Config.Network)
	}
	return labels.Label{Type: labels.Address, Ref: ref}, nil
}

// LabelsCommand is the noun `wallet labels`.
func LabelsCommand() *cli.Command {
	return line.Noun("labels", "labels as other wallets read and write them (BIP 329)", "",
		&cli.Command{
			Name:        "export",
			Usage:       "write all labels and frozen coins as JSON lines",
			Description: "The format is that of BIP 329.\n\n" + line.Examples("blockstack wallet labels export --out labels.jsonl"),
			Flags:       []cli.Flag{line.OutFlag()},
			Action:      line.Verb(func(c *cli.Context) (string, error) { return c.String("out"), nil }, runLabelsExport),
		},
		&cli.Command{
			Name:      "import",
			Usage:     "read labels and frozen coins from JSON lines",
			ArgsUsage: "FILE",
			Description: "The format is that of BIP 329; - is standard input. All lines are taken or none; labels of things this wallet has no\n" +
				"place for (keys, inputs) are left out and counted. A coin that has not come yet is frozen when it comes.\n\n" + line.Examples("blockstack wallet labels import labels.jsonl"),
			Action: line.Verb(func(c *cli.Context) (string, error) { return c.Args().First(), nil }, runLabelsImport),
		})
}

// runLabelsExport writes all labels.
func runLabelsExport(ctx context.Context, env *session.Session, out string) error {
	w, err := env.Wallet(ctx)
	if err != nil {
		return err
	}
	list, err := w.Labels(ctx)
	if err != nil {
		return err
	}
	coins, err := w.Frozen(ctx)
	if err != nil {
		return err
	}
	frozen := map[string]bool{}
	for op := range coins {
		frozen[op.String()] = true
	}
	file, err := labels.WriteFile(list, frozen)
	if err != nil {
		return err
	}
	if out == "" {
		env.Out.Raw(file)
		return nil
	}
	if err := textfile.New(out, file, 0o600); err != nil {
		return fmt.Errorf("labels: %w", err)
	}
	doc := map[string]any{"file": out, "labels": len(list), "frozen": len(frozen)}
	return env.Out.Result("wallet.labels-export", doc, func(t *voice.Text) {
		t.Field("file", "%s", out)
		t.Field("labels", "%d", len(list))
	})
}

// runLabelsImport reads labels.
func runLabelsImport(ctx context.Context, env *session.Session, path string) error {
	in := env.In
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return fmt.Errorf("labels: %w", err)
		}
		defer f.Close()
		in = f
	}
	raw, err := io.ReadAll(io.LimitReader(textfile.Unmarked(in), labels.MaxFile+1))
	if err != nil {
		return fmt.Errorf("labels: %w", err)
	}
	file, err := labels.ReadFile(raw)
	if err != nil {
		return fault.New("malformed", "labels: %v", err).Because(err)
	}
	w, err := env.Wallet(ctx)
	if err != nil {
		return err
	}
	n, err := w.ImportLabels(ctx, file.Labels, file.Spendable, "by imported labels")
	if err != nil {
		return err
	}
	doc := map[string]any{"labels": len(file.Labels), "left_out": file.LeftOut, "frozen": n.Frozen, "unfrozen": n.Unfrozen, "waiting": n.Waiting}
	return env.Out.Result("wallet.labels-import", doc, func(t *voice.Text) {
		t.Field("labels", "%d", len(file.Labels))
		t.Field("left out", "%d", file.LeftOut)
		t.Field("frozen", "%d", n.Frozen)
		t.Field("unfrozen", "%d", n.Unfrozen)
		if n.Waiting > 0 {
			t.Field("not here yet", "%s, frozen on arrival", voice.Count(n.Waiting, "coin"))
		}
	})
}
