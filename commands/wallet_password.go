package commands

import (
	"context"

	"github.com/urfave/cli/v2"

	"blockstack/wallet/keychain"
	"blockstack/wallet/secret"
)

// walletPasswordCommand is `wallet password`.
func walletPasswordCommand() *cli.Command {
	return &cli.Command{
		Name:  "password",
		Usage: "change the wallet password",
		Description: "The keychain file is replaced in one step: it opens with the old password or with the new one, never with neither.\n" +
			"Backups that were made before keep the old password.\n\n" + examples(
			"blockstack wallet password",
			"blockstack wallet password --password-file old --new-password-file new"),
		Flags: []cli.Flag{&cli.StringFlag{Name: "new-password-file", Usage: "read the new password from the first line of `FILE`"}},
		Action: verb(func(c *cli.Context) (passwordOptions, error) {
			return passwordOptions{NewFile: c.String("new-password-file")}, nil
		}, runWalletPassword),
	}
}

// passwordOptions say where the new password comes from.
type passwordOptions struct{ NewFile string }

// runWalletPassword changes the password.
func runWalletPassword(ctx context.Context, env *Env, o passwordOptions) error {
	keys, err := env.keychain(ctx)
	if err != nil {
		return err
	}
	old, err := env.Password(ctx)
	if err != nil {
		return err
	}
	defer old.Wipe()
	var changed *secret.Bytes
	if o.NewFile != "" {
		changed, err = env.filePassword(o.NewFile)
	} else {
		changed, err = env.typedNewPassword(ctx, "--new-password-file FILE")
	}
	if err != nil {
		return err
	}
	defer changed.Wipe()
	if err := keys.ChangePassword(ctx, old, changed, keychain.DefaultCost()); err != nil {
		return err
	}
	doc := map[string]any{"keychain": env.Config.KeychainFile(), "unlockers": len(keys.Unlockers())}
	return env.Out.Result("wallet.password", doc, func(t *Text) {
		t.Line("the password of %s is changed", env.Config.KeychainFile())
	})
}
