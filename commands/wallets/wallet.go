package wallets

import (
	"context"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/home"
	"blockstack/wallet"
	"blockstack/wallet/scripts"
)

// StatusCommand is `wallet status`.
func StatusCommand() *cli.Command {
	return &cli.Command{
		Name:        "status",
		Usage:       "say what there is: keychain, network, how far the coins are known",
		Description: "It asks neither for the password nor a node.\n\n" + line.Examples("blockstack wallet status"),
		Action:      line.Verb(line.NoOptions, runWalletStatus),
	}
}

// runWalletStatus looks at the files alone.
func runWalletStatus(ctx context.Context, env *session.Session, _ line.None) error {
	w, err := env.Wallet(ctx)
	if err != nil {
		return err
	}
	info, err := w.Info(ctx)
	if err != nil {
		return err
	}
	tip, err := w.Tip(ctx)
	if err != nil {
		return err
	}
	doc := map[string]any{
		"network": env.Config.Network, "home": env.Config.Home, "fingerprint": w.Fingerprint(), "watch_only": info.Keychain == "",
		"scripts": string(w.Proof()), "keyring": w.HasKeyring(), "gap": info.Gap, "needs_rescan": info.NeedsRescan, "height": nil,
	}
	if tip.Synced {
		doc["height"] = tip.Height
	}
	return env.Out.Result("wallet.status", doc, func(t *voice.Text) {
		t.Field("network", "%s", env.Config.Network)
		t.Field("folder", "%s", env.Config.Home)
		t.Field("fingerprint", "%s", w.Fingerprint())
		if tip.Synced {
			t.Field("coins known up to", "block %d", tip.Height)
		} else {
			t.Field("coins known up to", "never looked")
		}
		if info.NeedsRescan {
			t.Field("note", "the next sync looks at the chain from the start")
		}
	})
}

// addressKinds are the kinds of address that --type takes.
func addressKinds() map[string]scripts.Kind {
	return map[string]scripts.Kind{"nested": scripts.P2SHP2WPKH, "legacy": scripts.P2PKH, "segwit": scripts.P2WPKH, "taproot": scripts.P2TR}
}

// addressKind reads --type. Empty: the wallet's usual kind, since a watch-only one may have no
// nested account.
func addressKind(c *cli.Context) (scripts.Kind, error) {
	kind, ok := addressKinds()[c.String("type")]
	switch {
	case !ok:
		return "", fault.Usage("--type is %.40q, not nested, legacy, segwit or taproot", c.String("type"))
	case !c.IsSet("type"):
		return "", nil
	}
	return kind, nil
}

// AddressCommand is `wallet address`.
func AddressCommand() *cli.Command {
	return &cli.Command{
		Name:  "address",
		Usage: "show an address where you can be paid",
		Description: "It is the same one until it is paid; --new gives another. Coins at nested and legacy addresses can pay for names,\n" +
			"those at segwit and taproot addresses cannot. While the wallet is locked, the keychain file says which keys are yours;\n" +
			"--check derives the address from the seed, before much money is sent there.\n\n" + line.Examples("blockstack wallet address", "blockstack wallet address --type segwit --new"),
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "type", Value: "nested", Usage: "`KIND` of address: nested, legacy, segwit, taproot"},
			&cli.BoolFlag{Name: "new", Usage: "give one that was never shown"},
			&cli.BoolFlag{Name: "check", Usage: "unlock the wallet and derive the address from the seed"},
		},
		Action: line.Verb(func(c *cli.Context) (addressOptions, error) {
			kind, err := addressKind(c)
			return addressOptions{Kind: kind, Fresh: c.Bool("new"), Check: c.Bool("check")}, err
		}, runWalletAddress),
	}
}

// addressOptions say which address is wanted.
type addressOptions struct {
	Kind  scripts.Kind
	Fresh bool
	Check bool // derived from the seed
}

// receiveAddress is an address to be paid at. A node is not needed; where one answers, an address
// that was paid is not given again.
func receiveAddress(ctx context.Context, e *session.Session, o addressOptions) (wallet.Address, error) {
	w, err := e.Wallet(ctx)
	if err != nil {
		return wallet.Address{}, err
	}
	switch {
	case e.Config.Offline:
	case e.Config.UsesPeers() && e.Config.Public():
		// The first sync with peers takes long, and an address is wanted now.
		e.Out.Detail("the address is the next one as of the last sync")
	default:
		if n, err := e.Bitcoin(ctx); err != nil {
			e.Out.Detail("the address may have been paid already: %v", err)
		} else if err := home.SyncQuietly(ctx, w, n); err != nil {
			return wallet.Address{}, err
		}
	}
	if o.Check {
		if err := e.Keys.Unlock(ctx, w); err != nil {
			return wallet.Address{}, err
		}
	}
	if o.Fresh {
		return w.NewReceiveAddress(ctx, o.Kind)
	}
	return w.ReceiveAddress(ctx, o.Kind)
}

// runWalletAddress shows an address.
func runWalletAddress(ctx context.Context, env *session.Session, o addressOptions) error {
	a, err := receiveAddress(ctx, env, o)
	if err != nil {
		return err
	}
	doc := map[string]any{"address": a.Text, "kind": string(a.Kind), "path": a.Path, "network": env.Config.Network, "checked": o.Check}
	return env.Out.Result("wallet.address", doc, func(t *voice.Text) { t.Line("%s", a.Text) })
}
