// Package testdata hands the vectors in testdata/vectors to the tests of every package, and counts
// the cases they run.
//
// `make test-vectors DIR=…` runs the same suites over another folder of the same layout, which
// stands in the variable VECTORS_DIR. A suite is a test whose name begins with TestVectors; for
// each file it takes it calls [Vectors], runs its cases, and calls [Cases] with their number. A
// file that such a folder lacks skips the test (use a subtest per file); a file that our own folder
// lacks fails it.
package testdata

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Vectors returns the bytes of a file, named by its path below the folder of vectors:
// "protocol/payloads.json".
func Vectors(t testing.TB, file string) []byte {
	t.Helper()
	dir, foreign := folder(t)
	b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(file)))
	if errors.Is(err, fs.ErrNotExist) && foreign {
		t.Skipf("no %s in this folder", file)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Unmarshal reads JSON and keeps numbers as they are written.
func Unmarshal(raw []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	return d.Decode(v)
}

// Path returns where a file is, for those that are read as files: "blockfiles/blk00000.dat.gz".
func Path(t testing.TB, file string) string {
	t.Helper()
	dir, foreign := folder(t)
	path := filepath.Join(dir, filepath.FromSlash(file))
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) && foreign {
		t.Skipf("no %s in this folder", file)
	} else if err != nil {
		t.Fatal(err)
	}
	return path
}

// Files lists the files that match a pattern of path.Match, sorted: "chain/*.json". None match: the
// test is skipped in a foreign folder and fails in ours.
func Files(t testing.TB, pattern string) []string {
	t.Helper()
	dir, foreign := folder(t)
	paths, err := filepath.Glob(filepath.Join(dir, filepath.FromSlash(pattern)))
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) == 0 && foreign {
		t.Skipf("no %s in this folder", pattern)
	}
	if len(paths) == 0 {
		t.Fatalf("no %s", pattern)
	}
	for i, p := range paths {
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			t.Fatal(err)
		}
		paths[i] = filepath.ToSlash(rel)
	}
	return paths
}

// Cases records that n cases of a file were run. A suite that takes a file and runs no case of it
// fails.
func Cases(t testing.TB, file string, n int) {
	t.Helper()
	if n == 0 {
		t.Errorf("%s: no case was run", file)
	}
	t.Logf("vectors: %s: %d cases", file, n)
}

// folder is the folder of vectors, and whether it is a foreign one.
func folder(t testing.TB) (dir string, foreign bool) {
	t.Helper()
	if dir := os.Getenv("VECTORS_DIR"); dir != "" {
		return dir, true
	}
	dir, err := os.Getwd() // of a test: the folder of its package
	if err != nil {
		t.Fatal(err)
	}
	for {
		if b, err := os.ReadFile(filepath.Join(dir, "go.mod")); err == nil && strings.HasPrefix(string(b), "module blockstack\n") {
			return filepath.Join(dir, "testdata", "vectors"), false
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("the tests do not run inside the module")
		}
		dir = up
	}
}
