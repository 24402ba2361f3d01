package textfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestNew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := New(path, []byte("one"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := New(path, []byte("two"), 0o600); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over one that is there: %v", err)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "one" {
		t.Errorf("%q, %v", b, err)
	}
	if err := New(filepath.Join(path, "below"), nil, 0o600); err == nil {
		t.Error("a file is no folder")
	}
}
