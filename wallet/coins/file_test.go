package coins

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"testing"

	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
	"blockstack/wallet/watched"
)

// damages are things that happen to files.
func damages() map[string]func(b []byte) []byte {
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

// ruin changes a file.
func ruin(t *testing.T, path string, how func([]byte) []byte) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, how(b), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A damaged labels.db is an error, never a panic, and is left as it is.
func TestDamagedBook(t *testing.T) {
	for name, how := range damages() {
		t.Run(name, func(t *testing.T) {
			c := newCoins(t, 3)
			ruin(t, c.Book.Path, how)
			before, err := os.ReadFile(c.Book.Path)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Keys.Info(context.Background()); !errors.Is(err, labels.ErrMalformed) {
				t.Errorf("info: %v", err)
			}
			if _, err := c.List(context.Background()); !errors.Is(err, labels.ErrMalformed) {
				t.Errorf("list: %v", err)
			}
			if _, err := watched.NewAddresses(c.Keys).ReceiveKey(context.Background(), scripts.P2PKH); !errors.Is(err, labels.ErrMalformed) {
				t.Errorf("receive: %v", err)
			}
			if after, err := os.ReadFile(c.Book.Path); err != nil || string(after) != string(before) {
				t.Errorf("the file was changed: %v", err)
			}
		})
	}
}
