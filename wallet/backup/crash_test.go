package backup

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// TestRestoreInterrupted ends a restore before every file, with the file that was being written
// left half beside its place. No wallet is there before the restore is complete; called again it
// completes, and every byte is the backup's.
func TestRestoreInterrupted(t *testing.T) {
	a, err := Open(sealed(t, newHome(t)), text("pw"))
	if err != nil {
		t.Fatal(err)
	}
	interrupted := 0
	for at := 1; ; at++ {
		home := t.TempDir()
		n, ended := 0, false
		a.beforeWrite = func() {
			if n++; n == at {
				panic("the process ends")
			}
		}
		func() {
			defer func() { ended = recover() != nil }()
			_, err = a.Restore(home, nil)
		}()
		a.beforeWrite = nil
		if err != nil {
			t.Fatal(err)
		}
		if !ended {
			break
		}
		interrupted++
		if _, err := os.Lstat(filepath.Join(home, Keychain)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("write %d: there is a keychain before the rest is complete: %v", at, err)
		}
		for _, half := range []string{"." + Keychain + "-1", "." + Settings + "-1"} {
			if err := os.WriteFile(filepath.Join(home, half), []byte("half"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := a.Restore(home, nil); err != nil {
			t.Fatalf("write %d: again: %v", at, err)
		}
		for name, want := range a.Files {
			if name == Settings || filepath.Base(name) == ZoneFiles {
				continue
			}
			if got, err := os.ReadFile(filepath.Join(home, filepath.FromSlash(name))); err != nil || !bytes.Equal(got, want) {
				t.Errorf("write %d: %s differs after the second restore: %v", at, name, err)
			}
		}
	}
	if want := len(a.Files) - 2 + 2; interrupted != want { // all but settings and zone files, and each zone file
		t.Errorf("interrupted %d times, there are %d files", interrupted, want)
	}
}
