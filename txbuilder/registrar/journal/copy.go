package journal

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"blockstack/storage"
	"blockstack/storage/dbfile"
	"blockstack/txbuilder/registrar/job"
)

// NotCopied says that the copy of the journal could not be written, so that nothing was broadcast.
type NotCopied struct {
	Dir string
	Err error
}

// Error names the folder and the cause.
func (e *NotCopied) Error() string {
	return fmt.Sprintf("the copy of the journal in %s could not be written, so nothing was sent: %v", e.Dir, e.Err)
}

// Unwrap is the cause.
func (e *NotCopied) Unwrap() error { return e.Err }

// What a journal file remembers of its copies:
//
//	meta:   "journal" → 16 random bytes that name the journal
//	copies: job id    → JSON of copyMark
const (
	bucketCopies = "copies"
	keyJournal   = "journal"
)

// copyMark says what is in the copy of a job.
type copyMark struct {
	Job []byte `json:"job"` // SHA-256 of the job as it was copied
	// Files are the SHA-256 of what the file may be: what it was, and what was to be written over
	// it. Anything else was written by somebody else and is left alone.
	Files [][]byte `json:"files"`
}

// Copies are the copies of a journal's jobs in a folder, one file each, encrypted. A file that this
// journal did not write is never overwritten: after an old journal was brought back, or when the
// folder has such a file for another reason, the journal takes a new name and writes new files.
type Copies struct {
	journal *File
	in      Place
	network string
	seal    func(plain []byte) ([]byte, error)
	kept    map[job.ID][32]byte // what is known to be in its copy
}

// Place is where copies are kept.
type Place interface {
	storage.Getter
	storage.Putter
	storage.Lister
	storage.Prober
	// String names the place to people.
	String() string
}

// NewCopies keeps copies at a place.
func NewCopies(journal *File, in Place, network string, seal func(plain []byte) ([]byte, error)) *Copies {
	return &Copies{journal: journal, in: in, network: network, seal: seal, kept: make(map[job.ID][32]byte)}
}

// Keep writes the copies of all jobs that changed.
func (c *Copies) Keep(ctx context.Context) error {
	for again := range 3 {
		err := c.keep(ctx, again > 0)
		if !errors.Is(err, errForeign) {
			if err != nil {
				err = &NotCopied{Dir: c.in.String(), Err: err}
			}
			return err
		}
	}
	return &NotCopied{Dir: c.in.String(), Err: errForeign}
}

// errForeign says that a file in the folder is not what this journal wrote.
var errForeign = errors.New("the folder has files of this journal that it did not write")

// keep is one attempt; anew takes a new name for the journal first.
func (c *Copies) keep(ctx context.Context, anew bool) error {
	if err := c.in.Probe(ctx); err != nil {
		return err
	}
	id, err := c.journal.name(anew)
	if err != nil {
		return err
	}
	if anew {
		clear(c.kept)
	}
	jobs, err := c.journal.signed(ctx)
	if err != nil {
		return err
	}
	for _, job := range jobs {
		sum := sha256.Sum256(job.raw)
		if c.kept[job.id] == sum {
			continue
		}
		if err := c.keepOne(ctx, id, job.id, job.raw, sum); err != nil {
			return err
		}
		c.kept[job.id] = sum
	}
	return nil
}

// keepOne writes the copy of a job unless it is there.
func (c *Copies) keepOne(ctx context.Context, journal journalName, id job.ID, raw []byte, sum [32]byte) error {
	name := copyName(journal, id)
	mark, err := c.journal.mark(id)
	if err != nil {
		return err
	}
	var there [][]byte
	old, err := storage.Read(ctx, c.in, name, maxCopyBytes)
	switch {
	case errors.Is(err, storage.ErrNotFound):
	case err != nil:
		return err
	default:
		h := sha256.Sum256(old.Data)
		i := slices.IndexFunc(mark.Files, func(f []byte) bool { return string(f) == string(h[:]) })
		if i < 0 {
			return errForeign
		}
		if i == len(mark.Files)-1 && string(mark.Job) == string(sum[:]) {
			return nil
		}
		there = [][]byte{h[:]}
	}
	b, err := encodeCopy(c.network, journal, raw, c.seal)
	if err != nil {
		return err
	}
	h := sha256.Sum256(b)
	if err := c.journal.setMark(id, copyMark{Job: sum[:], Files: append(there, h[:])}); err != nil {
		return err
	}
	over := storage.Over(old.Version)
	over.Compared = true
	_, err = storage.Write(ctx, c.in, name, b, over)
	if errors.Is(err, storage.ErrChanged) && !errors.Is(err, storage.ErrLocked) {
		return errForeign // it came meanwhile
	}
	return err
}

// signedJob is the stored form of a job that has signed something.
type signedJob struct {
	id  job.ID
	raw []byte
}

// signed lists the jobs that have signed anything. A job that has not can be begun again from its
// request, and must not be begun twice.
func (b *File) signed(ctx context.Context) (list []signedJob, err error) {
	err = b.view(func(jobs *dbfile.Bucket) error {
		return jobs.ForEach(func(id, raw []byte) error {
			var head struct {
				Stages  []json.RawMessage `json:"stages"`
				Drafted []json.RawMessage `json:"drafts"`
			}
			if err := json.Unmarshal(raw, &head); err != nil {
				return fmt.Errorf("%w: job %s: %w", job.ErrBadJournal, id, err)
			}
			if len(head.Stages)+len(head.Drafted) > 0 {
				list = append(list, signedJob{job.ID(id), slices.Clone(raw)})
			}
			return ctx.Err()
		})
	})
	return list, err
}

// name is what the journal is called among copies; anew gives it a new name, under which nothing
// has been copied.
func (b *File) name(anew bool) (id journalName, err error) {
	err = b.view(func(jobs *dbfile.Bucket) error {
		if v := jobs.Tx().Bucket([]byte(bucketMeta)).Get([]byte(keyJournal)); len(v) == len(id) {
			id = journalName(v)
		}
		return nil
	})
	if err != nil || id != (journalName{}) && !anew {
		return id, err
	}
	if _, err := rand.Read(id[:]); err != nil {
		return id, err
	}
	err = b.update(func(tx *dbfile.Tx) error {
		if tx.Bucket([]byte(bucketCopies)) != nil {
			if err := tx.DeleteBucket([]byte(bucketCopies)); err != nil {
				return err
			}
		}
		return tx.Bucket([]byte(bucketMeta)).Put([]byte(keyJournal), id[:])
	})
	return id, err
}

// mark reads what is in the copy of a job.
func (b *File) mark(id job.ID) (m copyMark, err error) {
	err = b.view(func(jobs *dbfile.Bucket) error {
		marks := jobs.Tx().Bucket([]byte(bucketCopies))
		if marks == nil {
			return nil
		}
		raw := marks.Get([]byte(id))
		if raw == nil {
			return nil
		}
		if err := json.Unmarshal(raw, &m); err != nil {
			return fmt.Errorf("%w: mark of job %s: %w", job.ErrBadJournal, id, err)
		}
		return nil
	})
	return m, err
}

// setMark writes what will be in the copy of a job, before it is written.
func (b *File) setMark(id job.ID, m copyMark) error {
	raw, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return b.update(func(tx *dbfile.Tx) error {
		marks, err := tx.CreateBucketIfNotExists([]byte(bucketCopies))
		if err != nil {
			return err
		}
		return marks.Put([]byte(id), raw)
	})
}
