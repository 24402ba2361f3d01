package journal

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"

	"blockstack/storage/dbfile"
	"blockstack/txbuilder/registrar/job"
)

// What tells a journal from an older state of itself, in meta.
const (
	keyMade   = "made"
	keyWrites = "writes"
)

// countWrite counts a write of the journal; the first one gives it a number.
func countWrite(tx *dbfile.Tx) error {
	meta := tx.Bucket([]byte(bucketMeta))
	made, writes, err := ageOf(meta)
	if err != nil {
		return err
	}
	if made == [16]byte{} {
		if _, err := rand.Read(made[:]); err != nil {
			return err
		}
		if err := meta.Put([]byte(keyMade), made[:]); err != nil {
			return err
		}
	}
	return meta.Put([]byte(keyWrites), binary.BigEndian.AppendUint64(nil, writes+1))
}

// ageOf reads the number of a journal, and how often it was written.
func ageOf(meta *dbfile.Bucket) (made [16]byte, writes uint64, err error) {
	if meta == nil {
		return made, 0, fmt.Errorf("%w: no bucket %s", job.ErrBadJournal, bucketMeta)
	}
	number, count := meta.Get([]byte(keyMade)), meta.Get([]byte(keyWrites))
	if len(number) == 0 && len(count) == 0 {
		return made, 0, nil // of an earlier version, or never written
	}
	if len(number) != len(made) || len(count) != 8 {
		return made, 0, fmt.Errorf("%w: its age", job.ErrBadJournal)
	}
	return [16]byte(number), binary.BigEndian.Uint64(count), nil
}

// Age is the number that the journal was given with its first write, all zero before it, and how
// often it was written.
func (b *File) Age() (made [16]byte, writes uint64, err error) {
	err = b.view(func(jobs *dbfile.Bucket) (err error) {
		made, writes, err = ageOf(jobs.Tx().Bucket([]byte(bucketMeta)))
		return err
	})
	return made, writes, err
}
