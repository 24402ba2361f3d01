package publish

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"blockstack/profile"
	"blockstack/storage/local"
)

func TestAddVersion(t *testing.T) {
	ctx := context.Background()
	alice := keyFor(1)
	v := verifierFor(t, alice)
	dir := local.Public(t.TempDir())
	var heads []profile.Head
	for i, name := range []string{"A", "B", "C"} {
		at := start.Add(time.Duration(i) * time.Minute)
		token := sign(t, alice, name, at)
		head, added, err := AddVersion(ctx, dir, "alice/history.jsonl", v, token, alice, at)
		if err != nil || !added || head.Seq != uint64(i+1) {
			t.Fatalf("%s: %v, %v, %v", name, head, added, err)
		}
		heads = append(heads, head)
		if again, added, err := AddVersion(ctx, dir, "alice/history.jsonl", v, token, alice, at); err != nil || added || again != head {
			t.Fatalf("%s again: %v, %v, %v", name, again, added, err)
		}
	}
	file, err := read(ctx, dir, "alice/history.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for _, since := range heads {
		if head, err := profile.CheckHistory(ctx, bytes.NewReader(file.Data), v, since); err != nil || head != heads[2] {
			t.Errorf("%v, %v", head, err)
		}
	}
	// A history of somebody else, or one that was damaged, is left alone.
	bob := keyFor(2)
	if _, _, err := AddVersion(ctx, dir, "alice/history.jsonl", verifierFor(t, bob), sign(t, bob, "B", start), bob, start); !errors.Is(err, profile.ErrBadHistory) {
		t.Errorf("foreign history: %v", err)
	}
	path := filepath.Join(dir.String(), "alice", "history.jsonl")
	damaged := file.Data[:len(file.Data)-10]
	if err := os.WriteFile(path, damaged, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := AddVersion(ctx, dir, "alice/history.jsonl", v, sign(t, alice, "D", start), alice, start); !errors.Is(err, profile.ErrBadHistory) {
		t.Errorf("damaged history: %v", err)
	}
	if on, _ := os.ReadFile(path); !bytes.Equal(on, damaged) {
		t.Error("the damaged history was changed")
	}
}
