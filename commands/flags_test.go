package commands

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/faults"
	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
)

// testEnv is an Env on buffers.
func testEnv() (env *session.Session, out, errOut *bytes.Buffer) {
	out, errOut = &bytes.Buffer{}, &bytes.Buffer{}
	return &session.Session{In: strings.NewReader(""), Out: voice.New(out, errOut)}, out, errOut
}

// verbs returns every command of the program that does something, by its words.
func verbs(app *cli.App) map[string]*cli.Command {
	all := map[string]*cli.Command{}
	line.Each(app.Commands, "", func(c *cli.Command, name string) {
		if len(c.Subcommands) == 0 {
			all[strings.TrimSpace(name)] = c
		}
	})
	return all
}

// sample is a value that a flag takes.
func sample(t *testing.T, f cli.Flag) string {
	switch f.(type) {
	case *cli.BoolFlag:
		return ""
	case *cli.StringFlag, *cli.PathFlag, *cli.StringSliceFlag:
		return "-a=b,c" // what a careless splitter would get wrong
	case *cli.IntFlag, *cli.Int64Flag, *cli.UintFlag, *cli.Uint64Flag, *cli.Float64Flag, *cli.IntSliceFlag:
		return "7"
	case *cli.DurationFlag:
		return "90s"
	}
	t.Fatalf("%T: the test knows no sample value", f)
	return ""
}

// TestFlagsAnywhere takes every command of the program and each of its flags, its own and the
// global ones, and types the flag before, between and behind the arguments (global ones also before
// and between the words of the command). The action must find the same flag with the same value and
// the same arguments in every place. Every way is typed at two commands; at the others a flag has
// one spelling and one place, another one each time.
func TestFlagsAnywhere(t *testing.T) {
	env, _, _ := testEnv()
	turn := 0
	all := verbs(newApp(env))
	for _, words := range slices.Sorted(maps.Keys(all)) {
		c := all[words]
		for _, own := range []bool{true, false} {
			flags := c.Flags
			if !own {
				flags = line.Flags()
			}
			for _, f := range flags {
				for _, name := range f.Names() {
					t.Run(fmt.Sprintf("%s/%s", words, name), func(t *testing.T) {
						one := -1
						if !slices.Contains([]string{"balance", "name register"}, words) {
							one = turn
							turn++
						}
						testFlagAnywhere(t, strings.Fields(words), f, name, own, one)
					})
				}
			}
		}
	}
}

// testFlagAnywhere types one flag in every place and spelling, or in one of them.
func testFlagAnywhere(t *testing.T, words []string, f cli.Flag, name string, own bool, one int) {
	// An argument may look like the name of a flag or of a command.
	args := []string{"home", words[0], "-"}
	value := sample(t, f)
	spellings := [][]string{{line.Dashed(name)}}
	if line.TakesValue(f) {
		spellings = [][]string{{line.Dashed(name) + "=" + value}}
		if value[0] != '-' {
			spellings = append(spellings, []string{line.Dashed(name), value})
		}
		spellings = append(spellings, []string{"-" + name + "=" + value})
	}
	typedLine := append(slices.Clone(words), args...)
	from := len(words)
	if !own {
		from = 0
	}
	if one >= 0 {
		spelling, places := spellings[one%len(spellings)], len(typedLine)-from+2
		at := from + one/len(spellings)%places
		if at > len(typedLine) {
			checkFlag(t, append(append(slices.Clone(words), "--"), spelling...), words, f.Names()[0], "", spelling)
			return
		}
		checkFlag(t, slices.Insert(slices.Clone(typedLine), at, spelling...), words, f.Names()[0], value, args)
		return
	}
	for _, spelling := range spellings {
		for at := from; at <= len(typedLine); at++ {
			typed := slices.Insert(slices.Clone(typedLine), at, spelling...)
			checkFlag(t, typed, words, f.Names()[0], value, args)
		}
		// Behind -- it is an argument like any other.
		typed := append(append(slices.Clone(words), "--"), spelling...)
		checkFlag(t, typed, words, f.Names()[0], "", spelling)
	}
}

