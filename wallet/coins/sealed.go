package coins

import (
	"context"
	"fmt"

	"blockstack/storage/dbfile"
)

// SealedKey is the public half of the key that opens sealed boxes. ErrNeedKeys: the
// wallet was made before there was one; the next unlock adds it.
func (c *Coins) SealedKey(ctx context.Context) (key [32]byte, err error) {
	if err := ctx.Err(); err != nil {
		return key, err
	}
	if v := c.scripts.believed().SealedKey; len(v) == len(key) {
		return [32]byte(v), nil
	}
	err = c.book.view(func(tx *dbfile.Tx) error {
		v := tx.Bucket(bucketMeta).Get(metaSealed)
		switch {
		case v == nil:
			return fmt.Errorf("key of sealed boxes: %w", ErrNeedKeys)
		case len(v) != len(key):
			return fmt.Errorf("%w: key of sealed boxes", ErrMalformed)
		}
		key = [32]byte(v)
		return nil
	})
	return key, err
}

func putSealedKey(tx *dbfile.Tx, key []byte) error {
	if len(key) != 32 {
		return fmt.Errorf("a key of sealed boxes has 32 bytes, not %d", len(key))
	}
	return tx.Bucket(bucketMeta).Put(metaSealed, key)
}

// Scripts lists every script of ours that is watched.
func (c *Coins) Scripts(ctx context.Context) (scripts [][]byte, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	err = c.book.view(func(tx *dbfile.Tx) error {
		return tx.Bucket(bucketScripts).ForEach(func(script, _ []byte) error {
			_, ours, err := c.keyOf(tx, script)
			if ours {
				scripts = append(scripts, append([]byte{}, script...))
			}
			return err
		})
	})
	return scripts, err
}
