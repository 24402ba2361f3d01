package voice

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/term"

	"blockstack/commands/fault"
	"blockstack/wallet/secretform"
)

// Printer is the only way to the two streams. The result of a verb is held back until the verb has
// succeeded, so that standard output is empty on failure; streams and notices are written at once.
type Printer struct {
	out, err       io.Writer
	outTerm        bool // standard output is a terminal: tables with headers
	errTerm        bool // standard error is a terminal: colours, moving progress
	json           bool
	quiet, verbose bool
	colour         bool
	here           func(text string) string // makes the commands in a hint act on the same home; nil: as they are
	hide           func(text string) string // takes out what the user typed and what must not be repeated; nil: nothing is known

	result   bytes.Buffer // what Result has printed so far
	mu       sync.Mutex   // guards writing, so that progress may be told from any goroutine
	progress *Progress    // the progress line on screen, cleared before anything else is written
}

// New returns a printer on the two streams, which are looked at once to see whether they are
// terminals.
func New(out, err io.Writer) *Printer {
	p := &Printer{out: out, err: err, outTerm: isTerminal(out), errTerm: isTerminal(err)}
	p.colour = p.errTerm && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	return p
}

// isTerminal reports whether a stream is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// Modes is how a user wants to be spoken to.
type Modes struct {
	JSON, Quiet, Verbose, NoColour bool
}

// SetModes is called when the command line has been read.
func (p *Printer) SetModes(m Modes) {
	p.json, p.quiet, p.verbose = m.JSON, m.Quiet, m.Verbose
	p.colour = p.colour && !m.NoColour
}

// SetHide gives the Printer what takes out of errors and notices what was typed, unless it is
// harmless.
func (p *Printer) SetHide(hide func(text string) string) { p.hide = hide }

// SetHere gives the Printer what makes the commands in a text act on the same home.
func (p *Printer) SetHere(here func(text string) string) { p.here = here }

// Here is a text whose commands act on the same home as this one.
func (p *Printer) Here(text string) string {
	if p.here == nil {
		return text
	}
	return p.here(text)
}

// hidden is a text without what was typed.
func (p *Printer) hidden(text string) string {
	if p.hide == nil {
		return text
	}
	return p.hide(text)
}

// Errors is standard error, for the words of another program that is run.
func (p *Printer) Errors() io.Writer { return p.err }

// Quiet reports whether the user asked for results, warnings and errors alone.
func (p *Printer) Quiet() bool { return p.quiet }

// JSON reports whether the user asked for JSON.
func (p *Printer) JSON() bool { return p.json }

// Verbose reports whether the user asked for more to be said.
func (p *Printer) Verbose() bool { return p.verbose }

// Result prints the result of a verb: doc as one JSON document with `schema` first when JSON is
// asked for, otherwise what text writes. The schema is "<noun>.<verb>"; doc is a struct or a map
// with snake-case keys. It is shown when the verb returns nil or a fault that keeps the result.
func (p *Printer) Result(schema string, doc any, text func(t *Text)) error {
	b, err := p.render(schema, doc, text)
	if err != nil {
		return err
	}
	p.result.Write(b)
	return nil
}

// Stream prints one item of a stream at once: one JSON line, or what text writes.
func (p *Printer) Stream(schema string, doc any, text func(t *Text)) error {
	b, err := p.render(schema, doc, text)
	if err != nil {
		return err
	}
	return p.WriteNow(b)
}

// WriteNow writes bytes of a stream at once.
func (p *Printer) WriteNow(b []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.eraseProgress()
	if _, err := p.out.Write(b); err != nil {
		return fmt.Errorf("standard output: %w", err)
	}
	return nil
}

// Raw adds the content of a file to the result: a token, a PSBT, a zone file. To a terminal it is
// made safe.
func (p *Printer) Raw(b []byte) { p.result.Write(visibleFile(b, p.outTerm)) }

// render makes the bytes of one document.
func (p *Printer) render(schema string, doc any, text func(t *Text)) ([]byte, error) {
	if p.json {
		return Document(schema, doc)
	}
	t := &Text{terminal: p.outTerm}
	text(t)
	return t.bytes()
}

// Document marshals doc as one line whose first key is the schema.
func Document(schema string, doc any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(doc); err != nil {
		return nil, fmt.Errorf("%s: encode the result: %w", schema, err)
	}
	body := visibleJSON(bytes.TrimSpace(b.Bytes()))
	if len(body) < 2 || body[0] != '{' {
		panic("bug: the result of " + schema + " is not a JSON object")
	}
	line := fmt.Appendf(nil, `{"schema":"blockstack/%s/v1"`, schema)
	if !bytes.Equal(body, []byte("{}")) {
		line = append(line, ',')
	}
	return append(append(line, body[1:]...), '\n'), nil
}

