package voice

import (
	"math/big"
	"strings"
	"testing"
	"time"
)

// TestTableFits: on a terminal a cell is cut to what a cell may be and has no line breaks; in a
// pipe the whole value stands between tabs.
func TestTableFits(t *testing.T) {
	long := strings.Repeat("x", LongestCell*2)
	columns := []Column{{Title: "name"}, {Title: "sat", Right: true}}
	for _, terminal := range []bool{true, false} {
		x := &Text{terminal: terminal}
		x.Table(columns, [][]string{{long, "1"}, {"a\nb", "22"}})
		b, err := x.bytes()
		if err != nil || strings.Contains(string(b), long) == terminal || strings.Contains(string(b), "a\nb") {
			t.Errorf("terminal %v: %v %q", terminal, err, b)
		}
		if lines := strings.Count(string(b), "\n"); lines != map[bool]int{true: 3, false: 2}[terminal] {
			t.Errorf("terminal %v: %d lines", terminal, lines)
		}
	}
	x := &Text{terminal: true}
	x.Table(columns, nil)
	if b, err := x.bytes(); err != nil || len(b) > 0 {
		t.Errorf("a table without rows: %q %v", b, err)
	}
	x.Table(columns, [][]string{{"txid " + strings.Repeat("f", 64), "21000000.00000000"}})
	b, err := x.bytes()
	for line := range strings.Lines(string(b)) {
		if len([]rune(strings.TrimRight(line, "\n"))) > 5+64+2+17 || strings.HasSuffix(line, " \n") || err != nil {
			t.Errorf("%q %v", line, err)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a row with a cell too few was drawn")
		}
	}()
	x.Table(columns, [][]string{{"one"}})
}

// TestWords: numbers with their nouns, words for a shell, and lines that fit.
func TestWords(t *testing.T) {
	for n, want := range map[int]string{0: "no jobs", 1: "1 job", 2: "2 jobs", 1000: "1000 jobs", -1: "-1 jobs"} {
		if got := Count(n, "job"); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
	for word, want := range map[string]string{
		"plain": "plain", "/a/b-c_d.txt": "/a/b-c_d.txt", "two words": "'two words'", "it's": `'it'\''s'`, "$HOME": "'$HOME'", "a;b": "'a;b'", "~/x": "~/x", "é": "'é'", "`x`": "'`x`'",
	} {
		if got := ShellWord(word); got != want {
			t.Errorf("%s: %s, want %s", word, got, want)
		}
	}
	text := "ein Wort über alles  und\nnoch eines Donaudampfschifffahrtsgesellschaft a b"
	lines := Wrap(text, 12)
	for _, line := range lines {
		if len([]rune(line)) > 12 && strings.Contains(line, " ") {
			t.Errorf("%q is too wide", line)
		}
	}
	if strings.Join(lines, " ") != strings.Join(strings.Fields(text), " ") || lines[0] != "ein Wort" || lines[1] != "über alles" {
		t.Errorf("%q", lines)
	}
	if got := Wrap("  ", 5); len(got) != 0 {
		t.Errorf("%q", got)
	}
}

// TestFormats: times in UTC, hex in small letters, lists that are never null, amounts of any size.
func TestFormats(t *testing.T) {
	zone := time.FixedZone("x", 2*3600)
	if got := Time(time.Date(2019, 5, 1, 1, 2, 3, 999, zone)); got != "2019-04-30T23:02:03Z" {
		t.Error(got)
	}
	if got := Hex([]byte{0xAB, 0}); got != "ab00" {
		t.Error(got)
	}
	if got := Hexes(nil); got == nil || len(got) != 0 {
		t.Errorf("%v", got)
	}
	if got := Hexes([][]byte{{1}, {}}); len(got) != 2 || got[0] != "01" || got[1] != "" {
		t.Errorf("%v", got)
	}
	if got := Satoshi(big.NewInt(-5)); got != "-0.00000005 BTC" {
		t.Error(got)
	}
	if got := StacksNumber(big.NewInt(12345678)); got != "12.345678" {
		t.Error(got)
	}
	if p := SatPointer(7); *p != 7 || Itoa(-3) != "-3" {
		t.Error(*p)
	}
}

// TestEstimate: nothing is said about the pace before a second is over, nor about what goes
// backwards, and a total that is reached has nothing left.
func TestEstimate(t *testing.T) {
	start := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		after       time.Duration
		done, total int64
		rate        float64
		left        time.Duration
	}{
		{500 * time.Millisecond, 200, 1000, 0, 0}, {10 * time.Second, 100, 1000, 0, 0}, {10 * time.Second, 50, 1000, 0, 0},
		{10 * time.Second, 200, 1000, 10, 80 * time.Second}, {10 * time.Second, 1000, 1000, 90, 0}, {10 * time.Second, 200, 0, 10, 0},
	} {
		g := &Progress{started: start, first: 100}
		if rate, left := g.estimate(start.Add(c.after), c.done, c.total); rate != c.rate || left != c.left {
			t.Errorf("%+v: %v, %s", c, rate, left)
		}
	}
}
