package voice

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"blockstack/commands/fault"
)

// unseen are characters that nobody sees, or that change how others are seen.
var unseen = []rune{
	0, 7, 8, 0x1b, 0x7f, 0x80, 0x85, 0x9b, 0x9f, 0xad, 0x34f, 0x61c, 0x115f, 0x1160, 0x17b4, 0x180b, 0x180e, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f,
	0x2028, 0x2029, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2060, 0x2061, 0x2066, 0x2067, 0x2068, 0x2069, 0x206f, 0x3164, 0xfe00, 0xfe0f, 0xfeff, 0xffa0,
	0xfff9, 0xfffb, 0xfffe, 0xe000, 0x1bca0, 0x1d173, 0xe0001, 0xe0020, 0xe0041, 0xe007f, 0xe0100, 0xe01ef, 0xf0000, 0x10ffff,
}

// checkVisible looks through what was printed.
func checkVisible(t *testing.T, what string, b []byte) {
	t.Helper()
	marks := 0
	if !utf8.Valid(b) {
		t.Errorf("%s: not UTF-8: %.80q", what, b)
	}
	for _, r := range string(b) {
		if r >= 0x20 && r < 0x7f {
			marks = 0
			continue
		}
		if r != '\n' && r != '\t' && (r < 0x20 || strings.ContainsRune(string(unseen), r) || !unicode.IsGraphic(r)) {
			t.Errorf("%s: %U is printed: %.80q", what, r, b)
			return
		}
		if marks++; !unicode.In(r, unicode.Mn, unicode.Me) {
			marks = 0
		}
		if marks > mostMarks {
			t.Errorf("%s: a stack of marks", what)
			return
		}
	}
}

