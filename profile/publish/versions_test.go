package publish

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"blockstack/profile"
	"blockstack/profile/seen"
	"blockstack/storage/local"
)

// TestReadVersions: a history that was cut off since it was last seen is noticed, and one that is
// refused changes nothing of what is known.
func TestReadVersions(t *testing.T) {
	ctx := context.Background()
	alice := keyFor(1)
	v := verifierFor(t, alice)
	dir := local.Public(t.TempDir())
	heads := &seen.File{Path: filepath.Join(t.TempDir(), "profiles.db")}
	var short []byte
	for i, name := range []string{"A", "B", "C"} {
		at := start.Add(time.Duration(i) * time.Minute)
		if _, _, err := AddVersion(ctx, dir, HistoryName, v, sign(t, alice, name, at), alice, at); err != nil {
			t.Fatal(err)
		}
		if i == 1 {
			f, err := read(ctx, dir, HistoryName)
			if err != nil {
				t.Fatal(err)
			}
			short = f.Data
		}
	}
	whole, err := read(ctx, dir, HistoryName)
	if err != nil {
		t.Fatal(err)
	}
	if h, err := ReadVersions(ctx, nil, v, heads); err != nil || len(h.List) != 0 {
		t.Fatalf("an empty one: %+v, %v", h, err)
	}
	for _, raw := range [][]byte{short, whole.Data, whole.Data} {
		h, err := ReadVersions(ctx, raw, v, heads)
		if err != nil || h.Head.Seq != uint64(len(h.List)) || h.List[1].Seq != 2 {
			t.Fatalf("%+v, %v", h, err)
		}
		if c := h.List[1].Changes; len(c) != 1 || c[0].Path != "name" || string(c[0].New) != `"B"` {
			t.Errorf("%+v", c)
		}
	}
	for name, raw := range map[string][]byte{"cut off": short, "emptied": nil, "damaged": whole.Data[:len(whole.Data)-9]} {
		if _, err := ReadVersions(ctx, raw, v, heads); !errors.Is(err, profile.ErrBadHistory) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ReadVersions(ctx, whole.Data, verifierFor(t, keyFor(2)), heads); !errors.Is(err, profile.ErrBadHistory) {
		t.Errorf("of somebody else: %v", err)
	}
	if head, err := heads.Head(ctx, v.SeenAs()); err != nil || head.Seq != 3 {
		t.Errorf("%v, %v", head, err)
	}
}
