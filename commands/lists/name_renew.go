package lists

import (
	"context"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/jobrun"
	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/names"
	"blockstack/txbuilder/registrar"
)

// RenewCommand is `name renew`.
func RenewCommand() *cli.Command {
	return &cli.Command{
		Name:      "renew",
		Usage:     "pay for another term of a name",
		ArgsUsage: "[NAME]",
		Description: "A renewal restarts the lifetime; what is left of it is thrown away, and the plan says how much that is. In the same\n" +
			"transaction the name can be given away and get another zone file. The same command again finds the job and never\n" +
			"pays twice; a tenth of the term later it means another renewal. --due leaves alone what has less than a tenth of its\n" +
			"term behind it, and fails for a name of several owners, which is renewed by itself, with --psbt. A job that can change\n" +
			"nothing before the name is renewed gives way to the renewal.\n\n" + line.Examples(
			"blockstack name renew alice.id --dry-run",
			"blockstack name renew alice.id",
			"blockstack name renew --due 60d --yes --json",
			"blockstack name renew alice.id --to 1JeTQ5cQjsD57YGcsVFhwT7iuQUXJR6BSk --zonefile alice.txt"),
		Flags: jobrun.Flags(
			&cli.StringFlag{Name: "due", Usage: "instead of one name, renew all of yours that expire within `PERIOD`: blocks, days like 60d, weeks like 8w", DefaultText: " "},
			&cli.StringFlag{Name: "to", Usage: "give the name to `ADDRESS`"},
			&cli.StringFlag{Name: "zonefile", Usage: "give it the zone file in `FILE`; - is standard input"},
			&cli.StringFlag{Name: "profile-url", Usage: "give it a zone file that says the profile is at `URL`"}),
		Action: line.Verb(func(c *cli.Context) (renewOptions, error) {
			o := renewOptions{To: c.String("to"), ZoneFileOptions: jobrun.ZoneFileOptions{URL: c.String("profile-url"), File: c.String("zonefile")}}
			var err error
			if due := c.String("due"); due != "" || c.NArg() == 0 {
				return parseDue(c, due)
			}
			if o.Name, err = line.NameArgument(c); err != nil {
				return o, err
			}
			if o.URL != "" && o.File != "" {
				return o, fault.Usage("--profile-url and --zonefile are two ways to say the same; give one of them")
			}
			o.Options, err = jobrun.ParseOptions(c)
			return o, err
		}, runNameRenew),
	}
}

// parseDue reads the flags of a renewal of all names that expire soon.
func parseDue(c *cli.Context, due string) (o renewOptions, err error) {
	if due == "" {
		return o, fault.Usage("blockstack name renew: missing NAME").Hint("usage: blockstack name renew NAME, or --due 60d for all that expire soon")
	}
	if c.NArg() > 0 || c.IsSet("to") || c.IsSet("zonefile") || c.IsSet("profile-url") || c.IsSet("psbt") {
		return o, fault.Usage("--due renews names as they are: it goes with no NAME and without --to, --zonefile, --profile-url and --psbt")
	}
	if o.Due, err = parsePeriod(due); err != nil {
		return o, fault.Usage("--due: %v", err)
	}
	o.Options, err = jobrun.ParseOptions(c)
	return o, err
}

// renewOptions say which name is renewed, and what else changes with it.
type renewOptions struct {
	Name names.Name
	To   string // empty: the owner stays
	Due  int32  // instead of a name: those that expire within so many blocks
	jobrun.ZoneFileOptions
	jobrun.Options
}

// runNameRenew renews a name.
func runNameRenew(ctx context.Context, env *session.Session, o renewOptions) (err error) {
	if o.Due > 0 {
		return runRenewDue(ctx, env, o.Due, o.Options)
	}
	req := registrar.Request{Kind: registrar.KindRenew, Name: o.Name}
	if o.To != "" {
		if req.To, err = jobrun.NewOwner(ctx, env, o.To); err != nil {
			return err
		}
	}
	if req.ZoneFile, err = o.Text(env, o.Name); err != nil {
		return err
	}
	return jobrun.RunOwnerRequest(ctx, env, "name.renew", req, o.Options)
}
