package index

import (
	"math/rand/v2"
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

// newRand is a source of random numbers that is the same every time.
func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, seed)) }
