package wallets

import (
	"context"

	"github.com/urfave/cli/v2"

	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/wallet/labels"
)

// ReleaseCommand is `wallet release`.
func ReleaseCommand() *cli.Command {
	return &cli.Command{
		Name:      "release",
		Usage:     "let payments use coins that a prepared payment waits for",
		ArgsUsage: "OUTPOINT...",
		Description: "OUTPOINT is TXID:INDEX, as wallet coins shows it. The PSBT can still be signed and sent by whoever has it: of two payments\n" +
			"that spend one coin, one alone is ever mined. The coins of a job are freed by: blockstack job cancel JOB\n\n" +
			line.Examples("blockstack wallet coins --reserved", "blockstack wallet release TXID:0"),
		Action: line.Verb(parseCoins, runWalletRelease),
	}
}

// runWalletRelease ends the holding of coins.
func runWalletRelease(ctx context.Context, env *session.Session, list labels.OutPoints) error {
	w, err := env.Wallet(ctx)
	if err != nil {
		return err
	}
	if err := w.Holds().Release(ctx, list); err != nil {
		return err
	}
	texts := list.Texts()
	return env.Out.Result("wallet.release", map[string]any{"outpoints": texts, "reserved": false}, func(t *voice.Text) {
		for _, s := range texts {
			t.Field("released", "%s", s)
		}
	})
}