// checkFlag runs a line and compares what the action is given. want "" for a flag with a value: it
// must not be set.
func checkFlag(t *testing.T, typed, words []string, name, want string, args []string) {
	t.Helper()
	env, _, _ := testEnv()
	app := newApp(env)
	ran := false
	verb := verbs(app)[strings.Join(words, " ")]
	verb.Action = func(c *cli.Context) error {
		ran = true
		if got := c.Args().Slice(); !slices.Equal(got, args) {
			t.Errorf("%q: arguments %q, want %q", typed, got, args)
		}
		if !slices.Contains(typed, "--") && !c.IsSet(name) {
			t.Errorf("%q: the flag is not set", typed)
		}
		if slices.Contains(typed, "--") {
			if c.IsSet(name) && !fromEnvironment(c, name) {
				t.Errorf("%q: a word behind -- was taken for a flag", typed)
			}
			return nil
		}
		switch v := c.Value(name).(type) {
		case bool:
			if !v {
				t.Errorf("%q: the flag is false", typed)
			}
		case cli.StringSlice:
			if got := v.Value(); !slices.Equal(got, []string{want}) {
				t.Errorf("%q: values %q, want %q", typed, got, want)
			}
		case []string:
			if !slices.Equal(v, []string{want}) {
				t.Errorf("%q: values %q, want %q", typed, v, want)
			}
		default:
			got := fmt.Sprint(v)
			if d, err := strconv.Atoi(want); err == nil {
				want = strconv.Itoa(d)
			}
			if got != want && !strings.HasPrefix(got, "1m30s") {
				t.Errorf("%q: value %q, want %q", typed, got, want)
			}
		}
		return nil
	}
	typedLine, err := line.Split(app, typed)
	if err != nil {
		t.Errorf("%q: %v", typed, err)
		return
	}
	if err := app.RunContext(context.Background(), typedLine.Argv(app.Name)); err != nil {
		t.Errorf("%q: %v", typed, err)
	}
	if !ran {
		t.Errorf("%q: the command did not run", typed)
	}
}

// fromEnvironment reports whether a flag has an environment variable, which may be set around the
// test.
func fromEnvironment(c *cli.Context, name string) bool {
	f := line.FindFlag(c.App.Flags, name)
	return f != nil && len(line.Doc(f).GetEnvVars()) > 0
}

// TestCommandTree holds every command to the rules that the framework relies on.
func TestCommandTree(t *testing.T) {
	env, _, _ := testEnv()
	app := newApp(env)
	global := map[string]bool{"help": true, "h": true}
	for _, f := range app.Flags {
		for _, n := range f.Names() {
			global[n] = true
		}
	}
	top := map[string]bool{}
	for _, c := range app.Commands {
		top[c.Name] = true
		if !slices.Contains(line.Headings(), c.Category) {
			t.Errorf("%s: category %q is not one of the headings", c.Name, c.Category)
		}
	}
	line.Each(app.Commands, "blockstack", func(c *cli.Command, name string) {
		if c.Usage == "" || strings.HasSuffix(c.Usage, ".") {
			t.Errorf("%s: the usage is one phrase without a full stop: %q", name, c.Usage)
		}
		if len(c.Subcommands) > 0 {
			if c.Action != nil || len(c.Flags) > 0 || c.ArgsUsage != "" {
				t.Errorf("%s: a noun has neither action, flags nor arguments of its own", name)
			}
			return
		}
		if c.Action == nil {
			t.Errorf("%s: no action", name)
		}
		seen := map[string]bool{}
		for _, f := range c.Flags {
			for _, n := range f.Names() {
				if global[n] {
					t.Errorf("%s: --%s is a global flag", name, n)
				}
				if seen[n] {
					t.Errorf("%s: --%s twice", name, n)
				}
				seen[n] = true
			}
			if line.Doc(f).GetUsage() == "" {
				t.Errorf("%s: --%s has no usage", name, f.Names()[0])
			} else if line.Doc(f).TakesValue() && line.Placeholder(f) == "" {
				t.Errorf("%s: the usage of --%s names no value between backquotes", name, f.Names()[0])
			}
		}
		optional, last := false, false
		for _, w := range strings.Fields(c.ArgsUsage) {
			isOptional := strings.HasPrefix(w, "[")
			if last || (optional && !isOptional) || isOptional != strings.HasSuffix(w, "]") {
				t.Errorf("%s: arguments %q are not in the grammar of parseArity", name, c.ArgsUsage)
			}
			optional, last = isOptional, strings.Contains(w, "...")
		}
	})
	if !top["help"] {
		t.Error("no help")
	}
}

