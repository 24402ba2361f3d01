package commands

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"blockstack/commands/line"
	"blockstack/commands/voice"
	"blockstack/home"
	"blockstack/home/config"
	"blockstack/names/index"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet"
	"blockstack/wallet/labels"
)

// maxSuggested bounds the candidates of one kind: more help nobody.
const maxSuggested = 500

// suggestValues are the values of a flag. A usage that lists them ("`KIND`: a, b, c") is where they come from.
func suggestValues(ctx context.Context, app *cli.App, t *typed, f cli.Flag) []candidate {
	name, what := f.Names()[0], line.Placeholder(f)
	switch name {
	case "network":
		return suggestNetworks(ctx, t)
	case "wait":
		list := plainCandidates(waitBroadcast, waitConfirmed)
		if len(t.path) > 1 || len(t.path) == 1 && t.path[0].Name == "register" {
			list = append(list, plainCandidates(waitNone, waitDone)...)
		}
		return list
	case "from":
		return append(suggestOwn(ctx, t, "owner:N"), suggestOwn(ctx, t, "OUTPOINT")...)
	}
	if listed := listedValues(f); listed != nil {
		return plainCandidates(listed...)
	}
	return suggestOwn(ctx, t, what)
}

// suggestArgument are the values of the argument that is being typed.
func suggestArgument(ctx context.Context, app *cli.App, t *typed) []candidate {
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
			list = append(list, candidate{c.Name, c.Usage})
		}
		if len(t.args) == 0 {
			for topic := range topics() {
				list = append(list, candidate{topic, "a topic"})
			}
		}
		return list
	case "SHELL":
		return plainCandidates(completionShells()...)
	case "KEY":
		var list []candidate
		for _, k := range config.Keys() {
			list = append(list, candidate{Text: k.Name, About: aboutKey(k)})
		}
		return list
	case "VALUE":
		return suggestConfigValue(ctx, app, t)
	}
	return suggestOwn(ctx, t, what)
}

