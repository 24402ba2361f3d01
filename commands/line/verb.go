package line

import (
	"context"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/voice"
)

// Noun is a command that only groups verbs.
func Noun(name, usage, category string, verbs ...*cli.Command) *cli.Command {
	return &cli.Command{Name: name, Usage: usage, Category: category, Subcommands: verbs}
}

// EnvKey is where the app keeps what verbs need.
const EnvKey = "env"

// configured is what every environment can do: read the flags. A verb asks for the rest by an
// interface of its own.
type configured interface {
	Configure(c *cli.Context, file bool) error
}

// Verb joins the parts of a verb: parse fills the options from flags and arguments, run does the
// work. The number of arguments is checked against the command's ArgsUsage before parse is called,
// and the configuration is read.
func Verb[E, O any](parse func(c *cli.Context) (O, error), run func(ctx context.Context, env E, o O) error) cli.ActionFunc {
	return action(parse, run, true)
}

// PlainVerb is verb for the few that must work with a broken configuration, or repair one: of the
// configuration there is only what flags and environment say.
func PlainVerb[E, O any](parse func(c *cli.Context) (O, error), run func(ctx context.Context, env E, o O) error) cli.ActionFunc {
	return action(parse, run, false)
}

// action is the body of verb and PlainVerb.
func action[E, O any](parse func(c *cli.Context) (O, error), run func(ctx context.Context, env E, o O) error, config bool) cli.ActionFunc {
	return func(c *cli.Context) error {
		set, ok := c.App.Metadata[EnvKey].(configured)
		if !ok {
			panic("bug: the app has no environment")
		}
		env, ok := set.(E)
		if !ok {
			panic(fmt.Sprintf("bug: the environment of the app does not give %s what it needs", c.Command.HelpName))
		}
		if err := set.Configure(c, config); err != nil {
			return err
		}
		if err := checkArgs(c); err != nil {
			return err
		}
		o, err := parse(c)
		if err != nil {
			return err
		}
		return run(c.Context, env, o)
	}
}

// None is the options struct of a verb that has no options.
type None struct{}

// NoOptions is the parse function of a verb that has no options.
func NoOptions(*cli.Context) (None, error) { return None{}, nil }

// Arity is how many arguments an ArgsUsage allows. Its grammar:
//
//	usage    = [ argument *( SP argument ) ]      empty: no arguments
//	argument = WORD [ "..." ]                      required; "..." on the last: one or more
//	         / "[" WORD [ "..." ] "]"              may be left out; "..." on the last: any number
//
// WORD may be alternatives, NAME|ADDRESS. Required arguments stand before those that may be left
// out.
type Arity struct {
	Names    []string
	Min, Max int // max -1: no limit
}

// ParseArity reads an ArgsUsage.
func ParseArity(usage string) Arity {
	var a Arity
	for _, word := range strings.Fields(usage) {
		optional := strings.HasPrefix(word, "[")
		word = strings.Trim(word, "[]")
		if w, many := strings.CutSuffix(word, "..."); many {
			word, a.Max = w, -1
		}
		a.Names = append(a.Names, word)
		if !optional {
			a.Min++
		}
		if a.Max >= 0 {
			a.Max++
		}
	}
	return a
}

// checkArgs compares the arguments with the command's ArgsUsage.
func checkArgs(c *cli.Context) error {
	a, n := ParseArity(c.Command.ArgsUsage), c.NArg()
	switch {
	case n < a.Min:
		return fault.Usage("%s: missing %s", c.Command.HelpName, strings.Join(a.Names[n:a.Min], " and ")).
			Hint("usage: %s", synopsis(c.Command))
	case a.Max >= 0 && n > a.Max:
		return fault.Usage("%s: takes %s, got %d", c.Command.HelpName, voice.Count(a.Max, "argument"), n).
			Hint("usage: %s", synopsis(c.Command))
	}
	return nil
}

// synopsis is the one line that shows how a command is typed.
func synopsis(cmd *cli.Command) string {
	s := cmd.HelpName
	if len(cmd.Subcommands) > 0 {
		s += " VERB"
	}
	if cmd.ArgsUsage != "" {
		s += " " + cmd.ArgsUsage
	}
	if len(cmd.Flags) > 0 {
		s += " [flags]"
	}
	return s
}

// Examples writes the part of a Description that shows things to type, one command a line.
func Examples(lines ...string) string {
	var b strings.Builder
	b.WriteString("Examples:\n")
	for _, l := range lines {
		fmt.Fprintf(&b, "  %s\n", l)
	}
	return strings.TrimSuffix(b.String(), "\n")
}
