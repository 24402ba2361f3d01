package commands

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"blockstack/commands/jobrun"
	"blockstack/commands/line"
	"blockstack/commands/owned"
	"blockstack/commands/session"
	"blockstack/commands/settings"
	"blockstack/commands/voice"
	"blockstack/home"
	"blockstack/home/config"
	"blockstack/wallet"
	"blockstack/wallet/labels"
)

// suggestValues are the values of a flag. A usage that lists them ("`KIND`: a, b, c") is where they
// come from.
func suggestValues(ctx context.Context, app *cli.App, t *typed, f cli.Flag) []owned.Candidate {
	name, what := f.Names()[0], line.Placeholder(f)
	switch name {
	case "network":
		return suggestNetworks(ctx, t)
	case "wait":
		list := plainCandidates(jobrun.WaitBroadcast, jobrun.WaitConfirmed)
		if len(t.path) > 1 || len(t.path) == 1 && t.path[0].Name == "register" {
			list = append(list, plainCandidates(jobrun.WaitNone, jobrun.WaitDone)...)
		}
		return list
	case "from":
		return append(suggestOwn(ctx, t, "owner:N"), suggestOwn(ctx, t, "OUTPOINT")...)
	}
	if listed := settings.ListedValues(f); listed != nil {
		return plainCandidates(listed...)
	}
	return suggestOwn(ctx, t, what)
}

// suggestArgument are the values of the argument that is being typed.
func suggestArgument(ctx context.Context, app *cli.App, t *typed) []owned.Candidate {
	verb := t.path[len(t.path)-1]
	args := line.ParseArity(verb.ArgsUsage)
	if len(args.Names) == 0 || args.Max >= 0 && len(t.args) >= args.Max {
		return nil
	}
	what := args.Names[min(len(t.args), len(args.Names)-1)]
	if what == "N" && t.path[0].Name == "identity" {
		what = "IDENTITY"
	}
	switch what {
	case "COMMAND|TOPIC":
		list := plainCandidates()
		commands := app.Commands
		for _, w := range t.args {
			i := slices.IndexFunc(commands, func(c *cli.Command) bool { return c.HasName(w) })
			if i < 0 {
				return nil
			}
			commands = commands[i].Subcommands
		}
		for _, c := range commands {
			list = append(list, owned.Candidate{Text: c.Name, About: c.Usage})
		}
		if len(t.args) == 0 {
			for topic := range topics() {
				list = append(list, owned.Candidate{Text: topic, About: "a topic"})
			}
		}
		return list
	case "SHELL":
		return plainCandidates(completionShells()...)
	case "KEY":
		var list []owned.Candidate
		for _, k := range config.Keys() {
			list = append(list, owned.Candidate{Text: k.Name, About: settings.AboutKey(k)})
		}
		return list
	case "VALUE":
		return suggestConfigValue(ctx, app, t)
	}
	return suggestOwn(ctx, t, what)
}

// suggestConfigValue are the values of a key of the configuration file: those of the flag with its
// name.
func suggestConfigValue(ctx context.Context, app *cli.App, t *typed) []owned.Candidate {
	f := line.FindFlag(app.Flags, strings.ReplaceAll(t.args[0], "_", "-"))
	switch {
	case f == nil:
		return nil
	case !line.TakesValue(f):
		return plainCandidates("true", "false")
	}
	return suggestValues(ctx, app, t, f)
}

// plainCandidates are candidates that need no explanation.
func plainCandidates(words ...string) []owned.Candidate {
	list := []owned.Candidate{}
	for _, w := range words {
		list = append(list, owned.Candidate{Text: w})
	}
	return list
}

// completionConfig is the Config that the typed flags make, for looking at files alone.
func completionConfig(ctx context.Context, t *typed) (cfg *config.Config, err error) {
	app := newApp(&session.Session{In: strings.NewReader(""), Out: voice.New(nil, nil)})
	app.Commands = append(app.Commands, &cli.Command{Name: completeWord, Action: func(c *cli.Context) (err error) {
		cfg, err = line.Config(c, true)
		return err
	}})
	err = app.RunContext(ctx, slices.Concat([]string{app.Name}, t.globals, []string{completeWord}))
	if err == nil && cfg == nil {
		err = errors.New("no configuration")
	}
	return cfg, err
}

// suggestNetworks says which networks have a wallet here.
func suggestNetworks(ctx context.Context, t *typed) []owned.Candidate {
	cfg, err := completionConfig(ctx, t)
	var list []owned.Candidate
	for _, n := range config.Networks() {
		c := owned.Candidate{Text: n}
		if err == nil {
			here := *cfg
			here.Network = n
			if _, err := os.Stat(here.LabelsFile()); err == nil {
				c.About = "a wallet is in " + cfg.Home
			}
		}
		list = append(list, c)
	}
	return list
}

// suggestOwn are one's own things of a kind: the name of an argument, or several with | between
// them. What cannot be read is left out.
func suggestOwn(ctx context.Context, t *typed, kinds string) []owned.Candidate {
	var list []owned.Candidate
	var own *owned.Things
	things := func() *owned.Things {
		if own == nil {
			own = &owned.Things{Ctx: ctx}
			if cfg, err := completionConfig(ctx, t); err == nil {
				own.Cfg = cfg
				own.Wallet, _ = wallet.Open(home.WalletConfig(cfg))
			}
		}
		return own
	}
	for _, kind := range strings.Split(kinds, "|") {
		switch kind {
		case "NAME":
			list = append(append(list, things().Names()...), things().Subjects()...)
		case "TARGET":
			list = append(append(list, things().Payees()...), things().Labelled(labels.Address)...)
		case "TO":
			list = append(list, things().OwnerAddresses()...)
		case "ADDRESS":
			list = append(append(list, things().OwnerAddresses()...), things().Labelled(labels.Address)...)
		case "JOB":
			list = append(list, things().Jobs()...)
		case "IDENTITY":
			list = append(list, things().Identities("")...)
		case "owner:N":
			list = append(list, things().Identities("owner:")...)
		case "TXID":
			list = append(list, things().Transactions()...)
		case "OUTPOINT":
			list = append(list, things().Coins()...)
		case "FILE", "SPEC", "PATH", "OLD", "NEW":
			list = append(list, owned.Candidate{Text: completeFiles})
		case "DIR", "PLACE":
			list = append(list, owned.Candidate{Text: completeFolders})
		}
	}
	slices.SortStableFunc(list, func(a, b owned.Candidate) int { return strings.Compare(a.Text, b.Text) })
	return slices.CompactFunc(list, func(a, b owned.Candidate) bool { return a.Text == b.Text })
}
