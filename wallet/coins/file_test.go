package coins

import (
	"context"
	"errors"
	"os"
	"testing"

	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
	"blockstack/wallet/watched"
	"blockstack/wallet/watchedtest"
)

// A damaged labels.db is an error, never a panic, and is left as it is.
func TestDamagedBook(t *testing.T) {
	for name, how := range watchedtest.Damages() {
		t.Run(name, func(t *testing.T) {
			c := newCoins(t, 3)
			watchedtest.Ruin(t, c.Book.Path, how)
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
