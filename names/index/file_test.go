package index

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"blockstack/names"
	"blockstack/names/index/scenario"
	"blockstack/testdata"
)

// smallIndex is a closed index of a few blocks, and its chain.
func smallIndex(t *testing.T) (path string, p *names.Params, c *testChain) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "index.db")
	p = names.Sandbox("", nil)
	x, err := Open(path, p, Options{})
	if err != nil {
		t.Fatal(err)
	}
	c = newTestChain(p.FirstBlock)
	for range 5 {
		c.mine(t)
	}
	follow(t, x, c)
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	return path, p, c
}

func TestOpenReadOnly(t *testing.T) {
	path, p, c := smallIndex(t)
	x, err := Open(path, p, Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	other, err := Open(path, p, Options{ReadOnly: true})
	if err != nil {
		t.Fatalf("a second reader: %v", err)
	}
	tip, err := other.Tip(t.Context())
	if err != nil || tip.Height != c.height() || tip.Empty {
		t.Errorf("tip %+v, %v", tip, err)
	}
	if err := x.Follow(t.Context(), c, nil); !errors.Is(err, ErrReadOnly) {
		t.Errorf("follow: %v", err)
	}
	if _, err := Open(path, p, Options{Timeout: 10 * time.Millisecond}); !errors.Is(err, ErrBusy) {
		t.Errorf("open for writing beside readers: %v", err)
	}
	if err := errors.Join(x.Close(), other.Close()); err != nil {
		t.Error(err)
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none.db"), p, Options{ReadOnly: true}); !errors.Is(err, ErrNoIndex) {
		t.Errorf("no file: %v", err)
	}
}

func TestOpenOtherRegistry(t *testing.T) {
	path, p, c := smallIndex(t)
	changed := names.Sandbox("", nil)
	changed.NamePreorderLifetime++
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, changed, Options{}); !errors.Is(err, ErrOtherRegistry) {
		t.Fatalf("other registry: %v", err)
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Error("the file changed")
	}
	x, err := Rebuild(path, changed, Options{})
	if err != nil {
		t.Fatal(err)
	}
	tip, err := x.Tip(t.Context())
	if err != nil || !tip.Empty || tip.Height != p.FirstBlock-1 {
		t.Errorf("tip after rebuilding: %+v, %v", tip, err)
	}
	follow(t, x, c)
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestOpenNewerVersion(t *testing.T) {
	path, p, _ := smallIndex(t)
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) error {
		return tx.Bucket([]byte("meta")).Put([]byte("version"), binary.AppendUvarint(nil, 4))
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, p, Options{}); !errors.Is(err, ErrNewerVersion) {
		t.Errorf("newer version: %v", err)
	}
}

// TestOpenOlderVersion takes nothing from a file whose rows have no checksums, and builds it anew.
func TestOpenOlderVersion(t *testing.T) {
	path, p, c := smallIndex(t)
	x, err := Open(path, p, Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := dump(t, x)
	err = x.update(func(tx *bolt.Tx) error {
		return tx.Bucket([]byte("meta")).Put([]byte("version"), binary.AppendUvarint(nil, 2))
	})
	if err := errors.Join(err, x.Close()); err != nil {
		t.Fatal(err)
	}
	for _, o := range []Options{{}, {ReadOnly: true}} {
		if _, err := Open(path, p, o); !errors.Is(err, ErrOlderVersion) {
			t.Errorf("older version: %v", err)
		}
	}
	if x, err = Rebuild(path, p, Options{}); err != nil {
		t.Fatal(err)
	}
	follow(t, x, c)
	compareDumps(t, dump(t, x), want)
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
}

// answers is what an index says about all that it knows, asked in the ways that money follows.
func answers(t *testing.T, x *Index, list []names.Record) (string, error) {
	t.Helper()
	var out strings.Builder
	for _, want := range list {
		rec, err := x.Record(t.Context(), want.Name)
		if err != nil {
			return "", err
		}
		history, err := x.History(t.Context(), want.Name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&out, "%+v %d\n", rec, len(history))
		of, err := x.NamesOf(t.Context(), want.Owner)
		if err != nil {
			return "", err
		}
		ns, err := x.Namespace(t.Context(), want.Name.Namespace())
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&out, "%d %+v\n", len(of), ns)
	}
	return out.String(), nil
}

