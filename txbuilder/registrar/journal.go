package registrar

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"blockstack/storage/dbfile"
)

// The journal file, a bbolt database with mode 0600:
//
//	meta: "version" → uint32, big-endian
//	      "made"    → 16 random bytes, since the first write
//	      "writes"  → uint64, big-endian: how often a job was written
//	jobs: job id    → JSON of Job
//
// Job ids order nothing; Jobs sorts by time of creation. A Save is one
// transaction and durable (fsync) when it returns.
const (
	bucketMeta = "meta"
	bucketJobs = "jobs"
	keyVersion = "version"

	// journalVersion is the version this program writes.
	journalVersion = 2
	// maxJobBytes bounds what is read as one job.
	maxJobBytes = 16 << 20
)

// migration changes the layout from one version to the next.
type migration func(tx *bbolt.Tx) error

// migrations lead from version i+1 to i+2.
func migrations() []migration {
	return []migration{
		// 1 → 2: jobs may be signed elsewhere and may move coins first. A program that
		// does not know that would sign by itself, and pay twice.
		func(*bbolt.Tx) error { return nil },
	}
}

// BoltJournal is a Journal in a file.
type BoltJournal struct{ db *dbfile.DB }

// ErrJournalBusy says that another process has the journal open.
var ErrJournalBusy = errors.New("another process is using the journal")

// OpenJournal opens a journal, or makes it where there is none. A file without content is none of ours and is damage: made anew it would
// hide that jobs are under way. While it is open nobody else can open it; after timeout the error is ErrJournalBusy.
func OpenJournal(path string, timeout time.Duration) (*BoltJournal, error) {
	db, err := dbfile.Open(path, dbfile.Options{Wait: timeout})
	if errors.Is(err, dbfile.ErrNotFound) {
		if err = dbfile.Create(path, timeout, newJournal); err == nil || errors.Is(err, dbfile.ErrExists) {
			db, err = dbfile.Open(path, dbfile.Options{Wait: timeout})
		}
	}
	if err != nil {
		return nil, fmt.Errorf("journal %s: %w", path, journalError(err))
	}
	if err := prepare(db, path); err != nil {
		return nil, errors.Join(fmt.Errorf("journal %s: %w", path, journalError(err)), db.Close())
	}
	return &BoltJournal{db: db}, nil
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
func newJournal(tx *bbolt.Tx) error {
	if _, err := tx.CreateBucket([]byte(bucketJobs)); err != nil {
		return err
	}
	meta, err := tx.CreateBucket([]byte(bucketMeta))
	if err != nil {
		return err
	}
	return putVersion(meta)
}

func putVersion(meta *bbolt.Bucket) error {
	return meta.Put([]byte(keyVersion), binary.BigEndian.AppendUint32(nil, journalVersion))
}

// view reads the file.
func (b *BoltJournal) view(f func(jobs *bbolt.Bucket) error) error {
	return journalError(b.db.View(func(tx *bbolt.Tx) error {
		jobs := tx.Bucket([]byte(bucketJobs))
		if jobs == nil {
			return fmt.Errorf("%w: no bucket %s", ErrBadJournal, bucketJobs)
		}
		return f(jobs)
	}))
}

// update writes to the file.
func (b *BoltJournal) update(f func(tx *bbolt.Tx) error) error { return journalError(b.db.Update(f)) }

// prepare narrows the file's mode and brings its layout up to date.
func prepare(db *dbfile.DB, path string) error {
	if err := os.Chmod(path, 0o600); err != nil {
		return err
	}
	version := uint32(0)
	if err := db.View(func(tx *bbolt.Tx) (err error) {
		version, err = storedVersion(tx)
		return err
	}); err != nil {
		return err
	}
	switch {
	case version > journalVersion:
		return fmt.Errorf("%w: version %d, this program knows %d", ErrNewerJournal, version, journalVersion)
	case version == journalVersion: // nothing is written by looking
		return nil
	}
	return db.Update(func(tx *bbolt.Tx) error {
		for _, step := range migrations()[version-1:] {
			if err := step(tx); err != nil {
				return err
			}
		}
		return putVersion(tx.Bucket([]byte(bucketMeta)))
	})
}

// storedVersion is the version of the layout.
func storedVersion(tx *bbolt.Tx) (uint32, error) {
	meta := tx.Bucket([]byte(bucketMeta))
	if meta == nil || tx.Bucket([]byte(bucketJobs)) == nil {
		return 0, fmt.Errorf("%w: its buckets are not there", ErrBadJournal)
	}
	if v := meta.Get([]byte(keyVersion)); len(v) == 4 && binary.BigEndian.Uint32(v) > 0 {
		return binary.BigEndian.Uint32(v), nil
	}
	return 0, fmt.Errorf("%w: version", ErrBadJournal)
}

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
	err = b.update(func(tx *bbolt.Tx) error {
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
	err := b.view(func(stored *bbolt.Bucket) error {
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
	err := b.view(func(stored *bbolt.Bucket) error {
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
