package commands

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/names"
	"blockstack/names/zonefile"
	"blockstack/storage/textfile"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet"
)

// nameRegisterCommand is `name register`, and its short form `register`.
func nameRegisterCommand(typed string) *cli.Command {
	return &cli.Command{
		Name:      "register",
		Usage:     "register a name: preorder, wait, register with the hash of a zone file",
		ArgsUsage: "NAME",
		Description: "The command can be stopped at any moment; the same command again goes on where it was and never pays twice.\n" +
			"Signed transactions are on disk before anybody sees them.\n\n" + line.Examples(
			"blockstack "+typed+" alice.id --profile-url https://alice.example/profile.json",
			"blockstack "+typed+" alice.id --zonefile alice.txt --owner 1 --dry-run",
			"blockstack "+typed+" alice.id --no-zonefile"),
		Flags: jobFlags(append(zoneFileFlags(),
			&cli.StringFlag{Name: "owner", Value: "0", Usage: "who will own it: the number of an `IDENTITY` of yours, or an address"})...),
		Action: line.Verb(func(c *cli.Context) (registerOptions, error) {
			o := registerOptions{Owner: c.String("owner")}
			var err error
			if o.Name, err = line.NameArgument(c); err != nil {
				return o, err
			}
			if o.zoneFileOptions, err = parseZoneFileOptions(c); err != nil {
				return o, err
			}
			o.jobOptions, err = parseJobOptions(c)
			return o, err
		}, runNameRegister),
	}
}

// registerCommand is `register`, the short form.
func registerCommand() *cli.Command {
	c := nameRegisterCommand("register")
	c.Category = line.Names
	c.Usage = "short for name register"
	return c
}

// zoneFileFlags say what the zone file of a name is.
func zoneFileFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "profile-url", Usage: "make a zone file that says the profile is at `URL`"},
		&cli.StringFlag{Name: "zonefile", Usage: "take the zone file from `FILE`; - is standard input"},
		&cli.BoolFlag{Name: "no-zonefile", Usage: "register without a zone file; one can be set later"},
	}
}

// zoneFileOptions say where a zone file comes from.
type zoneFileOptions struct {
	URL  string
	File string
}

// parseZoneFileOptions wants exactly one of zoneFileFlags, so that nobody registers without a zone file by mistake.
func parseZoneFileOptions(c *cli.Context) (zoneFileOptions, error) {
	n := 0
	for _, name := range []string{"profile-url", "zonefile", "no-zonefile"} {
		if c.IsSet(name) {
			n++
		}
	}
	if n != 1 {
		return zoneFileOptions{}, fault.Usage("say what the name points to").
			Hint("give one of --profile-url URL, --zonefile FILE and --no-zonefile")
	}
	return zoneFileOptions{URL: c.String("profile-url"), File: c.String("zonefile")}, nil
}

// text makes or reads the zone file; nil when there is none.
func (o zoneFileOptions) text(env *Env, n names.Name) ([]byte, error) {
	switch {
	case o.URL != "":
		return zonefile.Make(n, o.URL)
	case o.File != "":
		text, err := line.ReadZoneFile(o.File, env.In)
		if err != nil {
			return nil, err
		}
		text = textfile.WithoutMark(text) // it is not on the chain yet
		z, err := zonefile.Parse(text)
		if err == nil {
			_, err = z.ProfileURLs(n)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", o.File, err)
		}
		return text, nil
	}
	return nil, nil
}

// registerOptions say which name is registered, for whom, and what it points to.
type registerOptions struct {
	Name  names.Name
	Owner string
	zoneFileOptions
	jobOptions
}

// runNameRegister registers a name.
func runNameRegister(ctx context.Context, env *Env, o registerOptions) error {
	owner, err := env.ownerScript(ctx, o.Owner)
	if err != nil {
		return err
	}
	text, err := o.text(env, o.Name)
	if err != nil {
		return err
	}
	req := registrar.Request{Kind: registrar.KindRegister, Name: o.Name, Owner: owner, ZoneFile: text}
	if err := o.fill(ctx, env, &req); err != nil {
		return err
	}
	return runRequest(ctx, env, "name.register", req, o.jobOptions)
}

// ownerScript is the script of an identity of ours, by its number, or of an address.
func (e *Env) ownerScript(ctx context.Context, text string) ([]byte, error) {
	if i, err := strconv.ParseUint(text, 10, 32); err == nil && i <= line.MaxIdentity {
		w, err := e.Wallet(ctx)
		if err != nil {
			return nil, err
		}
		script, err := w.OwnerScript(ctx, uint32(i))
		if errors.Is(err, wallet.ErrNeedKeys) && w.WatchOnly() {
			return nil, fault.New("watch_only", "identity %d is not among those that this watch-only wallet watches", i).Because(err).
				Hint("name its address, which the home with the keys shows: blockstack identity show %d", i).
				Hint("or watch it, too: blockstack identity create where the keys are, and a new watch-only home from blockstack wallet descriptors")
		}
		return script, err
	}
	return e.addressScript(text)
}
