package indexes

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/urfave/cli/v2"

	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/names/index/replay"
	"blockstack/storage/textfile"
)

// indexReplayCommand is `index replay`.
func indexReplayCommand() *cli.Command {
	return &cli.Command{
		Name:      "replay",
		Usage:     "feed a chain out of a file through the index and print what became of it, as JSON",
		ArgsUsage: "FILE",
		Description: "The file brings its own rules; no node, wallet or home is used, and the code is that of live blocks. - is standard\n" +
			"input. The answers that a file may hold are not read.\n\n" + line.Examples("blockstack index replay chain.json | jq .blocks[-1].consensus_hash"),
		Action: line.PlainVerb(func(c *cli.Context) (string, error) { return c.Args().First(), nil }, runIndexReplay),
	}
}

// runIndexReplay prints one JSON document whether or not --json is given: the document is the
// result.
func runIndexReplay(ctx context.Context, env *session.Session, path string) error {
	var in io.Reader = env.In
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return fmt.Errorf("scenario: %w", err)
		}
		defer f.Close()
		in = f
	}
	replayed, err := replay.Run(ctx, textfile.Unmarked(in))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	b, err := voice.Document("index.replay", replayed)
	if err != nil {
		return err
	}
	env.Out.Raw(b)
	return nil
}
