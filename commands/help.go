package commands

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"blockstack/commands/cli"

	"blockstack/commands/fault"
	"blockstack/commands/voice"
)

// topics are the pages of help that are not about one command.
func topics() map[string]func(p *voice.Printer) error {
	return map[string]func(p *voice.Printer) error{"exit-codes": printExitCodes, "man": printManual}
}

// helpCommand is `help [COMMAND...]`, and the topics.
func helpCommand() *cli.Command {
	return &cli.Command{
		Name:      "help",
		Usage:     "the help of a command, or a topic: exit-codes, man (the manual page)",
		ArgsUsage: "[COMMAND|TOPIC...]",
		Category:  catSelf,
		Description: examples(
			"blockstack help config set",
			"blockstack help exit-codes",
			"blockstack help man > ~/.local/share/man/man1/blockstack.1"),
		Action: plainVerb(func(c *cli.Context) (helpOptions, error) {
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
func runHelp(_ context.Context, env *Env, o helpOptions) error {
	if len(o.words) == 1 {
		if topic, ok := topics()[o.words[0]]; ok {
			return topic(env.Out)
		}
	}
	line, err := splitLine(o.app, o.words)
	if err != nil {
		return err
	}
	if len(line.args) > 0 {
		return fault.Usage("no such verb of %s", line.path[len(line.path)-1].Name).Hint("run: blockstack --help")
	}
	return printHelp(env.Out, o.app, line.path)
}

// printHelp prints the help of a command, or of the program when the path is empty.
func printHelp(p *voice.Printer, app *cli.App, path []*cli.Command) error {
	var b bytes.Buffer
	if len(path) == 0 {
		appHelp(&b, app)
	} else {
		commandHelp(&b, path[len(path)-1])
	}
	p.Raw(b.Bytes())
	return nil
}

// appHelp writes the first page.
func appHelp(b *bytes.Buffer, app *cli.App) {
	fmt.Fprintf(b, "%s: %s\n\nUsage: %s COMMAND [flags]\n", app.Name, app.Usage, app.Name)
	for _, category := range categories() {
		var rows [][2]string
		for _, c := range app.Commands {
			if c.Category == category {
				rows = append(rows, [2]string{c.Name, c.Usage})
			}
		}
		writeRows(b, category+":", rows)
	}
	for _, category := range flagCategories(app.Flags) {
		writeRows(b, category, flagRows(app.Flags, category))
	}
	b.WriteString("\nFlags may stand anywhere. Help of a command: blockstack COMMAND --help\nExit codes: blockstack help exit-codes\n")
}

// commandHelp writes the page of a noun or verb.
func commandHelp(b *bytes.Buffer, c *cli.Command) {
	writeParagraphs(b, c.HelpName+": "+c.Usage)
	fmt.Fprintf(b, "\nUsage: %s\n", synopsis(c))
	if c.Description != "" {
		b.WriteByte('\n')
		writeParagraphs(b, strings.TrimSpace(c.Description))
	}
	var rows [][2]string
	for _, s := range c.Subcommands {
		rows = append(rows, [2]string{strings.TrimSpace(s.Name + " " + s.ArgsUsage), s.Usage})
	}
	writeRows(b, "Verbs:", rows)
	for _, category := range flagCategories(c.Flags) {
		title := category
		if title == "" {
			title = "Flags:"
		}
		writeRows(b, title, flagRows(c.Flags, category))
	}
	b.WriteString("\nGlobal flags: blockstack --help\n")
}

// Help fits a terminal of helpWidth columns. A word on the left that is longer than helpLeft stands alone on its line.
const (
	helpWidth = voice.TerminalWidth
	helpLeft  = 26
)

// writeParagraphs writes paragraphs anew within helpWidth. Lines that are indented, such as examples, stay as they are.
func writeParagraphs(b *bytes.Buffer, text string) {
	var paragraph []string
	flush := func() {
		for _, line := range voice.Wrap(strings.Join(paragraph, " "), helpWidth) {
			fmt.Fprintln(b, line)
		}
		paragraph = nil
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == ' ' {
			flush()
			fmt.Fprintln(b, line)
			continue
		}
		paragraph = append(paragraph, line)
	}
	flush()
}

// writeRows writes a heading and two aligned columns.
func writeRows(b *bytes.Buffer, title string, rows [][2]string) {
	if len(rows) == 0 {
		return
	}
	width := 0
	for _, r := range rows {
		if len(r[0]) <= helpLeft {
			width = max(width, len(r[0]))
		}
	}
	if width == 0 {
		width = 4
	}
	fmt.Fprintf(b, "\n%s\n", title)
	for _, r := range rows {
		left := r[0]
		if len(left) > width {
			fmt.Fprintf(b, "  %s\n", left)
			left = ""
		}
		for _, line := range voice.Wrap(r[1], helpWidth-width-len("    ")) {
			fmt.Fprintf(b, "  %-*s  %s\n", width, left, line)
			left = ""
		}
	}
}

// flagCategories lists the headings of flags in the order of their first flag.
func flagCategories(flags []cli.Flag) []string {
	var list []string
	for _, f := range flags {
		if !slices.Contains(list, f.GetCategory()) {
			list = append(list, f.GetCategory())
		}
	}
	return list
}

// flagRows describes the flags of a category.
func flagRows(flags []cli.Flag, category string) [][2]string {
	var rows [][2]string
	for _, f := range flags {
		if f.GetCategory() != category {
			continue
		}
		var names []string
		for _, n := range f.Names() {
			names = append(names, dashed(n))
		}
		left := strings.Join(names, ", ")
		if f.TakesValue() {
			value := placeholder(f)
			if value == "" {
				value = "VALUE"
			}
			left += " " + value
		}
		right := strings.ReplaceAll(f.GetUsage(), "`", "")
		if text := strings.Trim(f.GetDefaultText(), `" `); f.TakesValue() && text != "" {
			right += " (default: " + text + ")"
		}
		if env := f.GetEnvVars(); len(env) > 0 {
			right += " [$" + strings.Join(env, ", $") + "]"
		}
		rows = append(rows, [2]string{left, right})
	}
	return rows
}

// printExitCodes prints the table of exit codes.
func printExitCodes(p *voice.Printer) error {
	type row struct {
		Exit    fault.ExitCode `json:"exit"`
		Meaning string         `json:"meaning"`
		Codes   []string       `json:"codes"`
	}
	doc := struct {
		ExitCodes []row `json:"exit_codes"`
	}{}
	var cells [][]string
	for _, r := range fault.Table() {
		doc.ExitCodes = append(doc.ExitCodes, row{r.Exit, r.Meaning, append([]string{}, r.Codes...)})
		cells = append(cells, []string{strconv.Itoa(int(r.Exit)), r.Meaning, strings.Join(r.Codes, ", ")})
	}
	return p.Result("help.exit-codes", doc, func(t *voice.Text) {
		t.Table([]voice.Column{{Title: "code", Right: true}, {Title: "meaning"}, {Title: "error.code"}}, cells)
	})
}
