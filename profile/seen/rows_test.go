package seen

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// oldOwner is whose profile profiles-v1.db has, a file that the program wrote before its rows had
// checksums.
const oldOwner = "mkNaUwxuZUjwPK4ar1TH4J13x6dMQVj26j"

func oldFile(t *testing.T) []byte {
	t.Helper()
	f, err := os.Open("testdata/profiles-v1.db.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// answers is all that a file says of an owner.
func answers(t *testing.T, f *File, owner string) (string, error) {
	at, found, err := f.Newest(t.Context(), owner)
	head, err2 := f.Head(t.Context(), owner)
	base, err3 := f.Base(t.Context(), owner)
	return fmt.Sprint(at, found, head, base), errors.Join(err, err2, err3)
}

// A file of the version before is read as it is, gets checksums with the first write, and then says
// the same.
func TestOldFile(t *testing.T) {
	f := &File{Path: filepath.Join(t.TempDir(), "profiles.db")}
	old := oldFile(t)
	if err := os.WriteFile(f.Path, old, 0o600); err != nil {
		t.Fatal(err)
	}
	at, found, err := f.Newest(t.Context(), oldOwner)
	base, err2 := f.Base(t.Context(), oldOwner)
	if err := errors.Join(err, err2); err != nil || !found || at.Format("2006-01-02T15:04:05Z") != "2026-11-28T16:32:57Z" || len(base) < 100 {
		t.Fatalf("newest %v %t, a token of %d bytes, %v", at, found, len(base), err)
	}
	want, err := answers(t, f, oldOwner)
	if err != nil {
		t.Fatal(err)
	}
	if now, err := os.ReadFile(f.Path); err != nil || !bytes.Equal(now, old) {
		t.Fatalf("reading wrote, %v", err)
	}
	if err := f.Remember(t.Context(), "bob", at); err != nil {
		t.Fatal(err)
	}
	if got, err := answers(t, f, oldOwner); err != nil || got != want {
		t.Errorf("with checksums: %s, want %s, %v", got, want, err)
	}
}

// A bit that changes changes no answer: it is noticed, or nothing depends on it.
func TestBits(t *testing.T) {
	f := &File{Path: filepath.Join(t.TempDir(), "profiles.db")}
	if err := os.WriteFile(f.Path, oldFile(t), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := f.RememberBase(t.Context(), "bob", "a token"); err != nil {
		t.Fatal(err)
	}
	want, err := answers(t, f, oldOwner)
	if err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(f.Path)
	if err != nil {
		t.Fatal(err)
	}
	noticed := 0
	for at, b := range good {
		if b == 0 {
			continue
		}
		bad := bytes.Clone(good)
		bad[at] ^= 1 << (at % 8)
		if err := os.WriteFile(f.Path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := answers(t, f, oldOwner)
		switch {
		case errors.Is(err, ErrDamaged), errors.Is(err, ErrNewer):
			noticed++
		case err != nil:
			t.Fatalf("byte %d: %v", at, err)
		case got != want:
			t.Fatalf("byte %d: %s, want %s", at, got, want)
		}
	}
	if noticed < 500 {
		t.Errorf("%d were noticed", noticed)
	}
}
