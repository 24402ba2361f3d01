package commands

import (
	"context"
	"fmt"
	"strings"

	"blockstack/commands/cli"

	"blockstack/commands/fault"
	"blockstack/commands/voice"
)

// noun is a command that only groups verbs.
func noun(name, usage, category string, verbs ...*cli.Command) *cli.Command {
	return &cli.Command{Name: name, Usage: usage, Category: category, Subcommands: verbs}
}

// verb joins the parts of a verb: parse fills the options from flags and arguments, run does the work.
// The number of arguments is checked against the command's ArgsUsage before parse is called, and env.Config is ready.
func verb[O any](parse func(c *cli.Context) (O, error), run func(ctx context.Context, env *Env, o O) error) cli.ActionFunc {
	return action(parse, run, true)
}

// plainVerb is verb for the few that must work with a broken configuration, or repair one: env.Config has only what
// flags and environment say about folders.
func plainVerb[O any](parse func(c *cli.Context) (O, error), run func(ctx context.Context, env *Env, o O) error) cli.ActionFunc {
	return action(parse, run, false)
}

// action is the body of verb and plainVerb.
func action[O any](parse func(c *cli.Context) (O, error), run func(ctx context.Context, env *Env, o O) error, config bool) cli.ActionFunc {
	return func(c *cli.Context) error {
		env, ok := c.App.Metadata["env"].(*Env)
		if !ok {
			panic("bug: the app has no Env")
		}
		if err := env.configure(c, config); err != nil {
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

// none is the options struct of a verb that has no options.
type none struct{}

// noOptions is the parse function of a verb that has no options.
func noOptions(*cli.Context) (none, error) { return none{}, nil }

// arity is how many arguments an ArgsUsage allows. Its grammar:
//
//	usage    = [ argument *( SP argument ) ]      empty: no arguments
//	argument = WORD [ "..." ]                      required; "..." on the last: one or more
//	         / "[" WORD [ "..." ] "]"              may be left out; "..." on the last: any number
//
// WORD may be alternatives, NAME|ADDRESS. Required arguments stand before those that may be left out.
type arity struct {
	names    []string
	min, max int // max -1: no limit
}

// parseArity reads an ArgsUsage.
func parseArity(usage string) arity {
	var a arity
	for _, word := range strings.Fields(usage) {
		optional := strings.HasPrefix(word, "[")
		word = strings.Trim(word, "[]")
		if w, many := strings.CutSuffix(word, "..."); many {
			word, a.max = w, -1
		}
		a.names = append(a.names, word)
		if !optional {
			a.min++
		}
		if a.max >= 0 {
			a.max++
		}
	}
	return a
}

// checkArgs compares the arguments with the command's ArgsUsage.
func checkArgs(c *cli.Context) error {
	a, n := parseArity(c.Command.ArgsUsage), c.NArg()
	switch {
	case n < a.min:
		return fault.Usage("%s: missing %s", c.Command.HelpName, strings.Join(a.names[n:a.min], " and ")).
			Hint("usage: %s", synopsis(c.Command))
	case a.max >= 0 && n > a.max:
		return fault.Usage("%s: takes %s, got %d", c.Command.HelpName, voice.Count(a.max, "argument"), n).
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

// examples writes the part of a Description that shows things to type, one command a line.
func examples(lines ...string) string {
	var b strings.Builder
	b.WriteString("Examples:\n")
	for _, l := range lines {
		fmt.Fprintf(&b, "  %s\n", l)
	}
	return strings.TrimSuffix(b.String(), "\n")
}