// Commit writes the held result.
func (p *Printer) Commit() error {
	p.ClearProgress()
	if p.result.Len() == 0 {
		return nil
	}
	if _, err := p.out.Write(p.result.Bytes()); err != nil {
		return fmt.Errorf("standard output: %w", err)
	}
	p.result.Reset()
	return nil
}

// Warn tells the user something that may be wrong. It is said even with --quiet.
func (p *Printer) Warn(format string, args ...any) { p.say("warning", yellow, format, args...) }

// Note tells the user something worth knowing; --quiet silences it.
func (p *Printer) Note(format string, args ...any) {
	if !p.quiet {
		p.say("note", plain, format, args...)
	}
}

// Detail is a note for --verbose.
func (p *Printer) Detail(format string, args ...any) {
	if p.verbose {
		p.say("note", plain, format, args...)
	}
}

// Report writes a fault to standard error: the error and its hints, or the documented JSON.
func (p *Printer) Report(f *fault.Fault) {
	if p.json {
		p.errLine(p.safe(f))
		return
	}
	switch f.Exit() {
	case fault.ExitPending:
		p.say("pending", yellow, "%s", f.Message)
	default:
		p.say("error", red, "%s", f.Message)
	}
	for _, h := range f.Hints {
		p.say("hint", cyan, "%s", h)
	}
}

// unsaid is a message as it may be printed: bounded, without what it repeats of the command line,
// unless that is harmless, and without secrets that it repeats of anything else.
func (p *Printer) unsaid(message string) string {
	const most = utf8.UTFMax * LongestText // bytes of what is shown, at most
	return shownOf(secretform.Hide(p.hidden(message[:min(len(message), most)])), LongestText, len(message))
}

// safe is a fault as it may be printed.
func (p *Printer) safe(f *fault.Fault) *fault.Fault {
	out := *f
	out.Message, out.Hints, out.Details = p.unsaid(f.Message), nil, nil
	for _, h := range f.Hints {
		out.Hints = append(out.Hints, p.Here(p.unsaid(h)))
	}
	if b, err := json.Marshal(f.Details); err == nil {
		details := map[string]any{}
		dec := json.NewDecoder(bytes.NewReader(b))
		dec.UseNumber()
		if dec.Decode(&details) == nil {
			hideValue(details, func(s string) string { return secretform.Hide(p.hidden(s)) })
			out.Details = details
		}
	}
	return &out
}

// The colours of the prefixes.
const (
	plain  = ""
	red    = "\x1b[31m"
	yellow = "\x1b[33m"
	cyan   = "\x1b[36m"
)

// say writes one line to standard error. What is not ours in it cannot reach the terminal as
// control codes.
func (p *Printer) say(kind, colour, format string, args ...any) {
	text := p.unsaid(fmt.Sprintf(format, args...))
	if kind != "error" {
		text = p.Here(text)
	}
	p.tell(kind, colour, text)
}

// Show writes a line of what the user is asked to agree to, as a plan or a note. It has to say what
// was asked for, so nothing of the command line is hidden.
func (p *Printer) Show(kind, line string) {
	if kind == "note" && p.quiet {
		return
	}
	line = Shown(line, LongestText)
	if !p.errTerm || p.json {
		p.tell(kind, plain, line)
		return
	}
	for _, part := range hanging(line, TerminalWidth-len(kind+": ")) {
		p.tell(kind, plain, part)
	}
}

// TerminalWidth is how wide a terminal is at least.
const TerminalWidth = 80

// hanging breaks a line that is longer than width where there are blanks; what follows is indented
// two more than the line.
func hanging(line string, width int) []string {
	if len([]rune(line)) <= width {
		return []string{line}
	}
	indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
	parts := Wrap(line, width-len(indent)-2)
	for i := range parts {
		if parts[i] = indent + parts[i]; i > 0 {
			parts[i] = "  " + parts[i]
		}
	}
	return parts
}

// tell writes one line to standard error, whose text is safe already.
func (p *Printer) tell(kind, colour, message string) {
	if p.json {
		p.errLine(map[string]any{kind: map[string]any{"message": message}})
		return
	}
	prefix := kind + ":"
	if p.colour && colour != plain {
		prefix = colour + prefix + "\x1b[0m"
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.eraseProgress()
	fmt.Fprintf(p.err, "%s %s\n", prefix, message)
}

// errLine writes one JSON line to standard error.
func (p *Printer) errLine(v any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.eraseProgress()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		b.Reset()
		_ = enc.Encode(map[string]any{"warning": map[string]any{"message": "bug: something could not be written as JSON"}})
	}
	// Standard error is the last resort; there is nowhere left to complain to.
	_, _ = p.err.Write(visibleJSON(b.Bytes()))
}

// hideValue changes all texts in the details of a fault.
func hideValue(v any, hide func(string) string) any {
	switch x := v.(type) {
	case string:
		return hide(x)
	case []any:
		for i := range x {
			x[i] = hideValue(x[i], hide)
		}
	case map[string]any:
		for k := range x {
			x[k] = hideValue(x[k], hide)
		}
	}
	return v
}
