package line

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/names/zonefile"
)

// isUsage reports whether an error is one of wrong usage that says something.
func isUsage(err error, says string) bool {
	var f *fault.Fault
	return errors.As(err, &f) && f.Code == "usage" && strings.Contains(f.Message, says)
}

// TestParseCount: whole numbers within bounds, both included, and nothing that only looks like one.
func TestParseCount(t *testing.T) {
	for text, want := range map[string]int{"1": 1, "15": 15, "007": 7} {
		if n, err := ParseCount("M", text, 1, 15); err != nil || n != want {
			t.Errorf("%s: %d %v", text, n, err)
		}
	}
	for _, text := range []string{"", "0", "16", "-1", "1.0", "1e1", "0x1", " 1", "1 ", "one", "99999999999999999999", strings.Repeat("9", 4000)} {
		_, err := ParseCount("M", text, 1, 15)
		if !isUsage(err, "M is ") || len(err.Error()) > 120 {
			t.Errorf("%.20q: %.200v", text, err)
		}
	}
}

// TestCheckTarget: a block to a week of them.
func TestCheckTarget(t *testing.T) {
	for n, good := range map[int]bool{1: true, 1008: true, 0: false, -3: false, 1009: false} {
		set := flag.NewFlagSet("", flag.ContinueOnError)
		set.Int("target", n, "")
		if err := CheckTarget(cli.NewContext(nil, set, nil)); (err == nil) != good || !good && !isUsage(err, "--target "+strconv.Itoa(n)+" is not in 1..1008") {
			t.Errorf("%d: %v", n, err)
		}
	}
}

// TestReadZoneFile: up to its largest size, from a file and from standard input.
func TestReadZoneFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "z")
	largest := strings.Repeat("x", zonefile.MaxSize)
	for _, c := range []struct {
		text string
		good bool
	}{{"", true}, {"$ORIGIN alice.id\n", true}, {largest, true}, {largest + "x", false}} {
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, from := range []string{path, "-"} {
			got, err := ReadZoneFile(from, strings.NewReader(c.text))
			if c.good && (err != nil || string(got) != c.text) {
				t.Errorf("%d bytes from %s: %d bytes, %v", len(c.text), from, len(got), err)
			}
			var f *fault.Fault
			if !c.good && (!errors.As(err, &f) || f.Code != "malformed" || len(got) > 0) {
				t.Errorf("%d bytes from %s: %d bytes, %v", len(c.text), from, len(got), err)
			}
		}
	}
	if _, err := ReadZoneFile(path+"none", nil); !errors.Is(err, os.ErrNotExist) || !strings.HasPrefix(err.Error(), "zone file: ") {
		t.Error(err)
	}
}