// TestFlippedBits changes one bit at a time, all over the file. Every answer is the right one or
// ErrCorrupt: no other owner, no name that is missing.
func TestFlippedBits(t *testing.T) {
	p := randomParams(t, nil)
	x := openTemp(t, p, Options{})
	x.db.Bolt().NoSync = true
	path := x.db.Path()
	g := newGenerator(t, newRand(5), p)
	g.x = x
	c := newTestChain(p.FirstBlock)
	g.launchAll(t, c)
	follow(t, x, c)
	for range 20 {
		c.mine(t, g.block(t, c.height()+1)...)
		follow(t, x, c)
	}
	list, err := x.Names(t.Context(), "", names.Name{}, 0)
	if err != nil || len(list) == 0 {
		t.Fatal(len(list), err)
	}
	want, err := answers(t, x, list)
	if err := errors.Join(err, x.Close()); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	rng := newRand(19)
	for range 1500 {
		at := rng.IntN(len(good))
		if good[at] == 0 && rng.IntN(8) > 0 {
			continue
		}
		bad := append([]byte(nil), good...)
		bad[at] ^= 1 << rng.IntN(8)
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		x, err := Open(path, p, Options{ReadOnly: true})
		got := ""
		if err == nil {
			got, err = answers(t, x, list)
			err = errors.Join(err, x.Close())
		}
		switch {
		case errors.Is(err, ErrCorrupt), errors.Is(err, ErrNewerVersion), errors.Is(err, ErrOlderVersion):
			seen++
		case err != nil:
			t.Fatalf("byte %d: %v", at, err)
		case got != want:
			t.Fatalf("byte %d: it says\n%s\nwant\n%s", at, got, want)
		}
	}
	if seen < 20 {
		t.Errorf("%d changes were seen", seen)
	}
}

