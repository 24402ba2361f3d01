package specfile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"blockstack/commands/fault"
	"blockstack/names"
)

// good is a specification that is whole; each test changes one line of it.
const good = `schema = "blockstack/namespace/v1"
namespace = "app"
description = "for apps"
version = 2
lifetime_blocks = 52595
coefficient = 255
base = 4
buckets = [6, 5, 4, 3, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 15, 15]
no_vowel_discount = 15
non_alpha_discount = 1
`

// changed is good with a line in place of the one that begins with key; empty: without it.
func changed(t *testing.T, key, line string) string {
	t.Helper()
	var b strings.Builder
	found := false
	for l := range strings.Lines(good) {
		if strings.HasPrefix(l, key+" =") {
			found, l = true, line+"\n"
		}
		b.WriteString(l)
	}
	if !found {
		t.Fatalf("no line for %s", key)
	}
	return b.String()
}

// TestParse takes every number to its bounds.
func TestParse(t *testing.T) {
	op, err := Parse([]byte(good))
	if err != nil || op.ID != "app" || op.Version != 2 || op.Lifetime != 52595 || op.Coeff != 255 || op.Base != 4 || op.Buckets[0] != 6 || op.Buckets[15] != 15 ||
		op.NoVowelDiscount != 15 || op.NonAlphaDiscount != 1 {
		t.Fatalf("%+v %v", op, err)
	}
	if op, err := Parse([]byte(changed(t, "lifetime_blocks", `lifetime_blocks = "infinite"`))); err != nil || op.Lifetime != names.InfiniteLifetime {
		t.Errorf("%+v %v", op, err)
	}
	for _, line := range []string{"coefficient = 0", "base = 0", "version = 1", "version = 3", "no_vowel_discount = 1", "lifetime_blocks = 1", "lifetime_blocks = 4294967294"} {
		key, _, _ := strings.Cut(line, " ")
		if _, err := Parse([]byte(changed(t, key, line))); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// TestParseRefuses: each refusal names the key, and where there is one the line.
func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ key, line, says string }{
		{"schema", "", `schema is "", not "blockstack/namespace/v1"`},
		{"schema", `schema = "blockstack/namespace/v2"`, `schema is "blockstack/namespace/v2"`},
		{"namespace", "", "namespace"},
		{"namespace", `namespace = "App"`, "App"},
		{"namespace", `namespace = "a.b"`, "a.b"},
		{"version", "", "version is missing"},
		{"version", "version = 0", "version is 0, not 1 to 3"},
		{"version", "version = 4", "version is 4, not 1 to 3"},
		{"lifetime_blocks", "", "lifetime_blocks is missing"},
		{"lifetime_blocks", "lifetime_blocks = 0", "lifetime_blocks is 0"},
		{"lifetime_blocks", "lifetime_blocks = -1", "lifetime_blocks is -1"},
		{"lifetime_blocks", "lifetime_blocks = 4294967295", `not 1 to 4294967294 or "infinite"`},
		{"lifetime_blocks", `lifetime_blocks = "forever"`, "lifetime_blocks is forever"},
		{"lifetime_blocks", "lifetime_blocks = 1.5", "lifetime_blocks is 1.5"},
		{"coefficient", "", "coefficient is missing"},
		{"coefficient", "coefficient = 256", "coefficient is 256, not 0 to 255"},
		{"coefficient", "coefficient = -1", "coefficient is -1"},
		{"base", "", "base is missing"},
		{"base", "base = 256", "base is 256"},
		{"buckets", "", "buckets has 0 numbers, not 16"},
		{"buckets", "buckets = [1, 2]", "buckets has 2 numbers, not 16"},
		{"buckets", "buckets = [0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]", "bucket 3 is 16, not 0 to 15"},
		{"buckets", "buckets = [0, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]", "bucket 2 is -1"},
		{"no_vowel_discount", "no_vowel_discount = 0", "no_vowel_discount is 0, not 1 to 15"},
		{"non_alpha_discount", "non_alpha_discount = 16", "non_alpha_discount is 16"},
		{"non_alpha_discount", "", "non_alpha_discount is missing"},
		{"description", "descripton = \"x\"", `line 3: unknown key`},
		{"base", "base = = 4", "line 7, column "},
		{"base", `base = "4"`, "line 7"},
	} {
		op, err := Parse([]byte(changed(t, c.key, c.line)))
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %+v %v, want what says %q", c.line, op, err, c.says)
		}
	}
	if _, err := Parse([]byte(good + "# " + strings.Repeat("x", maxSpecBytes))); err == nil || !strings.Contains(err.Error(), "larger than 65536 bytes") {
		t.Error(err)
	}
}

// TestRead: from a file and from standard input; what is wrong with it is told with the file's name
// and where the grammar is.
func TestRead(t *testing.T) {
	if op, err := Read("-", strings.NewReader(good)); err != nil || op.ID != "app" {
		t.Errorf("%+v %v", op, err)
	}
	path := filepath.Join(t.TempDir(), "app.toml")
	if _, err := Read(path, nil); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if err := os.WriteFile(path, []byte(changed(t, "base", "")), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Read(path, nil)
	var f *fault.Fault
	if !errors.As(err, &f) || f.Code != "bad_config" || f.Message != path+": base is missing" || len(f.Hints) != 1 {
		t.Errorf("%+v", err)
	}
}
