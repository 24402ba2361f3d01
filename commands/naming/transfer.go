package naming

import (
	"context"

	"github.com/urfave/cli/v2"

	"blockstack/commands/jobrun"
	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/names"
	"blockstack/txbuilder/registrar"
)

// TransferCommand is `name transfer`.
func TransferCommand() *cli.Command {
	return &cli.Command{
		Name:      "transfer",
		Usage:     "give a name to somebody else",
		ArgsUsage: "NAME TO",
		Description: "TO is the address of the new owner, of the kind P2PKH or P2SH. Only they can give the name back.\n\n" + line.Examples(
			"blockstack name transfer alice.id 1JeTQ5cQjsD57YGcsVFhwT7iuQUXJR6BSk",
			"blockstack name transfer alice.id 1JeTQ5cQjsD57YGcsVFhwT7iuQUXJR6BSk --erase"),
		Flags: jobrun.Flags(&cli.BoolFlag{Name: "erase", Usage: "take the zone file away from the name"}),
		Action: line.Verb(func(c *cli.Context) (transferOptions, error) {
			o := transferOptions{To: c.Args().Get(1), Erase: c.Bool("erase")}
			var err error
			if o.Name, err = line.NameArgument(c); err != nil {
				return o, err
			}
			o.Options, err = jobrun.ParseOptions(c)
			return o, err
		}, runNameTransfer),
	}
}

// transferOptions say which name is given to whom.
type transferOptions struct {
	Name  names.Name
	To    string
	Erase bool
	jobrun.Options
}

// runNameTransfer gives a name away.
func runNameTransfer(ctx context.Context, env *session.Session, o transferOptions) error {
	to, err := jobrun.NewOwner(ctx, env, o.To)
	if err != nil {
		return err
	}
	return jobrun.RunOwnerRequest(ctx, env, "name.transfer", registrar.Request{Kind: registrar.KindTransfer, Name: o.Name, To: to, Erase: o.Erase}, o.Options)
}
