package line

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/voice"
)

// Help prints the help of a command, or of the program when the path is empty.
func Help(p *voice.Printer, app *cli.App, path []*cli.Command) error {
	var b bytes.Buffer
	if len(path) == 0 {
		AppHelp(&b, app)
	} else {
		CommandHelp(&b, path[len(path)-1])
	}
	p.Raw(b.Bytes())
	return nil
}

// AppHelp writes the first page.
func AppHelp(b *bytes.Buffer, app *cli.App) {
	fmt.Fprintf(b, "%s: %s\n\nUsage: %s COMMAND [flags]\n", app.Name, app.Usage, app.Name)
	for _, category := range Headings() {
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

// CommandHelp writes the page of a noun or verb.
func CommandHelp(b *bytes.Buffer, c *cli.Command) {
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

// Help fits a terminal of helpWidth columns. A word on the left that is longer than helpLeft stands
// alone on its line.
const (
	helpWidth = voice.TerminalWidth
	helpLeft  = 26
)

// writeParagraphs writes paragraphs anew within helpWidth. Lines that are indented, such as
// examples, stay as they are.
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
		if !slices.Contains(list, Category(f)) {
			list = append(list, Category(f))
		}
	}
	return list
}

// flagRows describes the flags of a category.
func flagRows(flags []cli.Flag, category string) [][2]string {
	var rows [][2]string
	for _, f := range flags {
		if Category(f) != category {
			continue
		}
		var names []string
		for _, n := range f.Names() {
			names = append(names, Dashed(n))
		}
		left := strings.Join(names, ", ")
		if Doc(f).TakesValue() {
			value := Placeholder(f)
			if value == "" {
				value = "VALUE"
			}
			left += " " + value
		}
		right := strings.ReplaceAll(Doc(f).GetUsage(), "`", "")
		if text := strings.Trim(Doc(f).GetDefaultText(), `" `); Doc(f).TakesValue() && text != "" {
			right += " (default: " + text + ")"
		}
		if env := Doc(f).GetEnvVars(); len(env) > 0 {
			right += " [$" + strings.Join(env, ", $") + "]"
		}
		rows = append(rows, [2]string{left, right})
	}
	return rows
}

// ExitCodes prints the table of exit codes.
func ExitCodes(p *voice.Printer) error {
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
