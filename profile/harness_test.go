package profile

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// readVectors reads a file of testdata/vectors/identity, or of the folder in VECTORS_DIR.
func readVectors(t testing.TB, name string, into any) {
	t.Helper()
	dir := os.Getenv("VECTORS_DIR")
	if dir == "" {
		dir = "../testdata/vectors"
	}
	raw, err := os.ReadFile(filepath.Join(dir, "identity", name+".json"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no %s", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatal(err)
	}
}
