package wallets

import (
	"context"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/wallet/secret"
)

// PasswordCommand is `wallet password`.
func PasswordCommand() *cli.Command {
	return &cli.Command{
		Name:  "password",
		Usage: "change the wallet password, or let the keyring of the system unlock, too",
		Description: "The keychain file is replaced in one step: it opens with the old password or with the new one, never with neither.\n" +
			"Backups that were made before keep the old password.\n\n" +
			"With --keyring on, the keyring of the system (Secret Service, macOS Keychain, Windows Credential Manager) keeps a random\n" +
			"secret that opens the keychain as well: commands no longer ask for the password while you are logged in. The password\n" +
			"itself is not kept there, and stays valid. --keyring off takes it back.\n\n" + line.Examples(
			"blockstack wallet password",
			"blockstack wallet password --password-file old --new-password-file new",
			"blockstack wallet password --keyring on"),
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "new-password-file", Usage: "read the new password from the first line of `FILE`"},
			&cli.StringFlag{Name: "keyring", Usage: "instead of changing the password, turn unlocking by the keyring of the system `STATE`: on, off"},
		},
		Action: line.Verb(func(c *cli.Context) (passwordOptions, error) {
			o := passwordOptions{NewFile: c.String("new-password-file"), Keyring: c.String("keyring")}
			switch {
			case c.IsSet("keyring") && o.Keyring != keyringOn && o.Keyring != keyringOff:
				return o, fault.Usage("--keyring is %.40q, not on or off", o.Keyring)
			case o.Keyring != "" && o.NewFile != "":
				return o, fault.Usage("--keyring leaves the password as it is; change it with a command of its own")
			}
			return o, nil
		}, runWalletPassword),
	}
}

// passwordOptions say where the new password comes from, or what the keyring of the system is to
// do.
type passwordOptions struct{ NewFile, Keyring string }

// runWalletPassword changes the password.
func runWalletPassword(ctx context.Context, env *session.Session, o passwordOptions) error {
	keys, err := session.OpenKeychain(ctx, env)
	if err != nil {
		return err
	}
	if o.Keyring != "" {
		return setKeyring(ctx, env, keys, o.Keyring)
	}
	old, err := env.Keys.Password(ctx, func(password *secret.Bytes) error { return keys.Unlock(ctx, password) })
	if err != nil {
		return err
	}
	defer old.Wipe()
	keys.Lock()
	var changed *secret.Bytes
	if o.NewFile != "" {
		if changed, err = env.Keys.FromFile(o.NewFile); err == nil {
			session.JudgePassword(env, changed)
		}
	} else {
		changed, err = session.TypedNewPassword(ctx, env, "--new-password-file FILE")
	}
	if err != nil {
		return err
	}
	defer changed.Wipe()
	if err := keys.ChangePassword(ctx, old, changed, session.PasswordCost()); err != nil {
		return err
	}
	doc := map[string]any{"keychain": env.Config.KeychainFile(), "unlockers": len(keys.Unlockers())}
	return env.Out.Result("wallet.password", doc, func(t *voice.Text) {
		t.Line("the password of %s is changed", env.Config.KeychainFile())
	})
}
