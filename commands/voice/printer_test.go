package voice

import (
	"bytes"
	"encoding/json"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
)

// TestText compares what a person sees on a terminal with what a program gets from a pipe.
func TestText(t *testing.T) {
	write := func(x *Text) {
		x.Field("name", "%s", "alice.id")
		x.Field("expires", "%d", 650144)
		x.Field("revoked", "")
		x.Gap()
		x.Table([]Column{{Title: "height", Right: true}, {Title: "what"}}, [][]string{{"5", "名前 register"}, {"12345", "evil\x1b[31m\tcell\u202e"}})
		x.Line("tip %d", 7)
	}
	for _, c := range []struct {
		terminal bool
		want     string
	}{
		{true, "name     alice.id\nexpires  650144\n\nheight  what\n     5  名前 register\n 12345  evil\\x1b[31m cell\\u202e\ntip 7\n"},
		{false, "name\talice.id\nexpires\t650144\nrevoked\t\n5\t名前 register\n12345\tevil\\x1b[31m cell\\u202e\ntip 7\n"},
	} {
		x := &Text{terminal: c.terminal}
		write(x)
		if got, err := x.bytes(); err != nil || string(got) != c.want {
			t.Errorf("terminal %v: %v\n%q, want\n%q", c.terminal, err, got, c.want)
		}
	}
}

// TestFormatAmounts covers the ends of the ranges.
func TestFormatAmounts(t *testing.T) {
	for a, want := range map[btcutil.Amount]string{
		0: "0.00000000 BTC", 1: "0.00000001 BTC", 125500: "0.00125500 BTC", 21e14: "21000000.00000000 BTC",
		-1: "-0.00000001 BTC", math.MinInt64: "-92233720368.54775808 BTC", math.MaxInt64: "92233720368.54775807 BTC",
	} {
		if got := BTC(a); got != want {
			t.Errorf("%d: %s, want %s", int64(a), got, want)
		}
	}
	huge, _ := new(big.Int).SetString("-123456789012345678901234567890", 10)
	for _, c := range []struct {
		micro *big.Int
		want  string
	}{
		{big.NewInt(0), "0.000000 STACKS"},
		{big.NewInt(1), "0.000001 STACKS"},
		{big.NewInt(1500000), "1.500000 STACKS"},
		{big.NewInt(-1500000), "-1.500000 STACKS"},
		{huge, "-123456789012345678901234.567890 STACKS"},
	} {
		if got := Stacks(c.micro); got != c.want {
			t.Errorf("%s: %s, want %s", c.micro, got, c.want)
		}
	}
}

// TestDocument: the schema is the first key, and only objects have one.
func TestDocument(t *testing.T) {
	for want, doc := range map[string]any{
		`{"schema":"blockstack/a.b/v1","fee_sat":1}` + "\n": struct {
			F int `json:"fee_sat"`
		}{1},
		`{"schema":"blockstack/a.b/v1"}` + "\n":                                    struct{}{},
		`{"schema":"blockstack/a.b/v1","a":"<&>"}` + "\n":                          map[string]string{"a": "<&>"},
		`{"schema":"blockstack/a.b/v1","n":123456789012345678901234567890}` + "\n": map[string]any{"n": json.Number("123456789012345678901234567890")},
	} {
		if got, err := Document("a.b", doc); err != nil || string(got) != want {
			t.Errorf("%v: %s %v, want %s", doc, got, err, want)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a list was taken for a document")
		}
	}()
	_, _ = Document("a.b", []int{1})
}

// TestNotices: what is said beside the result, quietly, loudly and as JSON.
func TestNotices(t *testing.T) {
	for _, c := range []struct {
		quiet, verbose, json bool
		want                 string
	}{
		{false, false, false, "note: n\nwarning: w\n"},
		{true, false, false, "warning: w\n"},
		{false, true, false, "note: n\nnote: d\nwarning: w\nprogress: sync: 5 of 10 blocks\n"},
		{false, false, true, `{"note":{"message":"n"}}` + "\n" + `{"warning":{"message":"w"}}` + "\n" + `{"progress":{"done":5,"phase":"sync","total":10,"unit":"blocks"}}` + "\n"},
	} {
		var out, errOut bytes.Buffer
		p := New(&out, &errOut)
		p.quiet, p.verbose, p.json = c.quiet, c.verbose, c.json
		p.Note("n")
		p.Detail("d")
		p.Warn("w")
		g := p.Progress("sync", "blocks")
		g.Update(5, 10)
		g.Update(6, 10) // too soon to be worth a line
		g.Done()
		if errOut.String() != c.want || out.Len() > 0 {
			t.Errorf("%+v: %q, want %q (stdout %q)", c, errOut.String(), c.want, out.String())
		}
	}
}

// TestProgressOnTerminal: the line is drawn over itself and makes room for everything else.
func TestProgressOnTerminal(t *testing.T) {
	var out, errOut bytes.Buffer
	p := New(&out, &errOut)
	p.errTerm = true
	g := p.Progress("sync", "blocks")
	g.started = time.Now().Add(-10 * time.Second)
	g.first = 0
	g.Update(1000, 3000)
	p.Warn("odd block")
	g.last = time.Time{}
	g.Update(2000, 3000)
	g.Done()
	screen := drawTerminal(errOut.String())
	if screen != "warning: odd block\n" {
		t.Errorf("what stays on the screen: %q of %q", screen, errOut.String())
	}
	if !strings.Contains(errOut.String(), "sync: 1000 of 3000 blocks, 100/s, about 20s left") {
		t.Errorf("no estimate in %q", errOut.String())
	}
}

// drawTerminal is what is left to see after carriage returns; trailing blanks of a line are
// invisible.
func drawTerminal(s string) string {
	var lines []string
	for _, line := range strings.Split(s, "\n") {
		var cells []rune
		at := 0
		for _, r := range line {
			if r == '\r' {
				at = 0
				continue
			}
			if at == len(cells) {
				cells = append(cells, ' ')
			}
			cells[at] = r
			at++
		}
		lines = append(lines, strings.TrimRight(string(cells), " "))
	}
	return strings.Join(lines, "\n")
}

// FuzzClean: nothing that a terminal would obey gets through, one line stays one line, and clean
// text is not touched.
func FuzzClean(f *testing.F) {
	f.Add("alice.id")
	f.Add("\x1b]0;title\x07\u009b31m\u202e\n\t\xff")
	f.Fuzz(func(t *testing.T, s string) {
		got := Clean(s)
		for _, r := range got {
			if r < 0x20 || (r >= 0x7f && r < 0xa0) || r == 0x202e || r == 0x200b || r == 0x2028 {
				t.Fatalf("%q became %q with %U in it", s, got, r)
			}
		}
		if Clean(got) != got {
			t.Fatalf("%q is not clean after cleaning", got)
		}
	})
}

// TestHanging: what does not fit goes on two columns further in.
func TestHanging(t *testing.T) {
	want := []string{"    one two", "      three", "      four"}
	if got := hanging("    one two three four", 13); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
