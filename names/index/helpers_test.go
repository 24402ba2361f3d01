package index

import (
	"path/filepath"
	"testing"

	"blockstack/names"
)

// openTemp opens an index in a folder of its own.
func openTemp(t testing.TB, p *names.Params, o Options) *Index {
	t.Helper()
	x, err := Open(filepath.Join(t.TempDir(), "index.db"), p, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	return x
}
