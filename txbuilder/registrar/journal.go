package registrar

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"blockstack/storage/dbfile"
)

// The journal file, a bbolt database with mode 0600:
//
//	meta: "version" → uint32, big-endian, 3
//	      "made"    → 16 random bytes, since the first write
//	      "writes"  → uint64, big-endian: how often a job was written
//	jobs: job id    → JSON of Job
//
// Job ids order nothing; Jobs sorts by time of creation. A Save is one
// transaction and durable (fsync) when it returns.
//
// Version 2: jobs may be signed elsewhere and may move coins first. A program that does
// not know that would sign by itself, and pay twice. Version 3: rows have checksums
// (package dbfile).
const (
	bucketMeta = "meta"
	bucketJobs = "jobs"
	// maxJobBytes bounds what is read as one job.
	maxJobBytes = 16 << 20
)

// journalFormat is the format of the file.
var journalFormat = dbfile.Format{Version: 3, Width: 4, Sums: 3}

// BoltJournal is a Journal in a file.
type BoltJournal struct{ db *dbfile.Rows }

// ErrJournalBusy says that another process has the journal open.
var ErrJournalBusy = errors.New("another process is using the journal")

// OpenJournal opens a journal, or makes it where there is none. A file without content is none of ours and is damage: made anew it would
// hide that jobs are under way. While it is open nobody else can open it; after timeout the error is ErrJournalBusy.
func OpenJournal(path string, timeout time.Duration) (*BoltJournal, error) {
	db, err := openRows(path, timeout)
	if errors.Is(err, dbfile.ErrNotFound) {
		if err = dbfile.CreateRows(path, journalFormat, timeout, newJournal); err == nil || errors.Is(err, dbfile.ErrExists) {
			db, err = openRows(path, timeout)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("journal %s: %w", path, journalError(err))
	}
	b := &BoltJournal{db: db}
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
	for _, e := range []struct{ theirs, ours error }{{dbfile.ErrDamaged, ErrBadJournal}, {dbfile.ErrNewer, ErrNewerJournal}, {dbfile.ErrBusy, ErrJournalBusy}} {
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
func (b *BoltJournal) view(f func(jobs *dbfile.Bucket) error) error {
	return journalError(b.db.View(func(tx *dbfile.Tx) error {
		jobs := tx.Bucket([]byte(bucketJobs))
		if jobs == nil {
			return fmt.Errorf("%w: no bucket %s", ErrBadJournal, bucketJobs)
		}
		return f(jobs)
	}))
}

// update writes to the file.
func (b *BoltJournal) update(f func(tx *dbfile.Tx) error) error { return journalError(b.db.Update(f)) }

// Close releases the file.
func (b *BoltJournal) Close() error { return b.db.Close() }

// Save writes a job.
func (b *BoltJournal) Save(ctx context.Context, j *Job) error {
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
func (b *BoltJournal) Job(ctx context.Context, id ID) (*Job, error) {
	var j *Job
	err := b.view(func(stored *dbfile.Bucket) error {
		raw := stored.Get([]byte(id))
		if raw == nil {
			return fmt.Errorf("job %s: %w", id, ErrNoJob)
		}
		var err error
		j, err = decodeJob(raw)
		return err
	})
	return j, errors.Join(err, ctx.Err())
}

// Jobs reads all jobs, oldest first.
func (b *BoltJournal) Jobs(ctx context.Context) ([]*Job, error) {
	var jobs []*Job
	err := b.view(func(stored *dbfile.Bucket) error {
		return stored.ForEach(func(_, raw []byte) error {
			j, err := decodeJob(raw)
			jobs = append(jobs, j)
			return err
		})
	})
	if err = errors.Join(err, ctx.Err()); err != nil {
		return nil, err
	}
	slices.SortStableFunc(jobs, func(a, b *Job) int { return a.Created.Compare(b.Created) })
	return jobs, nil
}

// decodeJob reads the JSON of a job and holds its transactions to their txids.
func decodeJob(raw []byte) (*Job, error) {
	if len(raw) > maxJobBytes {
		return nil, fmt.Errorf("%w: a job of %d bytes", ErrBadJournal, len(raw))
	}
	var j Job
	if err := json.Unmarshal(raw, &j); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadJournal, err)
	}
	for _, s := range j.Stages {
		if s == nil || s.Current < 0 || s.Current >= len(s.Versions) {
			return nil, fmt.Errorf("%w: job %s: stage without its current version", ErrBadJournal, j.ID)
		}
		for _, v := range s.Versions {
			if v == nil {
				return nil, fmt.Errorf("%w: job %s: empty version", ErrBadJournal, j.ID)
			}
			if _, err := v.Tx(); err != nil {
				return nil, fmt.Errorf("job %s: %w", j.ID, err)
			}
		}
	}
	for _, d := range j.Drafted {
		if err := d.check(); err != nil {
			return nil, fmt.Errorf("%w: job %s: %w", ErrBadJournal, j.ID, err)
		}
	}
	if err := j.check(); err != nil {
		return nil, fmt.Errorf("%w: job %s: %w", ErrBadJournal, j.ID, err)
	}
	return &j, nil
}

// check holds a stored job to what its state takes for granted.
func (j *Job) check() error {
	if stateName(j.State) == "" {
		return fmt.Errorf("no state %d", uint8(j.State))
	}
	switch j.Request.Kind {
	case KindRegister:
		if j.Request.Name.IsZero() || j.Request.Namespace != nil {
			return errors.New("a registration without its name")
		}
	case KindLaunch:
		if j.Request.Namespace == nil {
			return errors.New("a launch without its rules")
		}
	case KindImport:
		if j.Request.Import == nil || len(j.Request.Import.Names) == 0 || len(j.Request.Import.Names) > MaxImports ||
			len(j.Request.Import.Names) > 1 && len(j.Request.Import.Ring) == 0 {
			return errors.New("an import without its list")
		}
	case KindRenew, KindUpdate, KindTransfer, KindRevoke:
		if j.Request.Name.IsZero() || j.Request.Namespace != nil {
			return fmt.Errorf("kind %s without its name", j.Request.Kind)
		}
		if j.State == PreorderSigned || j.State == PreorderConfirmed || j.State == RegisterSigned || j.State == RegisterConfirmed {
			return fmt.Errorf("kind %s is never %s", j.Request.Kind, j.State)
		}
	case KindSplit, KindSeries:
		return j.checkSeries()
	default:
		return fmt.Errorf("unknown kind %.20q", j.Request.Kind)
	}
	if j.Price != nil && (j.Price.Amount == nil || j.Price.Amount.Sign() < 0) {
		return errors.New("a price without an amount")
	}
	fl := j.flow()
	need := map[State][]Role{
		MoveSigned: {RoleMove}, PreorderSigned: {fl.preorder}, PreorderConfirmed: {fl.preorder}, RegisterSigned: {fl.preorder, fl.register},
		RegisterConfirmed: {fl.preorder, fl.register}, UpdateSigned: {fl.preorder, fl.register, fl.update},
		UpdateConfirmed: {fl.preorder, fl.register, fl.update}, Done: {fl.preorder, fl.register},
		Cancelling: {fl.first(), RoleReturn},
	}[j.State]
	if j.State == Done && j.Request.Kind.ofOwner() {
		need = []Role{fl.update}
	}
	ending := j.State == UpdateSigned || j.State == UpdateConfirmed || j.State == Done
	if len(need) > 0 && j.Request.Kind == KindImport && (ending || !j.Request.External) {
		need = append(j.roles(), need...) // all are signed together, unless elsewhere
	}
	for _, role := range need {
		if role != "" && j.stage(role) == nil {
			return fmt.Errorf("%s without its transaction", j.State)
		}
	}
	return nil
}