// TestForeignText sends hostile text through every door of the Printer, to a terminal, a pipe and
// as JSON: nothing unseen comes out, nothing is too long, and JSON has the same value.
func TestForeignText(t *testing.T) {
	hostile := []string{strings.Repeat("long ", 40_000), "Z" + strings.Repeat("\u0301\u0488", 10_000), "\u0301begins", "bad\xff\xc0utf8", "a\nb\r\tc"}
	for _, r := range unseen {
		hostile = append(hostile, fmt.Sprintf("a%cb", r))
	}
	for _, s := range hostile {
		what := fmt.Sprintf("%.12q", s)
		for _, mode := range []string{"pipe", "terminal", "json"} {
			var out, errOut bytes.Buffer
			p := New(&out, &errOut)
			p.json, p.outTerm, p.errTerm, p.verbose = mode == "json", mode == "terminal", mode == "terminal", true
			write := func(x *Text) {
				x.Field(s, "%s", s)
				x.Table([]Column{{Title: "t"}}, [][]string{{s}})
				x.Line("%s", s)
			}
			doc := map[string]any{"a": s, "raw": json.RawMessage(`{"` + strings.ToValidUTF8(strings.NewReplacer("\n", "", "\r", "", "\t", "", "\x00", "", "\a", "", "\b", "", "\x1b", "").Replace(s), "") + `":1}`)}
			if err := p.Result("a.b", doc, write); err != nil {
				t.Fatal(err)
			}
			if err := p.Stream("a.b", doc, write); err != nil {
				t.Fatal(err)
			}
			if err := p.Commit(); err != nil {
				t.Fatal(err)
			}
			g := p.Progress(s, s)
			g.Update(1, 2)
			g.Done()
			p.Warn("%s", s)
			p.Note("%s", s)
			p.Detail("%s", s)
			p.Report(fault.New("internal", "%s", s).Hint("%s", s).Detail("d", s))
			checkVisible(t, mode+" out "+what, out.Bytes())
			checkVisible(t, mode+" err "+what, bytes.ReplaceAll(errOut.Bytes(), []byte("\r"), nil)) // which draws progress over itself
			if mode == "json" {
				var got, want map[string]any
				line, _, _ := bytes.Cut(out.Bytes(), []byte("\n"))
				plain, err := json.Marshal(doc)
				if err != nil {
					t.Fatal(err)
				}
				if json.Unmarshal(plain, &want) != nil || json.Unmarshal(line, &got) != nil || got["a"] != want["a"] || !reflect.DeepEqual(got["raw"], want["raw"]) {
					t.Errorf("%s: the value in JSON is another one", what)
				}
				continue
			}
			for line := range bytes.SplitSeq(bytes.ReplaceAll(append(out.Bytes(), errOut.Bytes()...), []byte("\r"), []byte("\n")), []byte("\n")) {
				if n := utf8.RuneCount(line); n > LongestText+200 {
					t.Errorf("%s %s: a line of %d characters", mode, what, n)
				}
			}
		}
	}
	long := Shown(strings.Repeat("x", 5000), 10)
	if long != "xxxxxxxxxx… (5000 bytes)" {
		t.Error(long)
	}
	for in, want := range map[string]string{
		"Nguyễn Văn Ánh": "Nguyễn Văn Ánh", "e\u0301": "e\u0301", "\u0301": "◌\u0301", "😀": "😀", "a\U000e0041": `a\U000e0041`, "שָׁלוֹם": "שָׁלוֹם", "ภาษาไทยที่": "ภาษาไทยที่",
	} {
		if got := Clean(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

// TestForeignFiles: what a file holds reaches a pipe as it is, JSON with the same value, and a
// terminal safely.
func TestForeignFiles(t *testing.T) {
	const zone = "$ORIGIN a.id\n_http\tURI\t10 \"x\u202e\x1b]0;t\a\"\n"
	if got := string(visibleFile([]byte(zone), false)); got != zone {
		t.Errorf("to a pipe: %q", got)
	}
	if got, want := string(visibleFile([]byte(zone), true)), "$ORIGIN a.id\n_http\tURI\t10 \"x\\u202e\\x1b]0;t\\x07\"\n"; got != want {
		t.Errorf("to a terminal: %q", got)
	}
	for _, terminal := range []bool{true, false} {
		if got, want := string(visibleFile([]byte("{\"a\":\"\u202e\"}\n{\"a\":\"\U000e0041\"}\n"), terminal)), "{\"a\":\"\\u202e\"}\n{\"a\":\"\\udb40\\udc41\"}\n"; got != want {
			t.Errorf("JSON: %q", got)
		}
	}
}

// TestErrorsAreVisible: errors as JSON are escaped and bounded too.
func TestErrorsAreVisible(t *testing.T) {
	var errOut bytes.Buffer
	p := New(io.Discard, &errOut)
	p.SetModes(Modes{JSON: true})
	p.Report(fault.New("malformed", "%s", "\u202e\x9b"+strings.Repeat("y", 800_000)).Detail("text", "\u200b"))
	checkVisible(t, "an error", errOut.Bytes())
	if errOut.Len() == 0 || errOut.Len() > 6000 {
		t.Errorf("%d bytes", errOut.Len())
	}
}

// FuzzForeign: whatever a stranger writes, nothing unseen comes out, and JSON keeps its value.
func FuzzForeign(f *testing.F) {
	f.Add("a\u202eb\x1b[2J\U000e0041", 10)
	f.Add("e\u0301\u0301\u0301\u0301\u0301\u0301\u0301\xff", 3)
	f.Fuzz(func(t *testing.T, s string, n int) {
		n = max(1, n%200)
		checkVisible(t, "clean", []byte(Clean(s)))
		short := Shown(s, n)
		checkVisible(t, "shown", []byte(short))
		if utf8.RuneCountInString(short) > n+30 {
			t.Errorf("%d characters, not %d", utf8.RuneCountInString(short), n)
		}
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		seen := visibleJSON(b)
		var was, is string
		if json.Unmarshal(b, &was) != nil || json.Unmarshal(seen, &is) != nil || was != is {
			t.Errorf("%q became %q", was, is)
		}
		for _, r := range string(seen) {
			if Hidden(r) {
				t.Errorf("%U stands in JSON", r)
			}
		}
	})
}
