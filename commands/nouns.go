package commands

import (
	"github.com/urfave/cli/v2"

	"blockstack/commands/line"
	"blockstack/commands/lists"
	"blockstack/commands/naming"
	"blockstack/commands/paying"
	"blockstack/commands/psbts"
	"blockstack/commands/wallets"
)

// walletCommand is the noun `wallet`.
func walletCommand() *cli.Command {
	return line.Noun("wallet", "your keys, addresses and coins", line.Money,
		wallets.CreateCommand(),
		wallets.RestoreCommand(),
		wallets.UnlockCommand(),
		wallets.LockCommand(),
		wallets.PasswordCommand(),
		wallets.BackupCommand(),
		wallets.BackupVerifyCommand(),
		wallets.SignMessageCommand(),
		wallets.VerifyMessageCommand(),
		wallets.StatusCommand(),
		wallets.AddressCommand(),
		paying.CoinsCommand(),
		wallets.ReleaseCommand(),
		wallets.FreezeCommand(),
		wallets.UnfreezeCommand(),
		wallets.LabelCommand(),
		wallets.LabelsCommand(),
		wallets.RescanCommand(),
		wallets.SweepCommand(),
		wallets.DescriptorsCommand(),
		psbts.Command(),
	)
}

// nameCommand is the noun `name`.
func nameCommand() *cli.Command {
	return line.Noun("name", "names: looking them up, registering them, and what their owners can do", line.Names,
		naming.CheckCommand(),
		naming.PriceCommand(),
		naming.RegisterCommand("name register"),
		lists.RenewCommand(),
		naming.UpdateCommand(),
		naming.TransferCommand(),
		naming.RevokeCommand(),
		lists.ApplyCommand(),
		naming.ListCommand(),
		naming.ShowCommand(),
		naming.HistoryCommand(),
	)
}
