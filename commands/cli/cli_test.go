package cli

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

var errUsage = errors.New("usage")

// newApp is a program with a flag of each kind; its verb keeps what it is given.
func newApp(got **Context) *App {
	return &App{
		Name: "prog",
		Flags: []Flag{
			&StringFlag{Name: "home", EnvVars: []string{"CLI_TEST_HOME", "CLI_TEST_OLD_HOME"}},
			&BoolFlag{Name: "yes", Aliases: []string{"y"}, EnvVars: []string{"CLI_TEST_YES"}},
			&StringSliceFlag{Name: "peer", EnvVars: []string{"CLI_TEST_PEER"}},
		},
		Commands: []*Command{{Name: "noun", Subcommands: []*Command{
			{Name: "other", Action: func(*Context) error { return errors.New("the wrong verb ran") }},
			{Name: "verb", Action: func(c *Context) error { *got = c; return nil }, Flags: []Flag{
				&IntFlag{Name: "number", Value: -1}, &UintFlag{Name: "limit", Value: 7}, &DurationFlag{Name: "timeout"}, &StringFlag{Name: "text", Value: "default"},
			}},
			{Name: "nothing"},
		}}},
		OnUsageError: func(err error) error { return fmt.Errorf("%w: %w", errUsage, err) },
	}
}

func TestRun(t *testing.T) {
	for _, c := range []struct {
		line string
		want map[string]any
		args []string
		set  []string
	}{
		{"noun verb", map[string]any{"home": "", "yes": false, "peer": []string(nil), "number": -1, "limit": uint(7), "timeout": time.Duration(0), "text": "default"}, nil, nil},
		{"--home=x --yes noun verb --number=0x10 --limit=0 --timeout=90s --text= -- a -b --c", map[string]any{"home": "x", "yes": true, "number": 16, "limit": uint(0), "timeout": 90 * time.Second, "text": ""},
			[]string{"a", "-b", "--c"}, []string{"home", "yes", "number", "limit", "timeout", "text"}},
		{"-y=false --peer=a,b --peer=c noun verb - x", map[string]any{"yes": false, "peer": []string{"a,b", "c"}}, []string{"-", "x"}, []string{"yes", "peer"}},
		{"noun verb --text value -number -3 rest", map[string]any{"text": "value", "number": -3}, []string{"rest"}, []string{"text", "number"}},
	} {
		var got *Context
		if err := newApp(&got).RunContext(t.Context(), append([]string{"prog"}, strings.Fields(c.line)...)); err != nil {
			t.Errorf("%s: %v", c.line, err)
			continue
		}
		for name, want := range c.want {
			if v := got.Value(name); !reflect.DeepEqual(v, want) {
				t.Errorf("%s: --%s is %#v, want %#v", c.line, name, v, want)
			}
		}
		for name := range got.settings {
			if got.IsSet(name) != slices.Contains(c.set, name) {
				t.Errorf("%s: --%s is set: %v", c.line, name, got.IsSet(name))
			}
		}
		if !slices.Equal(got.Args().Slice(), c.args) || got.NArg() != len(c.args) || got.Command.Name != "verb" {
			t.Errorf("%s: arguments %q of %s", c.line, got.Args(), got.Command.Name)
		}
	}
}

// TestVariables: the line counts before a variable, and does not add to it.
func TestVariables(t *testing.T) {
	t.Setenv("CLI_TEST_OLD_HOME", "old")
	t.Setenv("CLI_TEST_PEER", " a ")
	t.Setenv("CLI_TEST_YES", "1")
	var got *Context
	run := func(line string) error {
		got = nil
		return newApp(&got).RunContext(context.Background(), append([]string{"prog"}, strings.Fields(line)...))
	}
	if err := run("noun verb"); err != nil || got.String("home") != "old" || !got.Bool("yes") || !slices.Equal(got.StringSlice("peer"), []string{"a"}) || !got.IsSet("peer") {
		t.Errorf("from variables: %+v, %v", got, err)
	}
	if err := run("--home=new --yes=false --peer=b noun verb"); err != nil || got.String("home") != "new" || got.Bool("yes") || !slices.Equal(got.StringSlice("peer"), []string{"b"}) {
		t.Errorf("over variables: %+v, %v", got, err)
	}
	t.Setenv("CLI_TEST_HOME", "")
	t.Setenv("CLI_TEST_YES", "")
	if err := run("noun verb"); err != nil || got.String("home") != "" || !got.IsSet("home") || got.Bool("yes") || !got.IsSet("yes") {
		t.Errorf("empty variables: %+v, %v", got, err)
	}
	t.Setenv("CLI_TEST_YES", "maybe")
	if err := run("noun verb"); !errors.Is(err, errUsage) || !strings.Contains(err.Error(), "CLI_TEST_YES") {
		t.Errorf("a variable that is neither on nor off: %v", err)
	}
}

func TestRefused(t *testing.T) {
	for line, want := range map[string]error{
		"": ErrLine, "noun": ErrLine, "other": ErrLine, "noun none": ErrLine, "noun nothing": ErrLine,
		"--none noun verb": errUsage, "noun verb --home=x": errUsage, "noun verb --number=a": errUsage, "noun verb --number=": errUsage,
		"noun verb --number=99999999999999999999": errUsage, "noun verb --limit=-1": errUsage, "noun verb --timeout=5": errUsage, "noun verb --text": errUsage,
	} {
		var got *Context
		if err := newApp(&got).RunContext(t.Context(), append([]string{"prog"}, strings.Fields(line)...)); !errors.Is(err, want) || got != nil {
			t.Errorf("%q: %v, want %v", line, err, want)
		}
	}
}

// TestDeclared holds what a help text is made of.
func TestDeclared(t *testing.T) {
	for _, c := range []struct {
		flag  Flag
		text  string
		value bool
	}{
		{&StringFlag{Name: "a", Value: "x"}, `"x"`, true}, {&StringFlag{Name: "a"}, "", true}, {&StringFlag{Name: "a", DefaultText: "all"}, "all", true},
		{&BoolFlag{Name: "a"}, "false", false}, {&IntFlag{Name: "a", Value: 3}, "3", true}, {&IntFlag{Name: "a", DefaultText: " "}, " ", true},
		{&UintFlag{Name: "a"}, "0", true}, {&DurationFlag{Name: "a", Value: time.Minute}, "1m0s", true}, {&StringSliceFlag{Name: "a"}, "", true},
	} {
		_, repeats := c.flag.(*StringSliceFlag)
		if c.flag.GetDefaultText() != c.text || c.flag.TakesValue() != c.value || c.flag.Repeats() != repeats {
			t.Errorf("%#v: default %q, value %v, repeats %v", c.flag, c.flag.GetDefaultText(), c.flag.TakesValue(), c.flag.Repeats())
		}
	}
}
