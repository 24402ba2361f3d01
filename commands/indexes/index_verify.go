package indexes

import (
	"context"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/names"
	"blockstack/names/index"
)

// indexVerifyCommand is `index verify`.
func indexVerifyCommand() *cli.Command {
	return &cli.Command{
		Name:  "verify",
		Usage: "compute everything again from the operations in the index and compare",
		Description: "It finds damage, and answers of an older program that a newer one would not give. It needs no blocks, so it cannot\n" +
			"see operations that were left out; for that delete the index and read the blocks again.\n\n" + line.Examples("blockstack index verify"),
		Action: line.Verb(line.NoOptions, runIndexVerify),
	}
}

// runIndexVerify checks the index as it is.
func runIndexVerify(ctx context.Context, env *session.Session, _ line.None) error {
	x, err := env.OpenIndex(ctx)
	if err != nil {
		return err
	}
	env.OnClose(x.Close)
	progress := env.Out.Progress("verifying", "blocks")
	v, err := x.Verify(ctx, func(p index.Progress) { progress.Update(int64(p.Height), int64(p.Target)) })
	progress.Done()
	if err != nil {
		return err
	}
	tip, err := x.Tip(ctx)
	if err != nil {
		return err
	}
	doc := map[string]any{"agrees": true, "blocks": v.Blocks, "operations": v.Ops, "rows": v.Rows, "height": tip.Height, "consensus_hash": tip.Consensus}
	return env.Out.Result("index.verify", doc, func(t *voice.Text) {
		t.Field("agrees", "yes")
		t.Field("looked at", "%d blocks, %d operations, %d stored rows", v.Blocks, v.Ops, v.Rows)
		t.Field("consensus hash", "%s", tip.Consensus)
	})
}

// indexConsensusCommand is `index consensus`.
func indexConsensusCommand() *cli.Command {
	return &cli.Command{
		Name:        "consensus",
		Usage:       "show the consensus hash of a height, or of the tip",
		ArgsUsage:   "[HEIGHT]",
		Description: "With --all those of all heights are listed.\n\n" + line.Examples("blockstack index consensus", "blockstack index consensus 599286", "blockstack index consensus --all"),
		Flags:       []cli.Flag{&cli.BoolFlag{Name: "all", Usage: "list every height"}},
		Action: line.Verb(func(c *cli.Context) (consensusOptions, error) {
			o := consensusOptions{Height: -1, All: c.Bool("all")}
			if !c.Args().Present() {
				return o, nil
			}
			if o.All {
				return o, fault.Usage("--all lists every height; leave out HEIGHT")
			}
			h, err := line.ParseCount("HEIGHT", c.Args().First(), 0, 1<<30)
			o.Height = int32(h)
			return o, err
		}, runIndexConsensus),
	}
}

// consensusOptions say which heights are wanted; -1 is the tip.
type consensusOptions struct {
	Height int32
	All    bool
}

// runIndexConsensus asks the index.
func runIndexConsensus(ctx context.Context, env *session.Session, o consensusOptions) error {
	x, err := env.Index(ctx)
	if err != nil {
		return err
	}
	show := func(height int32, h names.ConsensusHash) error {
		return env.Out.Stream("index.consensus", map[string]any{"height": height, "consensus_hash": h}, func(t *voice.Text) { t.Line("%d\t%s", height, h) })
	}
	if o.All {
		return x.ConsensusHashes(ctx, show)
	}
	if o.Height < 0 {
		tip, err := x.Tip(ctx)
		if err != nil {
			return err
		}
		if tip.Empty {
			return fault.New("not_found", "no block was read yet")
		}
		o.Height = tip.Height
	}
	h, err := x.ConsensusHash(ctx, o.Height)
	if err != nil {
		return err
	}
	doc := map[string]any{"height": o.Height, "consensus_hash": h}
	return env.Out.Result("index.consensus", doc, func(t *voice.Text) { t.Line("%d\t%s", o.Height, h) })
}
