package voice

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// Text collects the readable form of a result. On a terminal fields are aligned and tables have
// headers; in a pipe the same values are separated by tabs, without header and colour. Every value
// is made safe for a terminal and bounded (foreign.go).
type Text struct {
	terminal bool
	buf      bytes.Buffer
	fields   [][2]string
	err      error
}

// OnTerminal reports whether it is read on a terminal.
func (t *Text) OnTerminal() bool { return t.terminal }

// Line writes one line.
func (t *Text) Line(format string, args ...any) {
	t.flush()
	t.buf.WriteString(Shown(fmt.Sprintf(format, args...), LongestText))
	t.buf.WriteByte('\n')
}

// Field writes a labelled value; consecutive fields are aligned. A terminal does not show empty
// ones; in a pipe they keep their line.
func (t *Text) Field(label, format string, args ...any) {
	t.fields = append(t.fields, [2]string{Shown(label, longestLabel), Shown(fmt.Sprintf(format, args...), LongestText)})
}

// Gap writes an empty line on a terminal and nothing in a pipe.
func (t *Text) Gap() {
	t.flush()
	if t.terminal {
		t.buf.WriteByte('\n')
	}
}

// Column is a column of a table.
type Column struct {
	Title string
	Right bool // numbers stand to the right
}

// Table writes a table.
func (t *Text) Table(columns []Column, rows [][]string) {
	t.flush()
	longest := LongestText
	if t.terminal {
		longest = LongestCell
	}
	safe := make([][]string, len(rows))
	for i, row := range rows {
		if len(row) != len(columns) {
			panic(fmt.Sprintf("bug: a table row has %d cells under %d columns", len(row), len(columns)))
		}
		for _, cell := range row {
			safe[i] = append(safe[i], Shown(cell, longest))
		}
	}
	if !t.terminal {
		for _, row := range safe {
			t.buf.WriteString(strings.Join(row, "\t"))
			t.buf.WriteByte('\n')
		}
		return
	}
	if len(rows) > 0 && t.err == nil {
		t.err = t.draw(columns, safe)
	}
}

// draw renders a table without borders, columns two spaces apart.
func (t *Text) draw(columns []Column, rows [][]string) error {
	titles := make([]string, len(columns))
	align := make(tw.Alignment, len(columns))
	for i, c := range columns {
		titles[i], align[i] = c.Title, tw.AlignLeft
		if c.Right {
			align[i] = tw.AlignRight
		}
	}
	var drawn bytes.Buffer
	table := tablewriter.NewTable(&drawn,
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders:  tw.BorderNone,
			Settings: tw.Settings{Separators: tw.SeparatorsNone, Lines: tw.LinesNone},
		})),
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAutoWrap(tw.WrapNone),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithTrimSpace(tw.Off),
		tablewriter.WithHeaderAlignmentConfig(tw.CellAlignment{PerColumn: align}),
		tablewriter.WithRowAlignmentConfig(tw.CellAlignment{PerColumn: align}),
		tablewriter.WithPadding(tw.Padding{Left: "", Right: "  ", Overwrite: true}),
	)
	table.Header(titles)
	if err := table.Bulk(rows); err != nil {
		return fmt.Errorf("table: %w", err)
	}
	if err := table.Render(); err != nil {
		return fmt.Errorf("table: %w", err)
	}
	for line := range strings.Lines(drawn.String()) {
		t.buf.WriteString(strings.TrimRight(line, " \n"))
		t.buf.WriteByte('\n')
	}
	return nil
}

// flush writes the fields collected so far.
func (t *Text) flush() {
	width := 0
	for _, f := range t.fields {
		width = max(width, len([]rune(f[0])))
	}
	for _, f := range t.fields {
		switch {
		case !t.terminal:
			fmt.Fprintf(&t.buf, "%s\t%s\n", f[0], f[1])
		case f[1] != "":
			fmt.Fprintf(&t.buf, "%-*s  %s\n", width, f[0], f[1])
		}
	}
	t.fields = nil
}

// bytes returns everything written.
func (t *Text) bytes() ([]byte, error) {
	t.flush()
	return t.buf.Bytes(), t.err
}
