package registrar

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// The journal file, a bbolt database with mode 0600:
//
//	meta: "version" → uint32, big-endian
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

// migrations lead from version i to i+1.
func migrations() []migration {
	return []migration{
		func(tx *bbolt.Tx) error { // 0 → 1: an empty file
			_, err := tx.CreateBucketIfNotExists([]byte(bucketJobs))
			return err
		},
		// 1 → 2: jobs may be signed elsewhere and may move coins first. A program that
		// does not know that would sign by itself, and pay twice.
		func(*bbolt.Tx) error { return nil },
	}
}

// BoltJournal is a Journal in a file.
type BoltJournal struct{ db *bbolt.DB }

// ErrJournalBusy says that another process has the journal open.
var ErrJournalBusy = errors.New("another process is using the journal")

// OpenJournal opens or makes a journal. While it is open nobody else can open
// it; after timeout the error is ErrJournalBusy.
func OpenJournal(path string, timeout time.Duration) (*BoltJournal, error) {
	var db *bbolt.DB
	var file *os.File
	err := guarded(func() (err error) {
		db, err = bbolt.Open(path, 0o600, &bbolt.Options{Timeout: timeout, OpenFile: func(name string, flag int, mode os.FileMode) (_ *os.File, err error) {
			file, err = os.OpenFile(name, flag, mode)
			return file, err
		}})
		return err
	})
	if err != nil && file != nil {
		_ = file.Close() // a panic leaves it open, and locked for everybody
	}
	var onPath *fs.PathError
	var number syscall.Errno
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, fmt.Errorf("journal %s: %w", path, ErrJournalBusy)
	case errors.As(err, &onPath), errors.As(err, &number), errors.Is(err, ErrBadJournal):
		return nil, fmt.Errorf("journal %s: %w", path, err)
	case err != nil: // what the system does not complain about is the content
		return nil, fmt.Errorf("journal %s: %w: %w", path, ErrBadJournal, err)
	}
	if err := guarded(func() error { return prepare(db, path) }); err != nil {
		return nil, errors.Join(fmt.Errorf("journal %s: %w", path, err), db.Close())
	}
	return &BoltJournal{db: db}, nil
}

// guarded runs f and turns a panic about a damaged file into ErrBadJournal: bbolt panics on pages that make no sense, and
// reading a mapped file that was cut short is a memory fault.
func guarded(f func() error) (err error) {
	before := debug.SetPanicOnFault(true)
	defer debug.SetPanicOnFault(before)
	defer func() {
		if r := recover(); r != nil {
			if text, ok := r.(string); ok && strings.HasPrefix(text, "bug:") {
				panic(r)
			}
			err = fmt.Errorf("%w: %v", ErrBadJournal, r)
		}
	}()
	return f()
}

// view reads the file.
func (b *BoltJournal) view(f func(jobs *bbolt.Bucket) error) error {
	return guarded(func() error {
		return b.db.View(func(tx *bbolt.Tx) error {
			jobs := tx.Bucket([]byte(bucketJobs))
			if jobs == nil {
				return fmt.Errorf("%w: no bucket %s", ErrBadJournal, bucketJobs)
			}
			return f(jobs)
		})
	})
}

// prepare narrows the file's mode and brings its layout up to date.
func prepare(db *bbolt.DB, path string) error {
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
		for _, step := range migrations()[version:] {
			if err := step(tx); err != nil {
				return err
			}
		}
		meta, err := tx.CreateBucketIfNotExists([]byte(bucketMeta))
		if err != nil {
			return err
		}
		return meta.Put([]byte(keyVersion), binary.BigEndian.AppendUint32(nil, journalVersion))
	})
}

// storedVersion is the version of the layout, 0 for an empty file.
func storedVersion(tx *bbolt.Tx) (uint32, error) {
	meta := tx.Bucket([]byte(bucketMeta))
	if meta == nil {
		return 0, nil
	}
	v := meta.Get([]byte(keyVersion))
	switch len(v) {
	case 0:
		return 0, nil
	case 4:
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
	if err := guarded(func() error {
		return b.db.Update(func(tx *bbolt.Tx) error { return tx.Bucket([]byte(bucketJobs)).Put([]byte(j.ID), raw) })
	}); err != nil {
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
