package commands

import (
	"context"
	"strings"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
)

// topics are the pages of help that are not about one command.
func topics() map[string]func(p *voice.Printer) error {
	manual := func(p *voice.Printer) error {
		return line.Manual(p, newApp(&session.Session{In: strings.NewReader(""), Out: p}))
	}
	return map[string]func(p *voice.Printer) error{"exit-codes": line.ExitCodes, "man": manual}
}

// helpCommand is `help [COMMAND...]`, and the topics.
func helpCommand() *cli.Command {
	return &cli.Command{
		Name:      "help",
		Usage:     "the help of a command, or a topic: exit-codes, man (the manual page)",
		ArgsUsage: "[COMMAND|TOPIC...]",
		Category:  line.Program,
		Description: line.Examples(
			"blockstack help config set",
			"blockstack help exit-codes",
			"blockstack help man > ~/.local/share/man/man1/blockstack.1"),
		Action: line.PlainVerb(func(c *cli.Context) (helpOptions, error) {
			return helpOptions{app: c.App, words: c.Args().Slice()}, nil
		}, runHelp),
	}
}

// helpOptions are the words after help.
type helpOptions struct {
	app   *cli.App
	words []string
}

// runHelp prints a topic or the help of a command.
func runHelp(_ context.Context, env *session.Session, o helpOptions) error {
	if len(o.words) == 1 {
		if topic, ok := topics()[o.words[0]]; ok {
			return topic(env.Out)
		}
	}
	typedLine, err := line.Split(o.app, o.words)
	if err != nil {
		return err
	}
	if len(typedLine.Args) > 0 {
		return fault.Usage("no such verb of %s", typedLine.Path[len(typedLine.Path)-1].Name).Hint("run: blockstack --help")
	}
	return line.Help(env.Out, o.app, typedLine.Path)
}
