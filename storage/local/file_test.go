package local_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"blockstack/storage"
	"blockstack/storage/local"
)

// A file is written with its mode over whatever was there, through a link, and read within its
// bound.
func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "some file")
	for _, data := range []string{"1", "22"} {
		if err := local.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := local.ReadFile(path, 2); err != nil || string(got) != data {
			t.Errorf("%q, %v; want %q", got, err, data)
		}
	}
	if _, err := local.ReadFile(path, 1); !errors.Is(err, storage.ErrTooLarge) {
		t.Errorf("over the bound: %v", err)
	}
	if _, err := local.ReadFile(filepath.Join(dir, "none"), 1); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("no file: %v", err)
	}
	if _, err := local.ReadFile(dir, 1); err == nil {
		t.Error("a folder was read")
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
	if err := local.WriteFile(filepath.Join(dir, "none", "f"), []byte("x"), 0o600); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("into a folder that is not there: %v", err)
	}
	if runtime.GOOS == "windows" {
		return // links want rights there
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := local.WriteFile(link, []byte("333"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "333" {
		t.Errorf("behind the link: %q, %v", got, err)
	}
	loop := filepath.Join(t.TempDir(), "loop")
	if err := os.Symlink(loop, loop); err != nil {
		t.Fatal(err)
	}
	if err := local.WriteFile(loop, []byte("x"), 0o600); err == nil {
		t.Error("a link to itself was written to")
	}
}
