package index

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"

	"blockstack/names"
	"blockstack/names/index/store"
	"blockstack/names/rules"
	"blockstack/storage/dbfile"
	"blockstack/storage/local"
)

// Options are how an index is opened.
type Options struct {
	// ReadOnly opens for queries alone; several processes may do so at once. The file must exist.
	ReadOnly bool
	// Timeout is how long to wait for another process to close the file; 0 waits without end.
	Timeout time.Duration
	// BatchBytes is how much is held in memory before it is written while catching up; 0 is
	// defaultBatchBytes.
	BatchBytes int
	// Workers is how many blocks are fetched and read at once while catching up; 0 is one per
	// processor and two more.
	Workers int
}

// defaultBatchBytes is the memory for rows that are not yet written while catching up.
const defaultBatchBytes = 64 << 20

// Index is the state of one registry in a file. Its methods may be called by several goroutines;
// there is one Follow at a time.
type Index struct {
	p        *names.Params
	schedule *rules.Schedule
	db       *dbfile.DB
	path     string
	readOnly bool
	o        Options
	follow   sync.Mutex
	// beforeWrite is called before each write of a batch; a test stops there.
	beforeWrite func() error
}

// Open opens the index of a registry, and makes the file when there is none. A file of another
// registry gives ErrOtherRegistry, a damaged one ErrCorrupt, an older one ErrOlderVersion, one that
// another process has open ErrBusy; Rebuild makes a new one of the first three.
func Open(path string, p *names.Params, o Options) (*Index, error) {
	x := &Index{p: p, schedule: rules.NewSchedule(p), path: path, readOnly: o.ReadOnly, o: o}
	db, err := openFile(path, o)
	if errors.Is(err, dbfile.ErrNotFound) {
		err = dbfile.Create(path, o.Timeout, x.initialize)
		if err == nil || errors.Is(err, dbfile.ErrExists) { // another process was faster
			db, err = openFile(path, o)
		}
	}
	if err != nil {
		return nil, err
	}
	x.db = db
	if err := x.read(func(tx *bolt.Tx) error { return store.Check(tx, p) }); err != nil {
		return nil, errors.Join(fmt.Errorf("index %s: %w", path, err), db.Close())
	}
	return x, nil
}

// Rebuild deletes the file and opens an empty index in its place. Nothing in it is lost for good:
// it is built again from blocks.
func Rebuild(path string, p *names.Params, o Options) (*Index, error) {
	if o.ReadOnly {
		return nil, fmt.Errorf("rebuild index %s: %w", path, ErrReadOnly)
	}
	// The lock of a file that another process has open would not stop us from deleting it.
	db, err := openFile(path, o)
	if err == nil {
		err = db.Close()
	}
	if err != nil && !errors.Is(err, ErrCorrupt) && !errors.Is(err, dbfile.ErrNotFound) {
		return nil, fmt.Errorf("rebuild index %s: %w", path, err)
	}
	place, err := local.Target(path) // a link to it stays
	if err != nil {
		return nil, fmt.Errorf("rebuild index: %w", err)
	}
	if err := os.Remove(place); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("rebuild index: %w", err)
	}
	return Open(path, p, o)
}

// Close closes the file.
func (x *Index) Close() error {
	x.follow.Lock()
	defer x.follow.Unlock()
	if err := x.db.Close(); err != nil {
		return fmt.Errorf("close index %s: %w", x.path, err)
	}
	return nil
}

// Params is the registry that the index belongs to.
func (x *Index) Params() *names.Params { return x.p }

// Tip is the last block of an index.
type Tip = store.Tip

// Tip is the last block that the index has read.
func (x *Index) Tip(ctx context.Context) (Tip, error) {
	var tip Tip
	err := x.query(ctx, func(_ *store.Reader, t Tip) error {
		tip = t
		return nil
	})
	return tip, err
}

// query runs f over the state at the tip.
func (x *Index) query(ctx context.Context, f func(r *store.Reader, tip Tip) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return x.read(func(tx *bolt.Tx) error {
		r := store.NewReader(x.p, tx)
		tip, err := r.Tip()
		if err != nil {
			return err
		}
		return f(r, tip)
	})
}

// read runs f in a reading transaction.
func (x *Index) read(f func(tx *bolt.Tx) error) error { return fileError(x.db.View(f)) }

// update runs f in a writing transaction.
func (x *Index) update(f func(tx *bolt.Tx) error) error {
	if x.readOnly {
		return ErrReadOnly
	}
	return fileError(x.db.Update(f))
}

// initialize empties the file, or fills a new one.
func (x *Index) initialize(tx *bolt.Tx) error { return store.Initialize(tx, x.p, x.schedule) }

// openFile opens the file.
func openFile(path string, o Options) (*dbfile.DB, error) {
	db, err := dbfile.Open(path, dbfile.Options{ReadOnly: o.ReadOnly, Wait: o.Timeout, Freelist: bolt.FreelistMapType})
	switch {
	case errors.Is(err, dbfile.ErrNotFound) && o.ReadOnly:
		return nil, fmt.Errorf("%s: %w", path, ErrNoIndex)
	case err != nil:
		return nil, fileError(err)
	}
	return db, nil
}

// fileError says in our words what is wrong with the file.
func fileError(err error) error {
	for _, e := range []struct{ theirs, ours error }{
		{dbfile.ErrDamaged, ErrCorrupt}, {rules.ErrNoConsensus, ErrCorrupt}, {dbfile.ErrNewer, ErrNewerVersion}, {dbfile.ErrBusy, ErrBusy},
	} {
		if errors.Is(err, e.theirs) && !errors.Is(err, e.ours) {
			return fmt.Errorf("%w: %w", e.ours, err)
		}
	}
	return err
}
