// Package keyring keeps one secret per keychain in the keyring of the operating system: the Secret
// Service of Linux desktops (over D-Bus), the Keychain of macOS, the Credential Manager of Windows.
// What is kept is not the wallet password but 256 random bits that open the keychain as another
// unlocker does: they are worth nothing without the keychain file, and taking them away leaves the
// password as it is.
//
// The secret passes to the keyring over D-Bus, through standard input of macOS's security(1), or by
// a system call; never in arguments.
package keyring

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	store "github.com/zalando/go-keyring"

	"blockstack/wallet/secret"
)

var (
	// ErrUnavailable says that this system has no keyring, or that it does not answer.
	ErrUnavailable = errors.New("the keyring of the system is not available")
	// ErrNotFound says that the keyring has no secret for a keychain.
	ErrNotFound = errors.New("the keyring of the system has nothing for this keychain")
)

const (
	service   = "blockstack"
	secretLen = 32
	// patience is how long an answer is waited for. A locked keyring may ask the user for its own
	// password meanwhile.
	patience = time.Minute
)

// New makes a secret: 256 random bits in hex.
func New() *secret.Bytes {
	var b [secretLen]byte
	_, _ = rand.Read(b[:]) // does not fail
	text := make([]byte, 2*secretLen)
	hex.Encode(text, b[:])
	secret.Zero(b[:])
	return secret.New(text)
}

// Put stores the secret of a keychain, in place of an earlier one.
func Put(ctx context.Context, keychain string, s *secret.Bytes) error {
	return ask(ctx, func() (err error) {
		s.Use(func(b []byte) { err = store.Set(service, keychain, string(b)) }) // the library takes texts
		return err
	})
}

// Get is the secret of a keychain.
func Get(ctx context.Context, keychain string) (*secret.Bytes, error) {
	var text string
	if err := ask(ctx, func() (err error) {
		text, err = store.Get(service, keychain)
		return err
	}); err != nil {
		return nil, err
	}
	if len(text) != 2*secretLen {
		return nil, fmt.Errorf("%w: what it has is not ours", ErrNotFound)
	}
	return secret.New([]byte(text)), nil
}

// Remove takes the secret of a keychain away. One that is not there is no error.
func Remove(ctx context.Context, keychain string) error {
	err := ask(ctx, func() error { return store.Delete(service, keychain) })
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// ask waits for the keyring, which knows no context. One that does not answer is left behind.
func ask(ctx context.Context, f func() error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return fmt.Errorf("%w: no answer", ErrUnavailable)
		}
		return ctx.Err()
	case err := <-done:
		switch {
		case err == nil:
			return nil
		case errors.Is(err, store.ErrNotFound):
			return ErrNotFound
		}
		return fmt.Errorf("%w: %v", ErrUnavailable, err)
	}
}
