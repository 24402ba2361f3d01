package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ActionFunc does what a command is for.
type ActionFunc func(*Context) error

// Command is a noun, which groups commands, or a verb, which has an action.
type Command struct {
	Name        string
	HelpName    string // the words that lead to it, from the program's name on
	Usage       string // one phrase
	ArgsUsage   string
	Description string
	Category    string // its heading in the list of commands
	Subcommands []*Command
	Flags       []Flag
	Action      ActionFunc
}

// HasName reports whether a word names the command.
func (c *Command) HasName(word string) bool { return c.Name == word }

// App is a program of commands.
type App struct {
	Name     string
	Usage    string
	Flags    []Flag // global ones
	Commands []*Command
	Metadata map[string]any
	// OnUsageError makes of an error in a flag's value what RunContext returns.
	OnUsageError func(error) error
}

// Context is what an action is given.
type Context struct {
	Context  context.Context
	App      *App
	Command  *Command
	settings settings
	args     Args
}

// ErrLine means that a line is not in the order that RunContext takes.
var ErrLine = errors.New("not a line of commands")

// RunContext runs the command of a line.
func (a *App) RunContext(ctx context.Context, argv []string) error {
	c := &Context{Context: ctx, App: a, settings: settings{}}
	words := argv[min(1, len(argv)):]
	words, err := c.settings.read(a.Flags, words)
	if err != nil {
		return a.OnUsageError(err)
	}
	list := a.Commands
	for len(list) > 0 {
		if len(words) == 0 {
			return fmt.Errorf("%w: it names no command", ErrLine)
		}
		i := slices.IndexFunc(list, func(c *Command) bool { return c.HasName(words[0]) })
		if i < 0 {
			return fmt.Errorf("%w: no such command", ErrLine)
		}
		c.Command, list = list[i], list[i].Subcommands
		if words, err = c.settings.read(c.Command.Flags, words[1:]); err != nil {
			return a.OnUsageError(err)
		}
	}
	if c.Command == nil || c.Command.Action == nil {
		return fmt.Errorf("%w: the command does nothing", ErrLine)
	}
	c.args = words
	return c.Command.Action(c)
}

// settings are the values of flags, by the flag's first name.
type settings map[string]setting

type setting struct {
	value any
	set   bool // by the line or by a variable
}

// read takes the flags at the beginning of words, and gives the words behind them.
func (s settings) read(flags []Flag, words []string) ([]string, error) {
	for _, f := range flags {
		value, set, err := fromVariable(f)
		if err != nil {
			return nil, err
		}
		s[f.Names()[0]] = setting{value, set}
	}
	given := map[Flag]bool{}
	for len(words) > 0 && len(words[0]) > 1 && words[0][0] == '-' {
		word := words[0]
		words = words[1:]
		if word == "--" {
			break
		}
		name, text, joined := strings.Cut(strings.TrimPrefix(word[1:], "-"), "=")
		i := slices.IndexFunc(flags, func(f Flag) bool { return slices.Contains(f.Names(), name) })
		if i < 0 {
			return nil, fmt.Errorf("%w: unknown flag", ErrLine)
		}
		f := flags[i]
		switch {
		case joined:
		case !f.TakesValue():
			text = "true"
		case len(words) == 0:
			return nil, fmt.Errorf("flag needs an argument: -%s", name)
		default:
			text, words = words[0], words[1:]
		}
		old := f.start()
		if given[f] { // what a variable says does not count beside the line
			old = s[f.Names()[0]].value
		}
		value, err := f.parse(old, text)
		if err != nil {
			return nil, fmt.Errorf("invalid value %q for flag -%s: %w", text, name, err)
		}
		given[f] = true
		s[f.Names()[0]] = setting{value, true}
	}
	return words, nil
}
