package jobports

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"blockstack/txbuilder/registrar"
)

// TestFindCopies lists the copies of folders and files; a folder without any is not an empty list.
func TestFindCopies(t *testing.T) {
	full, empty := filepath.Join(t.TempDir(), "a[b]"), t.TempDir()
	if err := os.Mkdir(full, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"1.job", "2.job", "note.txt"} {
		if err := os.WriteFile(filepath.Join(full, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	note := filepath.Join(full, "note.txt")
	files, err := FindCopies(t.Context(), []string{full, note})
	if err != nil || !slices.Equal(files, []string{filepath.Join(full, "1.job"), filepath.Join(full, "2.job"), note}) {
		t.Errorf("%q, %v", files, err)
	}
	var none *NoCopies
	if _, err := FindCopies(t.Context(), []string{full, empty}); !errors.As(err, &none) || none.Dir != empty {
		t.Errorf("an empty folder: %v", err)
	}
	if _, err := FindCopies(t.Context(), []string{filepath.Join(empty, "x")}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
	var many *TooManyCopies
	if _, err := FindCopies(t.Context(), slices.Repeat([]string{note}, maxCopies+1)); !errors.As(err, &many) || many.Have != maxCopies+1 {
		t.Errorf("too many: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := FindCopies(ctx, []string{note}); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

// TestReadCopies leaves out what cannot be read, and says so; what nobody can read is an error, not
// an empty list.
func TestReadCopies(t *testing.T) {
	old, young := &registrar.Job{ID: "old", Created: time.Unix(1, 0)}, &registrar.Job{ID: "young", Created: time.Unix(2, 0)}
	var left []string
	tell := func(file string, err error) { left = append(left, file+" "+err.Error()) }
	read := func(file string) (*registrar.Job, error) {
		switch file {
		case "old":
			return old, nil
		case "young":
			return young, nil
		}
		return nil, registrar.ErrBadCopy
	}
	jobs, err := readEach(t.Context(), []string{"young", "bad", "old"}, tell, read)
	if err != nil || !slices.Equal(jobs, []*registrar.Job{old, young}) || !slices.Equal(left, []string{"bad " + registrar.ErrBadCopy.Error()}) {
		t.Errorf("%v, %v, left out %q", jobs, err, left)
	}
	if jobs, err := readEach(t.Context(), []string{"bad"}, tell, read); !errors.Is(err, registrar.ErrBadCopy) || jobs != nil {
		t.Errorf("none can be read: %v, %v", jobs, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := readEach(ctx, []string{"old"}, tell, read); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}
