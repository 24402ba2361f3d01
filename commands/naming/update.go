package naming

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

// UpdateCommand is `name update`.
func UpdateCommand() *cli.Command {
	return &cli.Command{
		Name:      "update",
		Usage:     "give a name another zone file",
		ArgsUsage: "NAME",
		Description: "The zone file says where the profile is. The same command again finds the job.\n\n" + line.Examples(
			"blockstack name update alice.id --profile-url https://alice.example/profile.json",
			"blockstack name update alice.id --zonefile alice.txt"),
		Flags: jobrun.Flags(
			&cli.StringFlag{Name: "profile-url", Usage: "make a zone file that says the profile is at `URL`"},
			&cli.StringFlag{Name: "zonefile", Usage: "take the zone file from `FILE`; - is standard input"}),
		Action: line.Verb(func(c *cli.Context) (updateOptions, error) {
			o := updateOptions{ZoneFileOptions: jobrun.ZoneFileOptions{URL: c.String("profile-url"), File: c.String("zonefile")}}
			var err error
			if o.Name, err = line.NameArgument(c); err != nil {
				return o, err
			}
			if (o.URL == "") == (o.File == "") {
				return o, fault.Usage("say what the name points to").Hint("give one of --profile-url URL and --zonefile FILE")
			}
			o.Options, err = jobrun.ParseOptions(c)
			return o, err
		}, runNameUpdate),
	}
}

// updateOptions say which name gets which zone file.
type updateOptions struct {
	Name names.Name
	jobrun.ZoneFileOptions
	jobrun.Options
}

// runNameUpdate changes the zone file of a name.
func runNameUpdate(ctx context.Context, env *session.Session, o updateOptions) error {
	text, err := o.Text(env, o.Name)
	if err != nil {
		return err
	}
	return jobrun.RunOwnerRequest(ctx, env, "name.update", registrar.Request{Kind: registrar.KindUpdate, Name: o.Name, ZoneFile: text}, o.Options)
}
