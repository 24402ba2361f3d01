package index

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
	"blockstack/names/rules"
	"blockstack/names/state"
	"blockstack/storage/dbfile"
)

// Options are how an index is opened.
type Options struct {
	// ReadOnly opens for queries alone; several processes may do so at once. The file must exist.
	ReadOnly bool
	// Timeout is how long to wait for another process to close the file; 0 waits without end.
	Timeout time.Duration
	// BatchBytes is how much is held in memory before it is written while catching up; 0 is DefaultBatchBytes.
	BatchBytes int
	// Workers is how many blocks are fetched and read at once while catching up; 0 is one per processor and two more.
	Workers int
}

// DefaultBatchBytes is the memory for rows that are not yet written while catching up.
const DefaultBatchBytes = 64 << 20

// Index is the state of one registry in a file. Its methods may be called by several goroutines; there is one Follow at a time.
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

// Open opens the index of a registry, and makes the file when there is none. A file of another registry gives ErrOtherRegistry, a
// damaged one ErrCorrupt, an older one ErrOlderVersion, one that another process has open ErrBusy; Rebuild makes a new one of the first three.
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
	if err := x.prepare(); err != nil {
		return nil, errors.Join(fmt.Errorf("index %s: %w", path, err), db.Close())
	}
	return x, nil
}

// Rebuild deletes the file and opens an empty index in its place. Nothing in it is lost for good: it is built again from blocks.
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
	place, err := dbfile.Target(path) // a link to it stays
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
type Tip struct {
	Height    int32
	Hash      chainhash.Hash
	Consensus names.ConsensusHash
	OpsHash   state.OpsHash
	Empty     bool // no block was read yet: Height is the one before the registry's first block, the hashes are zero
	// ExactUntil is the last height at which the state is certain. It is Height, unless the registry's token grants are missing and
	// an operation was refused for want of tokens.
	ExactUntil int32
}

// Tip is the last block that the index has read.
func (x *Index) Tip(ctx context.Context) (Tip, error) {
	var tip Tip
	err := x.query(ctx, func(v *view, t Tip) error {
		tip = t
		return nil
	})
	return tip, err
}

// query runs f over the state at the tip.
func (x *Index) query(ctx context.Context, f func(v *view, tip Tip) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return x.read(func(s stored) error {
		v := &view{p: x.p, rows: s}
		tip, err := v.tip()
		if err != nil {
			return err
		}
		return f(v, tip)
	})
}

// tip reads the tip.
func (v *view) tip() (Tip, error) {
	b, err := v.rows.get(bMeta, keyTip)
	if err != nil {
		return Tip{}, err
	}
	if len(b) != 4 {
		return Tip{}, fmt.Errorf("%w: no tip", ErrCorrupt)
	}
	height := int32(binary.BigEndian.Uint32(b))
	tip := Tip{Height: height, ExactUntil: height}
	doubt, err := v.rows.get(bMeta, keyDoubt)
	if err != nil {
		return Tip{}, err
	}
	if len(doubt) == 4 {
		tip.ExactUntil = int32(binary.BigEndian.Uint32(doubt)) - 1
	}
	if tip.Height < v.p.FirstBlock {
		tip.Empty = true
		return tip, nil
	}
	row, err := v.block(tip.Height)
	if err == nil && row == nil {
		err = fmt.Errorf("%w: block of the tip is missing", ErrCorrupt)
	}
	if err != nil {
		return Tip{}, err
	}
	tip.Hash, tip.Consensus, tip.OpsHash = row.Hash, row.Consensus, row.OpsHash
	return tip, nil
}
