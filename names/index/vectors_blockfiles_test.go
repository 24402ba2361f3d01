package index

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/names/index/scenario"
	"blockstack/testdata"
	"blockstack/wallet/chain/blockfiles"
)

// unpackBlockFiles lays the recorded files of a node out as a node has them.
func unpackBlockFiles(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, file := range testdata.Files(t, "blockfiles/*") {
		name := filepath.Base(file)
		content := testdata.Vectors(t, file)
		if packed := strings.TrimSuffix(name, ".gz"); packed != name {
			r, err := gzip.NewReader(bytes.NewReader(content))
			if err != nil {
				t.Fatal(err)
			}
			if content, err = io.ReadAll(r); err != nil {
				t.Fatal(err)
			}
			name = packed
		} else if filepath.Ext(name) != ".dat" {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestVectorsBlockFilesRead follows a node's own files and compares with the scenario of the same
// chain.
func TestVectorsBlockFilesRead(t *testing.T) {
	const file = "blockfiles/scenario.json"
	raw := testdata.Vectors(t, file)
	s, err := scenario.Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Tip    int32             `json:"tip"`
		Hashes map[string]string `json:"block_hashes"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	files, err := blockfiles.Open(t.Context(), unpackBlockFiles(t), &chaincfg.RegressionNetParams, blockfiles.Options{})
	if err != nil {
		t.Fatal(err)
	}
	cases := 0
	for text, want := range doc.Hashes {
		height, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		cases++
		if got, err := files.HashAt(t.Context(), int32(height)); err != nil || got.String() != want {
			t.Errorf("block at height %d: %s, %v, want %s", height, got, err, want)
		}
	}
	if height, _, err := files.Tip(t.Context()); err != nil || height != doc.Tip {
		t.Errorf("tip %d, %v, want %d", height, err, doc.Tip)
	}
	x := openTemp(t, s.Params, Options{})
	follow(t, x, files)
	compareDumps(t, dump(t, x), dump(t, followScenario(t, raw)))
	var want expectedChain
	if err := testdata.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	testdata.Cases(t, file, cases+compareBlocks(t, x, &want))
	for _, part := range testdata.Files(t, "blockfiles/*") { // what all of it was read from
		if name := strings.TrimSuffix(part, ".gz"); filepath.Ext(name) == ".dat" {
			testdata.Cases(t, part, 1)
		}
	}
}

// TestDamagedBlockFiles cuts and changes a node's files: every answer is right, or names the file.
func TestDamagedBlockFiles(t *testing.T) {
	s, err := scenario.Read(bytes.NewReader(testdata.Vectors(t, "blockfiles/scenario.json")))
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		damage func(dir string) error
		want   error
		says   string
	}{
		"cut block file": {func(dir string) error { return os.Truncate(filepath.Join(dir, "blk00000.dat"), 200_000) },
			blockfiles.ErrBadFile, "cut short"},
		"cut undo file": {func(dir string) error { return os.Truncate(filepath.Join(dir, "rev00000.dat"), 34_000) },
			blockfiles.ErrBadFile, "cut short"},
		"no undo file":  {func(dir string) error { return os.Remove(filepath.Join(dir, "rev00000.dat")) }, os.ErrNotExist, "rev00000"},
		"no block file": {func(dir string) error { return os.Remove(filepath.Join(dir, "blk00000.dat")) }, os.ErrNotExist, "blk00000"},
		"no key":        {func(dir string) error { return os.Remove(filepath.Join(dir, "xor.dat")) }, blockfiles.ErrBadFile, "xor.dat"},
		"short key":     {func(dir string) error { return os.Truncate(filepath.Join(dir, "xor.dat"), 7) }, blockfiles.ErrBadFile, "7 bytes"},
		"changed transaction": {func(dir string) error { return flip(filepath.Join(dir, "blk00000.dat"), 234_170) },
			blockfiles.ErrBadFile, "merkle root"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			dir := unpackBlockFiles(t)
			if err := c.damage(dir); err != nil {
				t.Fatal(err)
			}
			x := openTemp(t, s.Params, Options{})
			files, err := blockfiles.Open(t.Context(), dir, &chaincfg.RegressionNetParams, blockfiles.Options{})
			if err == nil {
				err = x.Follow(t.Context(), files, nil)
			}
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v", err)
			}
		})
	}
	t.Run("wrong network", func(t *testing.T) {
		if _, err := blockfiles.Open(context.Background(), unpackBlockFiles(t), &chaincfg.MainNetParams, blockfiles.Options{}); !errors.Is(err, blockfiles.ErrBadFile) {
			t.Errorf("error %v", err)
		}
	})
}

// flip changes a byte of a file.
func flip(path string, at int64) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	b := make([]byte, 1)
	if _, err := f.ReadAt(b, at); err != nil {
		return errors.Join(err, f.Close())
	}
	b[0] ^= 1
	_, err = f.WriteAt(b, at)
	return errors.Join(err, f.Close())
}
