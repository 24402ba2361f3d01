package backup

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash"
	"time"

	"blockstack/storage/dbfile"
)

// Contents is a hash over what a store holds, whatever the pages of its file look like: it says
// whether something changed since a backup, which the time of a file does not.
func Contents(path string, wait time.Duration) (string, error) {
	db, err := dbfile.OpenRows(path, dbfile.Format{}, dbfile.Options{ReadOnly: true, Wait: wait})
	if errors.Is(err, dbfile.ErrBusy) {
		return "", ErrBusy
	}
	if err != nil {
		return "", err
	}
	h := sha256.New()
	err = db.View(func(tx *dbfile.Tx) error {
		return tx.ForEach(func(name []byte, b *dbfile.Bucket) error {
			hashPart(h, 'b', name)
			err := b.ForEach(func(k, v []byte) error {
				if v, there := b.Before(k, v); there { // a file that only got its checksums has not changed
					hashPart(h, 'k', k)
					hashPart(h, 'v', v)
				}
				return nil
			})
			hashPart(h, 'e', nil)
			return err
		})
	})
	return hex.EncodeToString(h.Sum(nil)), errors.Join(err, db.Close())
}

// hashPart adds bytes so that they cannot be taken for others.
func hashPart(h hash.Hash, kind byte, b []byte) {
	h.Write(binary.BigEndian.AppendUint64([]byte{kind}, uint64(len(b))))
	h.Write(b)
}