// suggestConfigValue are the values of a key of the configuration file: those of the flag with its name.
func suggestConfigValue(ctx context.Context, app *cli.App, t *typed) []candidate {
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
func plainCandidates(words ...string) []candidate {
	list := []candidate{}
	for _, w := range words {
		list = append(list, candidate{Text: w})
	}
	return list
}

// completionConfig is the Config that the typed flags make, for looking at files alone.
func completionConfig(ctx context.Context, t *typed) (cfg *config.Config, err error) {
	app := newApp(&Env{In: strings.NewReader(""), Out: voice.New(nil, nil)})
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
func suggestNetworks(ctx context.Context, t *typed) []candidate {
	cfg, err := completionConfig(ctx, t)
	var list []candidate
	for _, n := range config.Networks() {
		c := candidate{Text: n}
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

// suggestOwn are one's own things of a kind: the name of an argument, or several with | between them. What cannot be
// read is left out.
func suggestOwn(ctx context.Context, t *typed, kinds string) []candidate {
	var list []candidate
	var own *ownThings
	things := func() *ownThings {
		if own == nil {
			own = &ownThings{ctx: ctx}
			if cfg, err := completionConfig(ctx, t); err == nil {
				own.cfg = cfg
				own.wallet, _ = wallet.Open(home.WalletConfig(cfg))
			}
		}
		return own
	}
	for _, kind := range strings.Split(kinds, "|") {
		switch kind {
		case "NAME":
			list = append(append(list, things().names()...), things().subjects()...)
		case "TARGET":
			list = append(append(list, things().payees()...), things().labelled(labels.Address)...)
		case "TO":
			list = append(list, things().ownerAddresses()...)
		case "ADDRESS":
			list = append(append(list, things().ownerAddresses()...), things().labelled(labels.Address)...)
		case "JOB":
			list = append(list, things().jobs()...)
		case "IDENTITY":
			list = append(list, things().identities("")...)
		case "owner:N":
			list = append(list, things().identities("owner:")...)
		case "TXID":
			list = append(list, things().transactions()...)
		case "OUTPOINT":
			list = append(list, things().coins()...)
		case "FILE", "SPEC", "PATH", "OLD", "NEW":
			list = append(list, candidate{Text: completeFiles})
		case "DIR", "PLACE":
			list = append(list, candidate{Text: completeFolders})
		}
	}
	slices.SortStableFunc(list, func(a, b candidate) int { return strings.Compare(a.Text, b.Text) })
	return slices.CompactFunc(list, func(a, b candidate) bool { return a.Text == b.Text })
}

// ownThings looks into the files of a wallet. Each method gives nothing where something is missing, damaged or busy.
type ownThings struct {
	ctx    context.Context
	cfg    *config.Config
	wallet *wallet.Wallet
	known  []*registrar.Job
	read   bool
}

// owners are the addresses of the identities.
func (o *ownThings) owners() []wallet.Address {
	if o.wallet == nil {
		return nil
	}
	n, err := o.wallet.Identities(o.ctx)
	if err != nil {
		return nil
	}
	var list []wallet.Address
	for i := range min(n, maxSuggested) {
		a, err := o.wallet.OwnerAddress(o.ctx, i)
		if err != nil {
			break
		}
		list = append(list, a)
	}
	return list
}

// names are the names of the identities, as the index has them.
func (o *ownThings) names() []candidate {
	owners := o.owners()
	if len(owners) == 0 {
		return nil
	}
	rules, err := home.Rules(o.cfg)
	if err != nil {
		return nil
	}
	x, err := index.Open(o.cfg.IndexFile(), rules, index.Options{ReadOnly: true, Timeout: completePatience})
	if err != nil {
		return nil
	}
	defer x.Close()
	var list []candidate
	for _, a := range owners {
		records, err := x.NamesOf(o.ctx, a.Script)
		if err != nil {
			return list
		}
		for _, r := range records {
			list = append(list, candidate{r.Name.String(), fmt.Sprintf("%s, identity %d", r.Status, a.Index)})
		}
	}
	return list
}

// journal are the jobs.
func (o *ownThings) journal() []*registrar.Job {
	if o.read || o.cfg == nil {
		return o.known
	}
	o.read = true
	if _, err := os.Stat(o.cfg.JournalFile()); err != nil {
		return nil // opening it would make it
	}
	j, err := registrar.OpenJournal(o.cfg.JournalFile(), completePatience)
	if err != nil {
		return nil
	}
	defer j.Close()
	o.known, _ = j.Jobs(o.ctx)
	return o.known
}

// subjects are the names of open jobs.
func (o *ownThings) subjects() []candidate {
	var list []candidate
	for _, j := range o.journal() {
		if j.Open() {
			list = append(list, candidate{j.Request.Subject(), words(j.State)})
		}
	}
	return list
}

// jobs are the ids of open jobs.
func (o *ownThings) jobs() []candidate {
	var list []candidate
	for _, j := range o.journal() {
		if j.Open() {
			list = append(list, candidate{string(j.ID), j.Request.Subject() + ": " + words(j.State)})
		}
	}
	return list
}

// payees are the names that were paid before.
func (o *ownThings) payees() []candidate {
	if o.wallet == nil {
		return nil
	}
	paid, err := o.wallet.PaidNames(o.ctx)
	if err != nil {
		return nil
	}
	var list []candidate
	for _, byAddress := range paid {
		for _, name := range byAddress {
			list = append(list, candidate{name, "paid before"})
		}
	}
	return list
}

// ownerAddresses are the addresses of the identities.
func (o *ownThings) ownerAddresses() []candidate {
	var list []candidate
	for _, a := range o.owners() {
		list = append(list, candidate{a.Text, fmt.Sprintf("identity %d", a.Index)})
	}
	return list
}

// identities are their numbers.
func (o *ownThings) identities(before string) []candidate {
	var list []candidate
	for _, a := range o.owners() {
		list = append(list, candidate{fmt.Sprintf("%s%d", before, a.Index), a.Text})
	}
	return list
}

// labelled are the things of a type that have a label.
func (o *ownThings) labelled(kind labels.Type) []candidate {
	if o.wallet == nil {
		return nil
	}
	labels, err := o.wallet.Labels(o.ctx)
	if err != nil {
		return nil
	}
	var list []candidate
	for _, l := range labels {
		if l.Type == kind && len(list) < maxSuggested {
			list = append(list, candidate{l.Ref, l.Text})
		}
	}
	return list
}

// transactions are the newest ones, with their labels.
func (o *ownThings) transactions() []candidate {
	if o.wallet == nil {
		return nil
	}
	entries, err := o.wallet.History(o.ctx)
	if err != nil {
		return nil
	}
	about := map[string]string{}
	for _, c := range o.labelled(labels.Tx) {
		about[c.Text] = c.About
	}
	var list []candidate
	for _, e := range entries[:min(len(entries), maxSuggested)] {
		list = append(list, candidate{e.Txid.String(), about[e.Txid.String()]})
	}
	return list
}

// coins are the coins with their amounts.
func (o *ownThings) coins() []candidate {
	if o.wallet == nil {
		return nil
	}
	all, err := o.wallet.Coins(o.ctx)
	if err != nil {
		return nil
	}
	var list []candidate
	for _, c := range all[:min(len(all), maxSuggested)] {
		list = append(list, candidate{c.OutPoint.String(), voice.BTC(c.Amount)})
	}
	return list
}
