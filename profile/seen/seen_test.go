package seen

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"blockstack/profile"
)

func TestRemember(t *testing.T) {
	ctx := context.Background()
	f := &File{Path: filepath.Join(t.TempDir(), "home", "seen.db")}
	if _, found, err := f.Newest(ctx, "alice"); found || err != nil {
		t.Fatalf("an empty memory: %v, %v", found, err)
	}
	if _, err := os.Stat(f.Path); err == nil {
		t.Error("a question made the file")
	}
	first := time.Date(2026, 1, 2, 3, 4, 5, 678000000, time.UTC)
	for _, at := range []time.Time{first, first.Add(-time.Hour), first.Add(time.Second), first} {
		if err := f.Remember(ctx, "alice", at); err != nil {
			t.Fatal(err)
		}
	}
	at, found, err := f.Newest(ctx, "alice")
	if err != nil || !found || !at.Equal(first.Add(time.Second)) {
		t.Errorf("newest is %v, %v, %v", at, found, err)
	}
	if _, found, _ := f.Newest(ctx, "bob"); found {
		t.Error("bob was never seen")
	}
	long, short := profile.Head{Seq: 3, Hash: [32]byte{1}}, profile.Head{Seq: 2, Hash: [32]byte{2}}
	for _, h := range []profile.Head{long, short} {
		if err := f.RememberHead(ctx, "alice", h); err != nil {
			t.Fatal(err)
		}
	}
	if h, err := f.Head(ctx, "alice"); err != nil || h != long {
		t.Errorf("head is %v, %v", h, err)
	}
	if err := f.Remember(ctx, "", first); err == nil {
		t.Error("nobody can be remembered")
	}
}

func TestDamaged(t *testing.T) {
	ctx := context.Background()
	f := &File{Path: filepath.Join(t.TempDir(), "seen.db")}
	if err := f.Remember(ctx, "alice", time.Now()); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(f.Path)
	if err != nil {
		t.Fatal(err)
	}
	for name, damage := range map[string]func(b []byte) []byte{
		"text":  func([]byte) []byte { return []byte("not a database, and long enough to be looked at") },
		"zeros": func(b []byte) []byte { clear(b); return b },
		"short": func(b []byte) []byte { return b[:100] },
		"page":  func(b []byte) []byte { return b[:4096] },
		"pages": func(b []byte) []byte { return b[:8192] },
		"empty": func([]byte) []byte { return nil },
	} {
		if err := os.WriteFile(f.Path, damage(append([]byte(nil), good...)), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := f.Newest(ctx, "alice"); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
		if err := f.Remember(ctx, "alice", time.Now()); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: remember: %v", name, err)
		}
	}
	if err := os.WriteFile(f.Path, good, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := bbolt.Open(f.Path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("meta")).Put([]byte("version"), []byte{byte(format.Version) + 1})
	})
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if err := f.Remember(ctx, "alice", time.Now()); !errors.Is(err, ErrNewer) || errors.Is(err, ErrDamaged) {
		t.Errorf("a newer version: %v", err)
	}
}
