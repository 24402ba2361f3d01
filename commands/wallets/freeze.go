package wallets

import (
	"context"

	"github.com/urfave/cli/v2"

	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/wallet/labels"
)

// parseCoins reads all arguments as coins.
func parseCoins(c *cli.Context) (labels.OutPoints, error) {
	return labels.ParseOutPoints(c.Args().Slice())
}

// FreezeCommand is `wallet freeze`.
func FreezeCommand() *cli.Command {
	return &cli.Command{
		Name:        "freeze",
		Usage:       "keep payments from using coins",
		ArgsUsage:   "OUTPOINT...",
		Description: "OUTPOINT is TXID:INDEX, as wallet coins shows it. No node is asked.\n\n" + line.Examples("blockstack wallet freeze TXID:0 --reason 'not mine'"),
		Flags:       []cli.Flag{&cli.StringFlag{Name: "reason", Usage: "`TEXT` that says why"}},
		Action: line.Verb(func(c *cli.Context) (freezeOptions, error) {
			list, err := parseCoins(c)
			return freezeOptions{Coins: list, Reason: c.String("reason")}, err
		}, func(ctx context.Context, env *session.Session, o freezeOptions) error {
			w, err := env.Wallet(ctx)
			if err != nil {
				return err
			}
			for _, op := range o.Coins {
				if err := w.Freeze(ctx, op, o.Reason); err != nil {
					return err
				}
			}
			return printFrozen(env, "wallet.freeze", o.Coins, true)
		}),
	}
}

// freezeOptions say which coins are frozen and why.
type freezeOptions struct {
	Coins  labels.OutPoints
	Reason string
}

// UnfreezeCommand is `wallet unfreeze`.
func UnfreezeCommand() *cli.Command {
	return &cli.Command{
		Name:        "unfreeze",
		Usage:       "let payments use frozen coins again",
		ArgsUsage:   "OUTPOINT...",
		Description: "Coins at owner addresses are never used by themselves: pay --from owner:N spends them.\n\n" + line.Examples("blockstack wallet unfreeze TXID:0"),
		Action: line.Verb(parseCoins, func(ctx context.Context, env *session.Session, list labels.OutPoints) error {
			w, err := env.Wallet(ctx)
			if err != nil {
				return err
			}
			for _, op := range list {
				if err := w.Unfreeze(ctx, op); err != nil {
					return err
				}
			}
			return printFrozen(env, "wallet.unfreeze", list, false)
		}),
	}
}

// printFrozen prints what was frozen or not.
func printFrozen(env *session.Session, schema string, list labels.OutPoints, frozen bool) error {
	texts := list.Texts()
	state := "spendable"
	if frozen {
		state = "frozen"
	}
	return env.Out.Result(schema, map[string]any{"outpoints": texts, "frozen": frozen}, func(t *voice.Text) {
		for _, s := range texts {
			t.Field(state, "%s", s)
		}
	})
}