// TestSplitLineErrors checks that mistakes are found before anything runs.
func TestSplitLineErrors(t *testing.T) {
	for _, c := range []struct {
		line, message, hint string
	}{
		{"nonsense", "no such command: nonsense", "run: blockstack --help"},
		{"config nonsense", "no such verb of config: nonsense", "run: blockstack config --help"},
		{"--dry-run config show", "unknown flag --dry-run", "flags of a command stand behind it; global flags: blockstack --help"},
		{"config show --yess", "unknown flag --yess", "did you mean --yes?"},
		{"config show -x", "unknown flag -x", "run: blockstack config show --help"},
		{"config show --home", "--home needs a value", ""},
		{"config show --home --", "--home needs a value", ""},
		{"config show --home --json", "--home needs a value, but a flag follows it", "if the value begins with a dash, join them: --home=VALUE"},
		{"config show --json --json", "--json is given twice", ""},
		{"--json config show --json", "--json is given twice", ""},
		{"config show --seed", "unknown flag --seed", "use --password-file FILE, --password-fd N or --password-command COMMAND, or let the command ask"},
		{"-- config show", "the command stands before --", "run: blockstack --help"},
		{"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn", "no such command: (a word of 48 bytes)", ""},
	} {
		env, _, _ := testEnv()
		_, err := line.Split(newApp(env), strings.Fields(c.line))
		f := faults.Of(context.Background(), err)
		if err == nil || f.Message != c.message || f.Exit() != fault.ExitUsage {
			t.Errorf("%s: %v (exit %d), want %s", c.line, err, f.Exit(), c.message)
		}
		if c.hint != "" && !slices.Contains(f.Hints, c.hint) {
			t.Errorf("%s: hints %q, want %q among them", c.line, f.Hints, c.hint)
		}
	}
}

// FuzzSplitLine: whatever is typed, nothing is lost and nothing is invented: each word ends as part
// of the command, as a flag or as an argument, in the order typed, and behind -- nothing is a flag.
func FuzzSplitLine(f *testing.F) {
	for _, s := range []string{"config\x00set\x00network\x00--json\x00regtest", "--home=x\x00config\x00path", "config\x00set\x00--\x00--json", "help\x00-h", "config\x00set\x00--zonefiles\x00a\x00b"} {
		f.Add(s)
	}
	env, _, _ := testEnv()
	app := newApp(env)
	f.Fuzz(func(t *testing.T, typed string) {
		words := strings.Split(typed, "\x00")
		typedLine, err := line.Split(app, words)
		if err != nil {
			return
		}
		rest := words
		for _, a := range typedLine.Args {
			i := slices.Index(rest, a)
			if i < 0 {
				t.Fatalf("%q: argument %q was not typed, or not in this order", words, a)
			}
			rest = rest[i+1:]
		}
		if dash := slices.Index(words, "--"); dash >= 0 && len(typedLine.Path) > 0 {
			behind := len(words) - dash - 1
			if isValue := dash > 0 && strings.HasPrefix(words[dash-1], "-"); !isValue && len(typedLine.Args) < behind {
				t.Fatalf("%q: %d words behind --, but only the arguments %q", words, behind, typedLine.Args)
			}
		}
		for _, fl := range slices.Concat(typedLine.Globals, typedLine.Flags) {
			name, _, _ := strings.Cut(strings.TrimPrefix(fl, "--"), "=")
			if line.FindFlag(app.Flags, name) == nil && (len(typedLine.Path) == 0 || line.FindFlag(typedLine.Path[len(typedLine.Path)-1].Flags, name) == nil) {
				t.Fatalf("%q: flag %q is nobody's", words, fl)
			}
		}
	})
}
