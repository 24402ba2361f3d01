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

// RegisterCommand is `name register`, and its short form `register`.
func RegisterCommand(typed string) *cli.Command {
	return &cli.Command{
		Name:      "register",
		Usage:     "register a name: preorder, wait, register with the hash of a zone file",
		ArgsUsage: "NAME",
		Description: "The command can be stopped at any moment; the same command again goes on where it was and never pays twice.\n" +
			"Signed transactions are on disk before anybody sees them.\n\n" + line.Examples(
			"blockstack "+typed+" alice.id --profile-url https://alice.example/profile.json",
			"blockstack "+typed+" alice.id --zonefile alice.txt --owner 1 --dry-run",
			"blockstack "+typed+" alice.id --no-zonefile"),
		Flags: jobrun.Flags(append(jobrun.ZoneFileFlags(),
			&cli.StringFlag{Name: "owner", Value: "0", Usage: "who will own it: the number of an `IDENTITY` of yours, or an address"})...),
		Action: line.Verb(func(c *cli.Context) (registerOptions, error) {
			o := registerOptions{Owner: c.String("owner")}
			var err error
			if o.Name, err = line.NameArgument(c); err != nil {
				return o, err
			}
			if o.ZoneFileOptions, err = jobrun.ParseZoneFileOptions(c); err != nil {
				return o, err
			}
			o.Options, err = jobrun.ParseOptions(c)
			return o, err
		}, runNameRegister),
	}
}

// ShortRegisterCommand is `register`, the short form.
func ShortRegisterCommand() *cli.Command {
	c := RegisterCommand("register")
	c.Category = line.Names
	c.Usage = "short for name register"
	return c
}

// registerOptions say which name is registered, for whom, and what it points to.
type registerOptions struct {
	Name  names.Name
	Owner string
	jobrun.ZoneFileOptions
	jobrun.Options
}

// runNameRegister registers a name.
func runNameRegister(ctx context.Context, env *session.Session, o registerOptions) error {
	owner, err := session.OwnerScript(ctx, env, o.Owner)
	if err != nil {
		return err
	}
	text, err := o.Text(env, o.Name)
	if err != nil {
		return err
	}
	req := registrar.Request{Kind: registrar.KindRegister, Name: o.Name, Owner: owner, ZoneFile: text}
	if err := o.Fill(ctx, env, &req); err != nil {
		return err
	}
	return jobrun.Run(ctx, env, "name.register", req, o.Options)
}
