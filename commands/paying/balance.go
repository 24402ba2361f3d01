package paying

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/wallet"
	"blockstack/wallet/coins"
	"blockstack/wallet/scripts"
)

// BalanceCommand is `balance`.
func BalanceCommand() *cli.Command {
	return &cli.Command{
		Name:     "balance",
		Usage:    "show how much you have",
		Category: line.Money,
		Description: "With --offline it is what was known at the last look, without asking a node.\n\n" +
			line.Examples("blockstack balance", "blockstack balance --offline --json"),
		Action: line.Verb(line.NoOptions, runBalance),
	}
}

// runBalance adds up the coins.
func runBalance(ctx context.Context, env *session.Session, _ line.None) error {
	w, err := env.ReservedWallet(ctx)
	if err != nil {
		return err
	}
	b, err := w.Balance(ctx)
	if err != nil {
		return err
	}
	if !b.Tip.Synced {
		return fault.New("not_found", "the wallet has never looked at the chain, so its balance is unknown").
			Hint("let it look: blockstack balance, without --offline")
	}
	doc := map[string]any{
		"spendable_sat": int64(b.Confirmed), "unconfirmed_sat": int64(b.Unconfirmed), "immature_sat": int64(b.Immature),
		"reserved_sat": int64(b.Reserved), "frozen_sat": int64(b.Frozen), "owner_sat": int64(b.Owner),
		"total_sat": int64(b.Total()), "height": b.Tip.Height, "synced": !env.Config.Offline,
	}
	return env.Out.Result("balance", doc, func(t *voice.Text) {
		t.Field("spendable", "%s", voice.BTC(b.Confirmed))
		for _, part := range []struct {
			label string
			sat   int64
			text  string
		}{
			{"unconfirmed", int64(b.Unconfirmed), voice.BTC(b.Unconfirmed)},
			{"immature", int64(b.Immature), voice.BTC(b.Immature)},
			{"reserved for jobs", int64(b.Reserved), voice.BTC(b.Reserved)},
			{"frozen", int64(b.Frozen), voice.BTC(b.Frozen)},
			{"at owner addresses", int64(b.Owner), voice.BTC(b.Owner)},
		} {
			if part.sat != 0 {
				t.Field(part.label, "%s", part.text)
			}
		}
		t.Field("height", "%d", b.Tip.Height)
	})
}

// CoinsCommand is `wallet coins`.
func CoinsCommand() *cli.Command {
	return &cli.Command{
		Name:  "coins",
		Usage: "list your coins",
		Description: "A coin is reserved for a job as long as the job needs it, and for a payment that was prepared with --psbt until it is sent or\n" +
			"its time is over.\n\n" + line.Examples("blockstack wallet coins", "blockstack wallet coins --reserved", "blockstack wallet coins --offline --json"),
		Flags:  []cli.Flag{&cli.BoolFlag{Name: "reserved", Usage: "list only reserved coins, with who holds them and until when"}},
		Action: line.Verb(func(c *cli.Context) (bool, error) { return c.Bool("reserved"), nil }, runWalletCoins),
	}
}

// coinView is what programs see of a coin.
type coinView struct {
	Outpoint      string `json:"outpoint"`
	AmountSat     int64  `json:"amount_sat"`
	Address       string `json:"address"`
	Kind          string `json:"kind"`
	Role          string `json:"role"`
	Path          string `json:"path"`
	Height        *int32 `json:"height"`
	Confirmations int32  `json:"confirmations"`
	Spendable     bool   `json:"spendable"`
	Reserved      bool   `json:"reserved"`
	ReservedFor   string `json:"reserved_for,omitempty"`   // who holds it: "job ID" or "payment TXID"
	ReservedUntil string `json:"reserved_until,omitempty"` // a time, job_over or spent
	Immature      bool   `json:"immature"`
	Frozen        string `json:"frozen,omitempty"`
	Label         string `json:"label,omitempty"`
}

// runWalletCoins lists the coins.
func runWalletCoins(ctx context.Context, env *session.Session, reserved bool) error {
	w, err := env.ReservedWallet(ctx)
	if err != nil {
		return err
	}
	list, err := w.Coins(ctx)
	if err != nil {
		return err
	}
	tip, err := w.Tip(ctx)
	if err != nil {
		return err
	}
	if reserved {
		list = slices.DeleteFunc(list, func(c coins.Coin) bool { return !c.Reserved })
	}
	views := make([]coinView, len(list))
	rows := make([][]string, len(list))
	for i, c := range list {
		v := coinView{
			Outpoint: c.OutPoint.String(), AmountSat: int64(c.Amount), Address: c.Key.Address, Kind: string(c.Key.Kind),
			Role: string(c.Key.Role), Path: keyPath(w, c.Key), Confirmations: c.Confirmations, Spendable: c.Spendable(),
			Reserved: c.Reserved, Immature: c.Immature, Frozen: c.Frozen, Label: c.Label,
		}
		if c.Height >= 0 {
			v.Height = &list[i].Height
		}
		if c.Reserved {
			v.ReservedFor, v.ReservedUntil = session.HolderOf(env, &c)
		}
		views[i] = v
		if reserved {
			rows[i] = []string{v.Outpoint, voice.BTC(c.Amount), v.ReservedFor, session.UntilText(v.ReservedUntil)}
			continue
		}
		rows[i] = []string{v.Outpoint, voice.BTC(c.Amount), strconv.Itoa(int(c.Confirmations)), v.Address, coinState(&list[i]), v.Label}
	}
	doc := map[string]any{"coins": views, "height": tip.Height}
	return env.Out.Result("wallet.coins", doc, func(t *voice.Text) {
		if reserved {
			t.Table([]voice.Column{{Title: "coin"}, {Title: "amount", Right: true}, {Title: "for"}, {Title: "until"}}, rows)
			return
		}
		t.Table([]voice.Column{{Title: "coin"}, {Title: "amount", Right: true}, {Title: "conf", Right: true}, {Title: "address"}, {Title: "state"}, {Title: "label"}}, rows)
	})
}

// keyPath is where the private key of a coin is derived; empty where several keys sign.
func keyPath(w *wallet.Wallet, k scripts.Key) string {
	if k.Role == scripts.Shared {
		return ""
	}
	return w.Path(k).String()
}

// coinState says in a word or two what can be done with a coin.
func coinState(c *coins.Coin) string {
	switch {
	case c.Key.Role == scripts.Shared:
		return "several keys"
	case c.Key.Role != scripts.Payment:
		return fmt.Sprintf("%s key", c.Key.Role)
	case c.Frozen != "":
		return "frozen: " + c.Frozen
	case c.Reserved:
		return "reserved"
	case c.Immature:
		return "immature"
	case c.Confirmations == 0:
		return "unconfirmed"
	}
	return "spendable"
}
