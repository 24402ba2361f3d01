package textfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReplace: a failed replacement leaves the old bytes and nothing else.
func TestReplace(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	if err := Replace(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "d"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Replace(filepath.Join(dir, "d"), []byte("x"), 0o600); err == nil {
		t.Error("a folder was replaced")
	}
	if err := Replace(filepath.Join(dir, "none", "f"), []byte("x"), 0o600); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
	if err := Replace(path, []byte("new"), 0o600); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	b, e := os.ReadFile(path)
	if err != nil || e != nil || string(b) != "new" || len(entries) != 2 {
		t.Errorf("%q, %d entries, %v %v", b, len(entries), err, e)
	}
}

// TestReplaceKeepsLink writes through a link.
func TestReplaceKeepsLink(t *testing.T) {
	dir := t.TempDir()
	there, link := filepath.Join(dir, "there"), filepath.Join(dir, "link")
	if err := os.Symlink("there", link); err != nil {
		t.Skip(err)
	}
	for _, text := range []string{"a", "b"} {
		if err := Replace(link, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(there); err != nil || string(b) != text {
			t.Errorf("behind the link: %q %v", b, err)
		}
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v", err)
	}
}

// TestUnmarked: one mark before a text goes, and nothing else does.
func TestUnmarked(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "a": "a", "\ufeff": "", "\ufeffa": "a", "\ufeff\ufeffa": "\ufeffa", "a\ufeff": "a\ufeff", "\xef\xbb": "\xef\xbb", "\xef\xbbx": "\xef\xbbx",
	} {
		got, err := io.ReadAll(Unmarked(strings.NewReader(in)))
		if err != nil || string(got) != want || string(WithoutMark([]byte(in))) != want {
			t.Errorf("%+q: %+q, %v; want %+q", in, got, err, want)
		}
	}
}

// TestNewerSchema: only a larger number of our own schema is one of a newer program.
func TestNewerSchema(t *testing.T) {
	for text, want := range map[string]bool{
		`{"schema":"blockstack/config/v2","moon":1}`: true, `{"schema":"blockstack/config/v12"}`: true, `{"schema":"blockstack/config/v1"}`: false,
		`{"schema":"blockstack/config/v02x"}`: false, `{"schema":"blockstack/other/v2"}`: false, `{"schema":"blockstack/config/v0"}`: false, `{`: false,
	} {
		if got := NewerSchema([]byte(text), "blockstack/config/v1"); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

// TestReadSmall: a file that is too large is refused before it is read.
func TestReadSmall(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	for size, fits := range map[int]bool{0: true, maxSmall: true, maxSmall + 1: false} {
		if err := os.WriteFile(path, make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
		if b, err := ReadSmall(path); (err == nil) != fits || fits && len(b) != size {
			t.Errorf("%d bytes: %d, %v", size, len(b), err)
		}
	}
}

// TestUniqueKeys: keys twice or in capitals are refused.
func TestUniqueKeys(t *testing.T) {
	for text, want := range map[string]bool{
		`{}`: true, `{"a":1,"b":{"a":1,"a":2}}`: true, `{"a":1,"a":1}`: false, `{"A":1}`: false, `[]`: false, `{"a"`: false, ``: false,
	} {
		if err := UniqueKeys([]byte(text)); (err == nil) != want {
			t.Errorf("%s: %v", text, err)
		}
	}
}