// TestDamagedFile overwrites and cuts the file: every answer is right or ErrCorrupt, and Rebuild
// makes it good.
func TestDamagedFile(t *testing.T) {
	good, p, c := smallIndex(t)
	content, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	seen := 0
	for at := 0; at < len(content); at += page {
		for _, cut := range []bool{false, true} {
			damaged := append([]byte(nil), content...)
			if cut {
				damaged = damaged[:at]
			} else {
				for i := range page {
					damaged[at+i] ^= 0xff
				}
			}
			path := filepath.Join(t.TempDir(), "index.db")
			if err := os.WriteFile(path, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := useDamaged(t.Context(), path, p, c); err != nil {
				seen++
				if !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrOtherRegistry) && !errors.Is(err, ErrDiffers) {
					t.Errorf("page at %d (cut: %t): %v", at, cut, err)
				}
			}
			x, err := Rebuild(path, p, Options{})
			if err != nil {
				t.Fatalf("rebuild: page at %d (cut: %t): %v", at, cut, err)
			}
			follow(t, x, c)
			if _, err := x.Verify(t.Context(), nil); err != nil {
				t.Error(err)
			}
			if err := x.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if seen == 0 {
		t.Error("no damage was seen")
	}
}

func useDamaged(ctx context.Context, path string, p *names.Params, c *testChain) (err error) {
	x, err := Open(path, p, Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	if err := x.Follow(ctx, c, nil); err != nil {
		return err
	}
	_, err = x.Verify(ctx, nil)
	return err
}

// TestVerifySees changes single rows; Verify finds each.
func TestVerifySees(t *testing.T) {
	p := randomParams(t, nil)
	x := openFast(t, p, Options{})
	g := newGenerator(t, newRand(5), p)
	g.x = x
	c := newTestChain(p.FirstBlock)
	g.launchAll(t, c)
	follow(t, x, c)
	for range 20 {
		c.mine(t, g.block(t, c.height()+1)...)
		follow(t, x, c)
	}
	if v, err := x.Verify(t.Context(), nil); err != nil || v.Blocks != len(c.blocks) || v.Ops == 0 {
		t.Fatalf("before: %+v, %v", v, err)
	}
	var buckets []string
	err := x.read(func(tx *bolt.Tx) error {
		return tx.ForEach(func(name []byte, _ *bolt.Bucket) error {
			if b := string(name); b != "meta" && b != "undo" {
				buckets = append(buckets, b)
			}
			return nil
		})
	})
	if err != nil || len(buckets) != 14 {
		t.Fatal(buckets, err)
	}
	for _, b := range buckets {
		err := x.db.Update(func(tx *bolt.Tx) error {
			t := tx.Bucket([]byte(b))
			k, _ := t.Cursor().Last()
			if k == nil {
				return errStop
			}
			return t.Delete(append([]byte(nil), k...))
		})
		if errors.Is(err, errStop) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := x.Verify(t.Context(), nil); err == nil {
			t.Errorf("a missing row in %s was not seen", b)
		}
		if err := x.update(x.initialize); err != nil {
			t.Fatal(err)
		}
		follow(t, x, c)
	}
}

// TestExactUntil asks for a balance that only the missing grants of the public registry could have
// given.
func TestExactUntil(t *testing.T) {
	raw := testdata.Vectors(t, "protocol/chain_epoch4_to_5.json")
	s, err := scenario.Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	x := openTemp(t, s.Params, Options{})
	follow(t, x, s)
	if tip, err := x.Tip(t.Context()); err != nil || tip.ExactUntil != tip.Height {
		t.Errorf("with the grants: %+v, %v", tip, err)
	}
	s.Params.Genesis, s.Params.GenesisPatches, s.Params.GenesisUnknown = nil, nil, true
	without := openTemp(t, s.Params, Options{})
	follow(t, without, s)
	tip, err := without.Tip(t.Context())
	if err != nil || tip.ExactUntil >= tip.Height || tip.ExactUntil < s.Params.FirstBlock-1 {
		t.Fatalf("without the grants: %+v, %v", tip, err)
	}
	have, err := x.ConsensusHash(t.Context(), tip.ExactUntil)
	if err != nil {
		t.Fatal(err)
	}
	if same, err := without.ConsensusHash(t.Context(), tip.ExactUntil); err != nil || same != have {
		t.Errorf("consensus hash at the last certain height: %s, want %s (%v)", same, have, err)
	}
	if undone, err := without.undo(tip.ExactUntil); err != nil || !undone {
		t.Fatal(undone, err)
	}
	if tip, err := without.Tip(t.Context()); err != nil || tip.ExactUntil != tip.Height {
		t.Errorf("after taking the block back: %+v, %v", tip, err)
	}
}

// TestFileOfVersion3 opens a file that the program wrote before its rows and rules had packages of
// their own: it is followed on, holds what a new one holds, and its blocks can be taken back.
func TestFileOfVersion3(t *testing.T) {
	packed, err := os.Open("testdata/index-v3.db.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	r, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "index.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := scenario.Read(bytes.NewReader(testdata.Vectors(t, "chain/d23-epochs.json")))
	if err != nil {
		t.Fatal(err)
	}
	x, err := Open(path, s.Params, Options{})
	if err != nil {
		t.Fatal(err)
	}
	fresh := openFast(t, s.Params, Options{})
	follow(t, fresh, s)
	want := dump(t, fresh)
	compareDumps(t, dump(t, x), want)
	if v, err := x.Verify(t.Context(), nil); err != nil || v.Ops == 0 {
		t.Errorf("%+v, %v", v, err)
	}
	tip, err := x.Tip(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if undone, err := x.undo(tip.Height - 5); err != nil || !undone {
		t.Errorf("%t, %v", undone, err)
	}
	follow(t, x, s)
	compareDumps(t, dump(t, x), want)
	if err := x.Close(); err != nil {
		t.Error(err)
	}
}
