package commands

import (
	"context"

	"github.com/urfave/cli/v2"

	"blockstack/commands/line"
	"blockstack/names"
	"blockstack/txbuilder/registrar"
)

// nameRevokeCommand is `name revoke`.
func nameRevokeCommand() *cli.Command {
	return &cli.Command{
		Name:      "revoke",
		Usage:     "make a name unusable until it expires",
		ArgsUsage: "NAME",
		Description: "For a name whose key is in wrong hands. It cannot be undone, and nobody can have the name before it has expired;\n" +
			"so it must be agreed to with --confirm NAME.\n\n" + line.Examples("blockstack name revoke alice.id --confirm alice.id"),
		Flags: jobFlags(),
		Action: line.Verb(func(c *cli.Context) (revokeOptions, error) {
			n, err := line.NameArgument(c)
			if err != nil {
				return revokeOptions{}, err
			}
			o, err := parseJobOptions(c)
			return revokeOptions{Name: n, jobOptions: o}, err
		}, runNameRevoke),
	}
}

// revokeOptions say which name is revoked.
type revokeOptions struct {
	Name names.Name
	jobOptions
}

// runNameRevoke revokes a name.
func runNameRevoke(ctx context.Context, env *Env, o revokeOptions) error {
	return runOwnerRequest(ctx, env, "name.revoke", registrar.Request{Kind: registrar.KindRevoke, Name: o.Name}, o.jobOptions)
}
