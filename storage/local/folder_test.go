package local_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"blockstack/storage"
	"blockstack/storage/local"
	"blockstack/storage/storagetest"
)

func TestSuite(t *testing.T) {
	for name, open := range map[string]func(string) *local.Folder{"public": local.Public, "private": local.Private, "cache": local.Cache} {
		t.Run(name, func(t *testing.T) {
			storagetest.Run(t, func(t *testing.T) storagetest.Driver { return open(filepath.Join(t.TempDir(), "made", "here")) })
		})
	}
	t.Run("mounted", func(t *testing.T) {
		storagetest.Run(t, func(t *testing.T) storagetest.Driver {
			dir := t.TempDir()
			for _, sub := range []string{"dir/deep", "dirt", "other/deep"} { // which a mounted place makes as little as itself
				if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			return local.Mounted(dir)
		})
	})
}

// Nothing is written outside, and no hidden file stays.
func TestFolderPaths(t *testing.T) {
	outside := t.TempDir()
	dir := local.Public(filepath.Join(outside, "in"))
	for _, name := range []string{"", "/", "/profile.json", "../profile.json", "a/../../b", "a//b", ".hidden", "a/.b", "a b", "a\\b", "c:", "a/"} {
		if _, err := storage.Write(t.Context(), dir, name, []byte("x"), storage.Condition{}); !errors.Is(err, storage.ErrBadName) {
			t.Errorf("write %q: error %v, want ErrBadName", name, err)
		}
	}
	entries, _ := os.ReadDir(outside)
	if len(entries) != 0 {
		t.Errorf("written outside: %v", entries)
	}
	if _, err := storage.Write(t.Context(), dir, "d/f", []byte("x"), storage.Over("")); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(outside, "in", "d", ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// Of many that create a file at once exactly one wins, and nobody ever reads a part.
func TestFolderCreateRace(t *testing.T) {
	ctx := context.Background()
	dir := local.Public(t.TempDir())
	var wg sync.WaitGroup
	wins := make(chan int, 20)
	for i := range 20 {
		wg.Go(func() {
			_, err := storage.Write(ctx, dir, "f", bytes.Repeat([]byte{byte(i)}, 1000), storage.Condition{Absent: true, Compared: true})
			switch {
			case err == nil:
				wins <- i
			case !errors.Is(err, storage.ErrChanged):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	close(wins)
	var won []int
	for i := range wins {
		won = append(won, i)
	}
	f, err := storage.Read(ctx, dir, "f", 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if len(won) != 1 || !bytes.Equal(f.Data, bytes.Repeat([]byte{byte(won[0])}, 1000)) {
		t.Errorf("winners %v, file of %d bytes", won, len(f.Data))
	}
}

// A mounted folder is not made, a file is no folder, and a link in it stays.
func TestMounted(t *testing.T) {
	ctx := t.Context()
	gone := local.Mounted(filepath.Join(t.TempDir(), "gone"))
	if err := gone.Probe(ctx); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("probe of a missing folder: %v", err)
	}
	if _, err := storage.Write(ctx, gone, "f", []byte("x"), storage.Condition{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("write into a missing folder: %v", err)
	}
	if err := gone.List(ctx, storage.Listing{}, func(storage.Info) error { return nil }); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("list of a missing folder: %v", err)
	}
	if _, err := os.Stat(gone.String()); !errors.Is(err, os.ErrNotExist) {
		t.Error("the folder was made")
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := local.Mounted(file).Probe(ctx); err == nil {
		t.Error("a file was taken for a folder")
	}
	copied := t.TempDir()
	for _, name := range []string{"a (copied 2026-11-28).job", "ä.job", ".hidden.job"} {
		if err := os.WriteFile(filepath.Join(copied, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	found := 0
	err := local.Mounted(copied).List(ctx, storage.Listing{Shallow: true}, func(i storage.Info) error {
		found++
		_, err := storage.Read(ctx, local.Mounted(copied), i.Name, 1)
		return err
	})
	if err != nil || found != 2 {
		t.Errorf("%d of 2 files by others, %v", found, err)
	}
	if err := local.Private(copied).List(ctx, storage.Listing{}, func(i storage.Info) error { return errors.New(i.Name) }); err != nil {
		t.Errorf("in a folder of our own: %v", err)
	}
	if runtime.GOOS == "windows" {
		return // links want rights there
	}
	dir, elsewhere := t.TempDir(), filepath.Join(t.TempDir(), "there")
	if err := os.Symlink(elsewhere, filepath.Join(dir, "f")); err != nil {
		t.Fatal(err)
	}
	for _, data := range []string{"1", "2"} {
		if _, err := storage.Write(ctx, local.Mounted(dir), "f", []byte(data), storage.Condition{}); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(elsewhere); err != nil || string(got) != data {
			t.Errorf("behind the link: %q, %v; want %q", got, err, data)
		}
	}
}

// What is nobody else's is not readable for others, and what is published is.
func TestModes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes mean something else here")
	}
	for mode, open := range map[os.FileMode]func(string) *local.Folder{0o644: local.Public, 0o600: local.Private} {
		dir := open(filepath.Join(t.TempDir(), "d"))
		if _, err := storage.Write(t.Context(), dir, "f", []byte("x"), storage.Condition{}); err != nil {
			t.Fatal(err)
		}
		file, err := os.Stat(dir.Path("f"))
		if err != nil || file.Mode().Perm() != mode {
			t.Errorf("mode %v (%v), want %v", file.Mode(), err, mode)
		}
		if folder, err := os.Stat(dir.String()); err != nil || folder.Mode().Perm()&0o077 != mode&0o044|mode&0o044>>2 {
			t.Errorf("folder of mode %v for files of %v (%v)", folder.Mode(), mode, err)
		}
	}
}
