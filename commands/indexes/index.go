package indexes

import (
	"context"
	"errors"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/record"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/home"
	"blockstack/names/index"
)

// IndexCommand is the noun `index`.
func IndexCommand() *cli.Command {
	return line.Noun("index", "what this machine knows of names, read from Bitcoin's blocks", line.Chain,
		indexSyncCommand(),
		indexStatusCommand(),
		indexVerifyCommand(),
		indexReplayCommand(),
		indexConsensusCommand(),
		indexExportCommand(),
	)
}

// indexSyncCommand is `index sync`.
func indexSyncCommand() *cli.Command {
	return &cli.Command{
		Name:  "sync",
		Usage: "read the blocks that are missing",
		Description: "Every command that looks at names does this first; alone it is for the long first time, and for cron. It can be\n" +
			"stopped at any moment and goes on from there. With --rebuild what is there is thrown away first: it all follows\n" +
			"from the blocks.\n\n" + line.Examples("blockstack index sync", "blockstack index sync --rebuild"),
		Flags: []cli.Flag{&cli.BoolFlag{Name: "rebuild", Usage: "begin again with the first block"}},
		Action: line.Verb(func(c *cli.Context) (indexSyncOptions, error) {
			return indexSyncOptions{Rebuild: c.Bool("rebuild")}, nil
		}, runIndexSync),
	}
}

type indexSyncOptions struct{ Rebuild bool }

// runIndexSync follows the node.
func runIndexSync(ctx context.Context, env *session.Session, o indexSyncOptions) error {
	if env.Config.Offline {
		return fault.Usage("--offline forbids to read blocks")
	}
	if o.Rebuild {
		if err := env.EmptyIndex(ctx); err != nil {
			return err
		}
	}
	x, err := env.Index(ctx)
	if err != nil {
		return err
	}
	return printIndex(ctx, env, "index.sync", x)
}

// indexStatusCommand is `index status`.
func indexStatusCommand() *cli.Command {
	return &cli.Command{
		Name:        "status",
		Usage:       "say how far the index is, how far the chain, and how far names are certain",
		Description: line.Examples("blockstack index status", "blockstack index status --offline"),
		Action:      line.Verb(line.NoOptions, runIndexStatus),
	}
}

// runIndexStatus looks without reading blocks.
func runIndexStatus(ctx context.Context, env *session.Session, _ line.None) error {
	rules, err := env.Registry(ctx)
	if err != nil {
		return err
	}
	x, err := index.Open(env.Config.IndexFile(), rules, index.Options{ReadOnly: true, Timeout: home.Patience})
	if err != nil {
		return err
	}
	if err := env.WarnInexact(ctx, x); err != nil {
		return errors.Join(err, x.Close())
	}
	return errors.Join(printIndex(ctx, env, "index.status", x), x.Close())
}

// printIndex prints where an index stands.
func printIndex(ctx context.Context, env *session.Session, schema string, x *index.Index) error {
	tip, err := x.Tip(ctx)
	if err != nil {
		return err
	}
	doc := map[string]any{
		"network": env.Config.Network, "first_block": x.Params().FirstBlock, "height": nil, "node_height": nil, "file": env.Config.IndexFile(),
	}
	if !tip.Empty {
		doc["height"], doc["block_hash"], doc["consensus_hash"], doc["ops_hash"] = tip.Height, tip.Hash, tip.Consensus, tip.OpsHash.String()
	}
	if !env.Config.Offline {
		if b, err := env.Blocks(ctx); err != nil {
			env.Out.Warn("how far the chain is, is unknown: %v", err)
		} else if height, _, err := b.Tip(ctx); err != nil {
			return err
		} else {
			doc["node_height"] = height
		}
	}
	record.SetExact(doc, record.Certain(tip))
	return env.Out.Result(schema, doc, func(t *voice.Text) {
		t.Field("network", "%s", env.Config.Network)
		if tip.Empty {
			t.Field("height", "nothing read yet")
		} else {
			t.Field("height", "%d", tip.Height)
			t.Field("block", "%s", tip.Hash)
			t.Field("consensus hash", "%s", tip.Consensus)
		}
		if h := doc["node_height"]; h != nil {
			t.Field("node height", "%d", h)
		}
		t.Field("first block", "%d", x.Params().FirstBlock)
		if h := record.Certain(tip); h != nil {
			t.Field("exact until", "block %d", *h)
		}
	})
}
