package line

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

// small is a program with one noun and one verb.
func small(action cli.ActionFunc, metadata any) *cli.App {
	return &cli.App{Name: "blockstack", Flags: Flags(), Metadata: map[string]any{EnvKey: metadata},
		Commands: []*cli.Command{Noun("name", "names", Names, &cli.Command{Name: "show", HelpName: "blockstack name show", ArgsUsage: "NAME [TXID...]", Action: action,
			Flags: []cli.Flag{&cli.BoolFlag{Name: "all"}, &cli.StringFlag{Name: "at", Usage: "at `HEIGHT`"}}})}}
}

// TestSplit: flags may stand anywhere, and stand where the parser looks for them afterwards.
func TestSplit(t *testing.T) {
	app := small(nil, nil)
	for words, want := range map[string]string{
		"name show alice.id --all --json":      "blockstack --json name show --all -- alice.id",
		"--network regtest name show alice.id": "blockstack --network=regtest name show -- alice.id",
		"name --home=x show --at 5 a.id b":     "blockstack --home=x name show --at=5 -- a.id b",
		"name show -- --all":                   "blockstack name show -- --all",
	} {
		l, err := Split(app, strings.Fields(words))
		if err != nil || strings.Join(l.Argv("blockstack"), " ") != want {
			t.Errorf("%s: %v %v, want %s", words, l.Argv("blockstack"), err, want)
		}
	}
	for words, want := range map[string]string{
		"nme show":                      "no such command: nme",
		"name shw":                      "no such verb of name: shw",
		"name show --al x":              "unknown flag --al",
		"name show --at":                "--at needs a value",
		"name show --at --all":          "--at needs a value, but a flag follows it",
		"name show --all=5 x":           "--all takes no value",
		"--home a --home b name show x": "--home is given twice",
	} {
		if _, err := Split(app, strings.Fields(words)); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", words, err, want)
		}
	}
}

// TestArity reads the grammar of arguments.
func TestArity(t *testing.T) {
	for usage, want := range map[string][2]int{"": {0, 0}, "NAME": {1, 1}, "NAME [TXID]": {1, 2}, "FILE...": {1, -1}, "[FILE...]": {0, -1}} {
		if a := ParseArity(usage); a.Min != want[0] || a.Max != want[1] {
			t.Errorf("%q: %+v, want %v", usage, a, want)
		}
	}
}

// lamp is an environment: it reads the flags, and gives light.
type lamp struct{ read, lit bool }

func (l *lamp) Configure(_ *cli.Context, file bool) error {
	l.read = file
	return nil
}

// Light is what a verb asks for.
func (l *lamp) Light() { l.lit = true }

// TestVerb: a verb asks for what it needs by an interface of its own; its arguments are counted
// before it runs.
func TestVerb(t *testing.T) {
	type needs interface{ Light() }
	parse := func(c *cli.Context) (string, error) { return c.Args().First(), nil }
	got := ""
	run := func(_ context.Context, env needs, o string) error {
		env.Light()
		got = o
		return nil
	}
	l := &lamp{}
	if err := small(Verb(parse, run), l).RunContext(t.Context(), []string{"blockstack", "name", "show", "alice.id"}); err != nil || got != "alice.id" || !l.read || !l.lit {
		t.Errorf("%v, %q, %+v", err, got, l)
	}
	if err := small(PlainVerb(parse, run), l).RunContext(t.Context(), []string{"blockstack", "name", "show", "bob.id"}); err != nil || got != "bob.id" || l.read {
		t.Errorf("without the file: %v, %q, %+v", err, got, l)
	}
	err := small(Verb(parse, run), l).RunContext(t.Context(), []string{"blockstack", "name", "show"})
	if err == nil || !strings.Contains(err.Error(), "missing NAME") {
		t.Errorf("without arguments: %v", err)
	}
}

// TestRefuse: secrets among the words are refused, whatever they are given for; a hash where one
// belongs is not.
func TestRefuse(t *testing.T) {
	app := small(nil, nil)
	const hex = "e9873d79c6d87dc0fb6a5778633389f4453213303da61f20bd67fc233aa33262"
	for words, fine := range map[string]bool{"name show " + hex: false, "name show alice.id " + hex: true, "name show --at " + hex + " a.id": false} {
		l, err := Split(app, strings.Fields(words))
		if err != nil {
			t.Fatal(err)
		}
		if err := RefuseBareKeys(l, strings.Fields(words)); (err == nil) != fine {
			t.Errorf("%s: %v", words, err)
		}
	}
	if RefuseSecrets(strings.Fields("name show legal winner thank year wave sausage worth useful legal winner thank yellow")) == nil {
		t.Error("a phrase over many arguments was taken")
	}
}

// TestHere: commands in a text get the flags that say where this one acts.
func TestHere(t *testing.T) {
	h := NewHere([]string{"--home=/h", "--yes"}, []string{"name"}, NewTyped(small(nil, nil), nil))
	if got := h.Put("run: blockstack name show a.id; or blockstack help"); got != "run: blockstack --home /h name show a.id; or blockstack help" {
		t.Error(got)
	}
}

// TestNearest finds a name with a slip, and nothing for another word.
func TestNearest(t *testing.T) {
	names := []string{"network", "node", "proxy"}
	if got := Nearest("netwrk", names); got != "network" {
		t.Error(got)
	}
	if got := Nearest("zebra", names); slices.Contains(names, got) {
		t.Error(got)
	}
}
