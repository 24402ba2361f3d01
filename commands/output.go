package commands

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/term"
)

// Printer is the only way to the two streams. The result of a verb is held back until the verb has succeeded, so
// that standard output is empty on failure; streams and notices are written at once.
type Printer struct {
	out, err       io.Writer
	outTerm        bool // standard output is a terminal: tables with headers
	errTerm        bool // standard error is a terminal: colours, moving progress
	json           bool
	quiet, verbose bool
	colour         bool

	result   bytes.Buffer // what Result has printed so far
	mu       sync.Mutex   // guards writing, so that progress may be told from any goroutine
	progress *Progress    // the progress line on screen, cleared before anything else is written
}

// newPrinter returns a printer on the two streams, which are looked at once to see whether they are terminals.
func newPrinter(out, err io.Writer) *Printer {
	p := &Printer{out: out, err: err, outTerm: isTerminal(out), errTerm: isTerminal(err)}
	p.colour = p.errTerm && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	return p
}

// isTerminal reports whether a stream is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// JSON reports whether the user asked for JSON.
func (p *Printer) JSON() bool { return p.json }

// Verbose reports whether the user asked for more to be said.
func (p *Printer) Verbose() bool { return p.verbose }

// OutIsTerminal reports whether standard output is a terminal, for instance before binary data is written to it.
func (p *Printer) OutIsTerminal() bool { return p.outTerm }

// Result prints the result of a verb: doc as one JSON document with `schema` first when JSON is asked for, otherwise
// what text writes. The schema is "<noun>.<verb>"; doc is a struct or a map with snake-case keys.
// It is shown when the verb returns nil or a fault that keeps the result.
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
	return p.write(b)
}

// write writes bytes of a stream at once.
func (p *Printer) write(b []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.eraseProgress()
	if _, err := p.out.Write(b); err != nil {
		return fmt.Errorf("standard output: %w", err)
	}
	return nil
}

// Raw adds bytes to the result as they are: a token, a PSBT, a zone file.
func (p *Printer) Raw(b []byte) { p.result.Write(b) }

// render makes the bytes of one document.
func (p *Printer) render(schema string, doc any, text func(t *Text)) ([]byte, error) {
	if p.json {
		return document(schema, doc)
	}
	t := &Text{terminal: p.outTerm}
	text(t)
	return t.bytes()
}

// document marshals doc as one line whose first key is the schema.
func document(schema string, doc any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(doc); err != nil {
		return nil, fmt.Errorf("%s: encode the result: %w", schema, err)
	}
	body := bytes.TrimSpace(b.Bytes())
	if len(body) < 2 || body[0] != '{' {
		panic("bug: the result of " + schema + " is not a JSON object")
	}
	line := fmt.Appendf(nil, `{"schema":"blockstack/%s/v1"`, schema)
	if !bytes.Equal(body, []byte("{}")) {
		line = append(line, ',')
	}
	return append(append(line, body[1:]...), '\n'), nil
}

// commit writes the held result.
func (p *Printer) commit() error {
	p.clearProgress()
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

// report writes a fault to standard error: the error and its hints, or the documented JSON.
func (p *Printer) report(f *Fault) {
	if p.json {
		p.errLine(f)
		return
	}
	switch f.Exit() {
	case ExitPending:
		p.say("pending", yellow, "%s", f.Message)
	default:
		p.say("error", red, "%s", f.Message)
	}
	for _, h := range f.Hints {
		p.say("hint", cyan, "%s", h)
	}
}

// The colours of the prefixes.
const (
	plain  = ""
	red    = "\x1b[31m"
	yellow = "\x1b[33m"
	cyan   = "\x1b[36m"
)

// say writes one line to standard error. What is not ours in it cannot reach the terminal as control codes.
func (p *Printer) say(kind, colour, format string, args ...any) {
	message := clean(fmt.Sprintf(format, args...))
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
	enc := json.NewEncoder(p.err)
	enc.SetEscapeHTML(false)
	// Standard error is the last resort; there is nowhere left to complain to.
	_ = enc.Encode(v)
}

// clean makes text safe for a terminal and for one line: control characters, and the invisible ones that reorder or
// hide what is read, become visible escapes.
func clean(s string) string {
	safe := func(r rune) bool {
		switch {
		case r < 0x20, r >= 0x7f && r < 0xa0: // C0, DEL, C1
			return false
		case r == 0xfffd:
			return true
		case r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x206f, r == 0xfeff, r == 0x061c:
			return false
		}
		return true
	}
	if strings.IndexFunc(s, func(r rune) bool { return !safe(r) }) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case safe(r):
			b.WriteRune(r)
		case r == '\n', r == '\t':
			b.WriteByte(' ')
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
