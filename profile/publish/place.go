package publish

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"blockstack/profile"
	"blockstack/storage"
)

var (
	// ErrNewer means that the place already has a profile of this owner that was issued later.
	ErrNewer = errors.New("a newer profile is already there")
	// ErrReadBack means that a place does not give back what was written to it.
	ErrReadBack = errors.New("storage does not give back what was written")
)

// MaxSize bounds files at places, in bytes. Profiles are much smaller, histories grow.
const MaxSize = 16 << 20

// Place is somewhere files of one owner can be stored and read by others.
type Place interface {
	storage.Getter
	storage.Putter
	storage.Keeper
	// String names the place to people.
	String() string
}

// over is the condition of a write over what was read: where a place cannot keep it, what is there
// is compared just before, and read back just after.
func over(v storage.Version) storage.Condition {
	c := storage.Over(v)
	c.Compared = true
	return c
}

// read reads a file of a place.
func read(ctx context.Context, where Place, path string) (storage.File, error) {
	return storage.Read(ctx, where, path, MaxSize)
}

// PutFile puts a file that goes with a profile at a path of a place, over whatever is there, and
// reads it back. The very same file is left alone.
func PutFile(ctx context.Context, where Place, path string, data []byte) error {
	fail := func(err error) error { return fmt.Errorf("publish to %s, %s: %w", where, path, err) }
	old, err := read(ctx, where, path)
	switch {
	case errors.Is(err, storage.ErrNotFound):
	case err != nil:
		return fail(err)
	case bytes.Equal(old.Data, data):
		return nil
	}
	if _, err := storage.Write(ctx, where, path, data, over(old.Version)); err != nil {
		return fail(err)
	}
	back, err := read(ctx, where, path)
	if err != nil {
		return fail(fmt.Errorf("read back: %w", err))
	}
	if !bytes.Equal(back.Data, data) {
		return fail(ErrReadBack)
	}
	return nil
}

// HubKey lets the key that signs profiles sign for a hub.
type HubKey struct{ profile.Signer }

// SignPayload makes a signed token of a payload.
func (k HubKey) SignPayload(ctx context.Context, payload []byte) (string, error) {
	return profile.SignPayload(ctx, payload, k.Signer)
}
