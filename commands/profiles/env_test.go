package profiles

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"blockstack/profile"
	"blockstack/storage/textfile"
)

// TestByteOrderMark: a profile that an editor has put a byte order mark before is read as it is
// without.
func TestByteOrderMark(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.json")
	text := `{"name":"Alice"}`
	if err := os.WriteFile(path, []byte(textfile.Mark+text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, in := range []string{path, "-"} {
		b, err := readBounded(in, strings.NewReader(textfile.Mark+text))
		if err != nil || string(b) != text {
			t.Errorf("%s: %q, %v", in, b, err)
		}
	}
	b, err := readBounded("-", strings.NewReader(strings.Repeat("x", profile.MaxSize+10)))
	if err != nil || len(b) > profile.MaxSize+1 {
		t.Errorf("%d bytes, %v", len(b), err)
	}
}

// TestCommands: every verb says what it does, and none is there twice.
func TestCommands(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range []*cli.Command{LookupCommand(), ProfileCommand(), ProofCommand(), ZoneFileCommand()} {
		for _, v := range append([]*cli.Command{c}, c.Subcommands...) {
			name := c.Name + " " + v.Name
			if seen[name] || v.Usage == "" || v.Action == nil && len(v.Subcommands) == 0 {
				t.Errorf("%s: %+v", name, v)
			}
			seen[name] = true
		}
	}
}
