package sandboxes

import (
	"context"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/urfave/cli/v2"

	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/txbuilder"
)

// maxMine is the most blocks one command mines.
const maxMine = 10_000

// sandboxMineCommand is `sandbox mine`.
func sandboxMineCommand() *cli.Command {
	return &cli.Command{
		Name:      "mine",
		Usage:     "mine N blocks with the unconfirmed transactions in them",
		ArgsUsage: "N",
		Description: "With --min-fee-rate the blocks are as if they were full: what pays less stays outside.\n\n" +
			line.Examples("blockstack sandbox mine 6", "blockstack sandbox mine 3 --min-fee-rate 50"),
		Flags: []cli.Flag{&cli.StringFlag{Name: "min-fee-rate", Usage: "take only transactions that pay `SAT_VB` satoshi per virtual byte"}},
		Action: line.Verb(func(c *cli.Context) (o mineOptions, err error) {
			if o.Blocks, err = line.ParseCount("N", c.Args().First(), 1, maxMine); err != nil {
				return o, err
			}
			if text := c.String("min-fee-rate"); text != "" {
				o.Rate, err = txbuilder.ParseFeeRate(text)
			}
			return o, err
		}, runSandboxMine),
	}
}

// mineOptions say how many blocks are mined, and how little their transactions may pay.
type mineOptions struct {
	Blocks int
	Rate   txbuilder.FeeRate // 0: anything
}

// runSandboxMine mines.
func runSandboxMine(ctx context.Context, env *session.Session, o mineOptions) error {
	n := o.Blocks
	if err := sandboxOnly(env); err != nil {
		return err
	}
	s, err := env.Sandbox(ctx)
	if err != nil {
		return err
	}
	var hashes []chainhash.Hash
	progress := env.Out.Progress("mining", "blocks")
	for len(hashes) < n {
		mine := s.Mine
		if o.Rate > 0 {
			mine = func(ctx context.Context, n int) ([]chainhash.Hash, error) {
				return s.MineFull(ctx, n, btcutil.Amount(o.Rate))
			}
		}
		mined, err := mine(ctx, min(100, n-len(hashes)))
		hashes = append(hashes, mined...)
		if err != nil {
			return err
		}
		progress.Update(int64(len(hashes)), int64(n))
	}
	progress.Done()
	height, tip, err := s.Chain().Tip(ctx)
	if err != nil {
		return err
	}
	doc := map[string]any{"height": height, "block_hash": tip, "block_hashes": hashTexts(hashes)}
	return env.Out.Result("sandbox.mine", doc, func(t *voice.Text) {
		t.Field("height", "%d", height)
		t.Field("tip", "%s", tip)
	})
}

// hashTexts writes hashes in the usual reversed hex; an empty list stays a list.
func hashTexts(hashes []chainhash.Hash) []string {
	texts := make([]string, len(hashes))
	for i, h := range hashes {
		texts[i] = h.String()
	}
	return texts
}

// sandboxReorgCommand is `sandbox reorg`.
func sandboxReorgCommand() *cli.Command {
	return &cli.Command{
		Name:      "reorg",
		Usage:     "replace the last DEPTH blocks by one more, empty ones",
		ArgsUsage: "DEPTH",
		Description: "The transactions of the replaced blocks wait for a block again; with --drop they are lost.\n\n" +
			line.Examples("blockstack sandbox reorg 3", "blockstack sandbox reorg 1 --drop"),
		Flags: []cli.Flag{&cli.BoolFlag{Name: "drop", Usage: "lose the transactions of the replaced blocks"}},
		Action: line.Verb(func(c *cli.Context) (reorgOptions, error) {
			n, err := line.ParseCount("DEPTH", c.Args().First(), 1, 1_000_000)
			return reorgOptions{Depth: int32(n), Drop: c.Bool("drop")}, err
		}, runSandboxReorg),
	}
}

// reorgOptions say how deep a reorg goes and what becomes of the transactions.
type reorgOptions struct {
	Depth int32
	Drop  bool
}

// runSandboxReorg makes a reorg.
func runSandboxReorg(ctx context.Context, env *session.Session, o reorgOptions) error {
	if err := sandboxOnly(env); err != nil {
		return err
	}
	s, err := env.Sandbox(ctx)
	if err != nil {
		return err
	}
	r, err := s.Reorg(ctx, o.Depth, o.Drop)
	if err != nil {
		return err
	}
	height, tip, err := s.Chain().Tip(ctx)
	if err != nil {
		return err
	}
	lost := make([]string, len(r.Lost))
	for i, l := range r.Lost {
		lost[i] = l.Txid.String()
	}
	doc := map[string]any{
		"height": height, "block_hash": tip,
		"disconnected": hashTexts(r.Disconnected), "connected": hashTexts(r.Connected),
		"returned_txids": hashTexts(r.Returned), "dropped_txids": hashTexts(r.Dropped), "lost_txids": lost,
	}
	return env.Out.Result("sandbox.reorg", doc, func(t *voice.Text) {
		t.Field("height", "%d", height)
		t.Field("tip", "%s", tip)
		t.Field("disconnected", "%s", voice.Count(len(r.Disconnected), "block"))
		t.Field("connected", "%s", voice.Count(len(r.Connected), "block"))
		t.Field("returned", "%s", voice.Count(len(r.Returned), "transaction"))
		if o.Drop {
			t.Field("dropped", "%s", voice.Count(len(r.Dropped), "transaction"))
		}
		if len(lost) > 0 {
			t.Field("lost", "%s", voice.Count(len(lost), "transaction"))
		}
	})
}
