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

// RevokeCommand is `name revoke`.
func RevokeCommand() *cli.Command {
	return &cli.Command{
		Name:      "revoke",
		Usage:     "make a name unusable until it expires",
		ArgsUsage: "NAME",
		Description: "For a name whose key is in wrong hands. It cannot be undone, and nobody can have the name before it has expired;\n" +
			"so it must be agreed to with --confirm NAME.\n\n" + line.Examples("blockstack name revoke alice.id --confirm alice.id"),
		Flags: jobrun.Flags(),
		Action: line.Verb(func(c *cli.Context) (revokeOptions, error) {
			n, err := line.NameArgument(c)
			if err != nil {
				return revokeOptions{}, err
			}
			o, err := jobrun.ParseOptions(c)
			return revokeOptions{Name: n, Options: o}, err
		}, runNameRevoke),
	}
}

// revokeOptions say which name is revoked.
type revokeOptions struct {
	Name names.Name
	jobrun.Options
}

// runNameRevoke revokes a name.
func runNameRevoke(ctx context.Context, env *session.Session, o revokeOptions) error {
	return jobrun.RunOwnerRequest(ctx, env, "name.revoke", registrar.Request{Kind: registrar.KindRevoke, Name: o.Name}, o.Options)
}
