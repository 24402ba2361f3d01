package backup

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash"
	"time"

	"go.etcd.io/bbolt"

	"blockstack/storage/dbfile"
)

// Contents is a hash over what a store holds, whatever the pages of its file look like: it says whether something changed
// since a backup, which the time of a file does not.
func Contents(path string, wait time.Duration) (string, error) {
	db, err := dbfile.Open(path, dbfile.Options{ReadOnly: true, Wait: wait})
	if errors.Is(err, dbfile.ErrBusy) {
		return "", ErrBusy
	}
	if err != nil {
		return "", err
	}
	h := sha256.New()
	err = db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bbolt.Bucket) error {
			hashPart(h, 'b', name)
			return hashBucket(h, b)
		})
	})
	return hex.EncodeToString(h.Sum(nil)), errors.Join(err, db.Close())
}

// hashBucket adds a bucket and those in it.
func hashBucket(h hash.Hash, b *bbolt.Bucket) error {
	err := b.ForEach(func(k, v []byte) error {
		if v == nil {
			hashPart(h, 'b', k)
			return hashBucket(h, b.Bucket(k))
		}
		hashPart(h, 'k', k)
		hashPart(h, 'v', v)
		return nil
	})
	hashPart(h, 'e', nil)
	return err
}

// hashPart adds bytes so that they cannot be taken for others.
func hashPart(h hash.Hash, kind byte, b []byte) {
	h.Write(binary.BigEndian.AppendUint64([]byte{kind}, uint64(len(b))))
	h.Write(b)
}
