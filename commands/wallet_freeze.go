package commands

import (
	"context"
	"strconv"
	"strings"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/voice"
)

// parseOutPoint reads TXID:VOUT.
func parseOutPoint(text string) (wire.OutPoint, error) {
	id, index, ok := strings.Cut(text, ":")
	hash, err := parseTxid(id)
	n, nerr := strconv.ParseUint(index, 10, 32)
	if !ok || err != nil || nerr != nil || len(index) > 1 && index[0] == '0' {
		return wire.OutPoint{}, fault.Usage("%.80q is not a coin, TXID:INDEX", text).Hint("list your coins: blockstack wallet coins")
	}
	return wire.OutPoint{Hash: hash, Index: uint32(n)}, nil
}

// parseTxid reads the 64 hex digits of a transaction.
func parseTxid(text string) (chainhash.Hash, error) {
	if len(text) != 2*chainhash.HashSize {
		return chainhash.Hash{}, fault.Usage("%.80q is not a transaction, 64 hex digits", text)
	}
	hash, err := chainhash.NewHashFromStr(text)
	if err != nil {
		return chainhash.Hash{}, fault.Usage("%.80q is not a transaction, 64 hex digits", text)
	}
	return *hash, nil
}

// parseOutPoints reads all arguments as coins.
func parseOutPoints(c *cli.Context) ([]wire.OutPoint, error) {
	var list []wire.OutPoint
	for _, a := range c.Args().Slice() {
		op, err := parseOutPoint(a)
		if err != nil {
			return nil, err
		}
		list = append(list, op)
	}
	return list, nil
}

// walletFreezeCommand is `wallet freeze`.
func walletFreezeCommand() *cli.Command {
	return &cli.Command{
		Name:        "freeze",
		Usage:       "keep payments from using coins",
		ArgsUsage:   "OUTPOINT...",
		Description: "OUTPOINT is TXID:INDEX, as wallet coins shows it. No node is asked.\n\n" + line.Examples("blockstack wallet freeze TXID:0 --reason 'not mine'"),
		Flags:       []cli.Flag{&cli.StringFlag{Name: "reason", Usage: "`TEXT` that says why"}},
		Action: line.Verb(func(c *cli.Context) (freezeOptions, error) {
			list, err := parseOutPoints(c)
			return freezeOptions{Coins: list, Reason: c.String("reason")}, err
		}, func(ctx context.Context, env *Env, o freezeOptions) error {
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
	Coins  []wire.OutPoint
	Reason string
}

// walletUnfreezeCommand is `wallet unfreeze`.
func walletUnfreezeCommand() *cli.Command {
	return &cli.Command{
		Name:        "unfreeze",
		Usage:       "let payments use frozen coins again",
		ArgsUsage:   "OUTPOINT...",
		Description: "Coins at owner addresses are never used by themselves: pay --from owner:N spends them.\n\n" + line.Examples("blockstack wallet unfreeze TXID:0"),
		Action: line.Verb(parseOutPoints, func(ctx context.Context, env *Env, list []wire.OutPoint) error {
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
func printFrozen(env *Env, schema string, list []wire.OutPoint, frozen bool) error {
	texts := make([]string, len(list))
	for i, op := range list {
		texts[i] = op.String()
	}
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
