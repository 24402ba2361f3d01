package line

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/voice"
)

// Manual prints the manual page, made from the commands themselves: troff with the man macros, as
// man(1) reads it.
func Manual(p *voice.Printer, app *cli.App) error {
	text := ManualPage(app)
	if !p.JSON() {
		p.Raw([]byte(text))
		return nil
	}
	return p.Result("help.man", map[string]any{"format": "man", "text": text}, func(*voice.Text) {})
}

// ManualPage writes the page.
func ManualPage(app *cli.App) string {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH BLOCKSTACK 1 \"\" \"blockstack\" \"User Commands\"\n.SH NAME\nblockstack \\- %s\n", Troff(app.Usage))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n.B blockstack\n.I COMMAND\n[\\fIVERB\\fR] [\\fIARGUMENTS\\fR] [\\fIFLAGS\\fR]\n")
	b.WriteString(".SH DESCRIPTION\nFlags may stand anywhere behind the command. A seed, private key or password is never taken from the command line.\n")
	b.WriteString("With \\-\\-json every command prints one JSON document, or JSON lines for streams, and errors as JSON on standard error.\n")
	for _, category := range Headings() {
		fmt.Fprintf(&b, ".SH %s\n", strings.ToUpper(Troff(category)))
		for _, c := range app.Commands {
			if c.Category == category {
				manualCommand(&b, c)
			}
		}
	}
	b.WriteString(".SH GLOBAL FLAGS\n")
	for _, category := range flagCategories(app.Flags) {
		fmt.Fprintf(&b, ".SS %s\n", Troff(strings.TrimSuffix(category, ":")))
		manualFlags(&b, flagRows(app.Flags, category))
	}
	b.WriteString(".SH EXIT STATUS\n")
	for _, r := range fault.Table() {
		fmt.Fprintf(&b, ".TP\n.B %d\n%s", r.Exit, Troff(r.Meaning))
		if len(r.Codes) > 0 {
			fmt.Fprintf(&b, " (%s)", Troff(strings.Join(r.Codes, ", ")))
		}
		b.WriteByte('\n')
	}
	b.WriteString(".SH FILES\n.B blockstack config path\nsays where they are; the README says which of them may be deleted.\n")
	return b.String()
}

// manualCommand writes a command and its verbs.
func manualCommand(b *strings.Builder, c *cli.Command) {
	if len(c.Subcommands) > 0 {
		for _, s := range c.Subcommands {
			manualCommand(b, s)
		}
		return
	}
	fmt.Fprintf(b, ".SS \"%s\"\n%s.\n", Troff(strings.TrimSpace(c.HelpName+" "+c.ArgsUsage)), Troff(c.Usage))
	if d := strings.TrimSpace(c.Description); d != "" {
		b.WriteString(".PP\n")
		literal := false
		for line := range strings.Lines(d) {
			line = strings.TrimRight(line, "\n")
			if code := strings.HasPrefix(line, "  "); code != literal {
				b.WriteString(map[bool]string{true: ".PP\n.nf\n", false: ".fi\n"}[code])
				literal = code
			}
			if line == "" {
				b.WriteString(".PP\n")
				continue
			}
			b.WriteString(Troff(line) + "\n")
		}
		if literal {
			b.WriteString(".fi\n")
		}
	}
	for _, category := range flagCategories(c.Flags) {
		manualFlags(b, flagRows(c.Flags, category))
	}
}

// manualFlags writes flags and what they mean.
func manualFlags(b *strings.Builder, rows [][2]string) {
	for _, r := range rows {
		fmt.Fprintf(b, ".TP\n.B %s\n%s\n", Troff(r[0]), Troff(r[1]))
	}
}

// Troff makes text of what troff would take for its own: backslashes, hyphens, quotes that become
// typographic, letters beyond ASCII, and a dot at the start of a line.
func Troff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, `-`, `\-`, `'`, `\(aq`, "`", `\(ga`, `"`, `\(dq`).Replace(text)
	if strings.HasPrefix(text, ".") {
		text = `\&` + text
	}
	var b strings.Builder
	for _, r := range text {
		if r < 0x80 {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\[u%04X]`, r)
		}
	}
	return b.String()
}
