package watchedtest

import (
	"math/rand/v2"
	"os"
	"testing"
)

// Damages are things that happen to files.
func Damages() map[string]func(b []byte) []byte {
	return map[string]func(b []byte) []byte{
		"empty":         func([]byte) []byte { return nil },
		"cut in half":   func(b []byte) []byte { return b[:len(b)/2] },
		"cut to a page": func(b []byte) []byte { return b[:4096] },
		"cut to four pages": func(b []byte) []byte {
			return b[:4*4096]
		},
		"another file": func([]byte) []byte { return []byte("hello\n") },
		"noise": func(b []byte) []byte {
			r := rand.New(rand.NewPCG(1, 2))
			for i := range b {
				b[i] = byte(r.Uint32())
			}
			return b
		},
		"zeroes after the first pages": func(b []byte) []byte {
			clear(b[2*4096:])
			return b
		},
	}
}

// Ruin changes a file.
func Ruin(t testing.TB, path string, how func([]byte) []byte) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, how(b), 0o600); err != nil {
		t.Fatal(err)
	}
}
