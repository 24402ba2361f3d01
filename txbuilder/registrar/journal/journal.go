package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"blockstack/storage/dbfile"
	"blockstack/txbuilder/registrar/job"
)

// The journal file, a bbolt database with mode 0600:
//
//	meta: "version" → uint32, big-endian, 3
//	      "made"    → 16 random bytes, since the first write
//	      "writes"  → uint64, big-endian: how often a job was written
//	jobs: job id    → JSON of Job
//
// Job ids order nothing; Jobs sorts by time of creation. A Save is one transaction and durable
// (fsync) when it returns.
//
// Version 2: jobs may be signed elsewhere and may move coins first. A program that does not know
// that would sign by itself, and pay twice. Version 3: rows have checksums (package dbfile).
const (
	bucketMeta = "meta"
	bucketJobs = "jobs"
)

// journalFormat is the format of the file.
var journalFormat = dbfile.Format{Version: 3, Width: 4, Sums: 3}

// File is a Journal in a file.
type File struct{ db *dbfile.Rows }

// ErrBusy says that another process has the journal open.
var ErrBusy = errors.New("another process is using the journal")

// Open opens a journal, or makes it where there is none. A file without content is none of ours and
// is damage: made anew it would hide that jobs are under way. While it is open nobody else can open
// it; after timeout the error is ErrBusy.
func Open(path string, timeout time.Duration) (*File, error) {
	db, err := openRows(path, timeout)
	if errors.Is(err, dbfile.ErrNotFound) {
		if err = dbfile.CreateRows(path, journalFormat, timeout, newJournal); err == nil || errors.Is(err, dbfile.ErrExists) {
			db, err = openRows(path, timeout)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("journal %s: %w", path, journalError(err))
	}
	b := &File{db: db}
	if err := errors.Join(os.Chmod(path, 0o600), b.view(func(*dbfile.Bucket) error { return nil })); err != nil {
		return nil, errors.Join(fmt.Errorf("journal %s: %w", path, err), db.Close())
	}
	return b, nil
}

func openRows(path string, timeout time.Duration) (*dbfile.Rows, error) {
	return dbfile.OpenRows(path, journalFormat, dbfile.Options{Wait: timeout})
}

// journalError says in our words what is wrong with the file.
func journalError(err error) error {
	for _, e := range []struct{ theirs, ours error }{{dbfile.ErrDamaged, job.ErrBadJournal}, {dbfile.ErrNewer, job.ErrNewerJournal}, {dbfile.ErrBusy, ErrBusy}} {
		if errors.Is(err, e.theirs) && !errors.Is(err, e.ours) {
			return fmt.Errorf("%w: %w", e.ours, err)
		}
	}
	return err
}

// newJournal fills a new file.
func newJournal(tx *dbfile.Tx) error {
	_, err := tx.CreateBucket([]byte(bucketJobs))
	return err
}

// view reads the file.
func (b *File) view(f func(jobs *dbfile.Bucket) error) error {
	return journalError(b.db.View(func(tx *dbfile.Tx) error {
		jobs := tx.Bucket([]byte(bucketJobs))
		if jobs == nil {
			return fmt.Errorf("%w: no bucket %s", job.ErrBadJournal, bucketJobs)
		}
		return f(jobs)
	}))
}

// update writes to the file.
func (b *File) update(f func(tx *dbfile.Tx) error) error { return journalError(b.db.Update(f)) }

// Flushes says whether a write is flushed to the disk before it counts.
func (b *File) Flushes() bool { return !b.db.DB().Bolt().NoSync }

// Close releases the file.
func (b *File) Close() error { return b.db.Close() }

// Save writes a job.
func (b *File) Save(ctx context.Context, j *job.Job) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	raw, err := json.Marshal(j)
	if err != nil {
		return fmt.Errorf("job %s: %w", j.ID, err)
	}
	err = b.update(func(tx *dbfile.Tx) error {
		if err := countWrite(tx); err != nil {
			return err
		}
		return tx.Bucket([]byte(bucketJobs)).Put([]byte(j.ID), raw)
	})
	if err != nil {
		return fmt.Errorf("job %s: save: %w", j.ID, err)
	}
	return nil
}

// Job reads one job.
func (b *File) Job(ctx context.Context, id job.ID) (*job.Job, error) {
	var j *job.Job
	err := b.view(func(stored *dbfile.Bucket) error {
		raw := stored.Get([]byte(id))
		if raw == nil {
			return fmt.Errorf("job %s: %w", id, job.ErrNoJob)
		}
		var err error
		j, err = job.Decode(raw)
		return err
	})
	return j, errors.Join(err, ctx.Err())
}

// Jobs reads all jobs, oldest first.
func (b *File) Jobs(ctx context.Context) ([]*job.Job, error) {
	var jobs []*job.Job
	err := b.view(func(stored *dbfile.Bucket) error {
		return stored.ForEach(func(_, raw []byte) error {
			j, err := job.Decode(raw)
			jobs = append(jobs, j)
			return err
		})
	})
	if err = errors.Join(err, ctx.Err()); err != nil {
		return nil, err
	}
	slices.SortStableFunc(jobs, func(a, b *job.Job) int { return a.Created.Compare(b.Created) })
	return jobs, nil
}
