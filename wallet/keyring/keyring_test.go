package keyring

import (
	"context"
	"errors"
	"fmt"
	"testing"

	store "github.com/zalando/go-keyring"
)

// TestKeyring goes through the library's stand-in: what is put is got, once removed it is gone, and
// a keyring that is not there says so. The real Secret Service is in the transcript wallet_keyring.
func TestKeyring(t *testing.T) {
	ctx := context.Background()
	store.MockInit()
	s := New()
	if s.Len() != 2*secretLen || s.Equal(New()) {
		t.Error("a secret is not random")
	}
	if _, err := Get(ctx, "a"); !errors.Is(err, ErrNotFound) {
		t.Errorf("nothing there: %v", err)
	}
	if err := Put(ctx, "a", s); err != nil {
		t.Fatal(err)
	}
	if got, err := Get(ctx, "a"); err != nil || !got.Equal(s) {
		t.Errorf("it came back different: %v", err)
	}
	if _, err := Get(ctx, "b"); !errors.Is(err, ErrNotFound) {
		t.Errorf("another keychain: %v", err)
	}
	for range 2 {
		if err := Remove(ctx, "a"); err != nil {
			t.Errorf("remove: %v", err)
		}
	}
	if err := store.Set(service, "c", "short"); err != nil {
		t.Fatal(err)
	}
	if _, err := Get(ctx, "c"); !errors.Is(err, ErrNotFound) {
		t.Errorf("somebody else's entry: %v", err)
	}
	store.MockInitWithError(errors.New("no such bus"))
	if err := Put(ctx, "a", s); !errors.Is(err, ErrUnavailable) || fmt.Sprint(err) != "the keyring of the system is not available: no such bus" {
		t.Errorf("no keyring: %v", err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if err := ask(cancelled, func() error { select {} }); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}
