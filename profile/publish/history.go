package publish

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"blockstack/profile"
	"blockstack/storage"
)

// AddVersion adds a token to the history at a path of a place, which is made when missing, and
// gives where the history now ends. What is there is checked first; a history that does not hold
// together is not added to. Adding the newest version again changes nothing and gives false.
func AddVersion(ctx context.Context, where Place, path string, v *profile.Verifier, t *profile.Token, s profile.Signer, at time.Time) (profile.Head, bool, error) {
	for try := 1; ; try++ {
		head, added, err := addVersion(ctx, where, path, v, t, s, at)
		if try == 3 || !errors.Is(err, storage.ErrChanged) { // somebody else has added a version meanwhile: ours follows it
			return head, added, err
		}
	}
}

func addVersion(ctx context.Context, where Place, path string, v *profile.Verifier, t *profile.Token, s profile.Signer, at time.Time) (profile.Head, bool, error) {
	fail := func(err error) (profile.Head, bool, error) {
		return profile.Head{}, false, fmt.Errorf("history at %s, %s: %w", where, path, err)
	}
	old, err := read(ctx, where, path)
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return fail(err)
	}
	var head profile.Head
	var last *profile.Version
	for version, err := range profile.ReadHistory(ctx, bytes.NewReader(old.Data), v) {
		if err != nil {
			return fail(err)
		}
		head, last = version.Head(), version
	}
	if last != nil && last.Token.String() == t.String() {
		return head, false, nil
	}
	line, head, err := profile.NextVersion(ctx, head, t, s, at)
	if err != nil {
		return fail(err)
	}
	data := append(bytes.Clone(old.Data), line...)
	if len(data) > MaxSize {
		return fail(fmt.Errorf("would be larger than %d bytes", MaxSize))
	}
	// What would be written is read first, so that nothing is published that readers would refuse.
	if _, err := profile.CheckHistory(ctx, bytes.NewReader(data), v, head); err != nil {
		return fail(err)
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
	return head, true, nil
}
