package commands

import (
	"context"
	"fmt"
	"strconv"

	"github.com/urfave/cli/v2"

	"blockstack/wallet"
	"blockstack/wallet/coins"
)

// balanceCommand is `balance`.
func balanceCommand() *cli.Command {
	return &cli.Command{
		Name:     "balance",
		Usage:    "show how much you have",
		Category: catMoney,
		Description: "With --offline it is what was known at the last look, without asking a node.\n\n" +
			examples("blockstack balance", "blockstack balance --offline --json"),
		Action: verb(noOptions, runBalance),
	}
}

// runBalance adds up the coins.
func runBalance(ctx context.Context, env *Env, _ none) error {
	w, err := env.reservedWallet(ctx)
	if err != nil {
		return err
	}
	b, err := w.Balance(ctx)
	if err != nil {
		return err
	}
	if !b.Tip.Synced {
		return fault("not_found", "the wallet has never looked at the chain, so its balance is unknown").
			hint("let it look: blockstack balance, without --offline")
	}
	doc := map[string]any{
		"spendable_sat": int64(b.Confirmed), "unconfirmed_sat": int64(b.Unconfirmed), "immature_sat": int64(b.Immature),
		"reserved_sat": int64(b.Reserved), "frozen_sat": int64(b.Frozen), "owner_sat": int64(b.Owner),
		"total_sat": int64(b.Total()), "height": b.Tip.Height, "synced": !env.Config.Offline,
	}
	return env.Out.Result("balance", doc, func(t *Text) {
		t.Field("spendable", "%s", formatBTC(b.Confirmed))
		for _, part := range []struct {
			label string
			sat   int64
			text  string
		}{
			{"unconfirmed", int64(b.Unconfirmed), formatBTC(b.Unconfirmed)},
			{"immature", int64(b.Immature), formatBTC(b.Immature)},
			{"reserved for jobs", int64(b.Reserved), formatBTC(b.Reserved)},
			{"frozen", int64(b.Frozen), formatBTC(b.Frozen)},
			{"at owner addresses", int64(b.Owner), formatBTC(b.Owner)},
		} {
			if part.sat != 0 {
				t.Field(part.label, "%s", part.text)
			}
		}
		t.Field("height", "%d", b.Tip.Height)
	})
}

// walletCoinsCommand is `wallet coins`.
func walletCoinsCommand() *cli.Command {
	return &cli.Command{
		Name:        "coins",
		Usage:       "list your coins",
		Description: examples("blockstack wallet coins", "blockstack wallet coins --offline --json"),
		Action:      verb(noOptions, runWalletCoins),
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
	Immature      bool   `json:"immature"`
	Frozen        string `json:"frozen,omitempty"`
	Label         string `json:"label,omitempty"`
}

// runWalletCoins lists the coins.
func runWalletCoins(ctx context.Context, env *Env, _ none) error {
	w, err := env.reservedWallet(ctx)
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
		views[i] = v
		rows[i] = []string{v.Outpoint, formatBTC(c.Amount), strconv.Itoa(int(c.Confirmations)), v.Address, coinState(&list[i]), v.Label}
	}
	doc := map[string]any{"coins": views, "height": tip.Height}
	return env.Out.Result("wallet.coins", doc, func(t *Text) {
		t.Table([]Column{{Title: "coin"}, {Title: "amount", Right: true}, {Title: "conf", Right: true}, {Title: "address"}, {Title: "state"}, {Title: "label"}}, rows)
	})
}

// keyPath is where the private key of a coin is derived; empty where several keys sign.
func keyPath(w *wallet.Wallet, k coins.Key) string {
	if k.Role == coins.Shared {
		return ""
	}
	return w.Path(k).String()
}

// coinState says in a word or two what can be done with a coin.
func coinState(c *coins.Coin) string {
	switch {
	case c.Key.Role == coins.Shared:
		return "several keys"
	case c.Key.Role != coins.Payment:
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
