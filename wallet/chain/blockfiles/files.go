package blockfiles

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/chain"
	"blockstack/wallet/chain/headers"
)

var (
	// ErrBadFile is wrapped by every error about what stands in a node's block or undo files; the
	// error itself is a *FileError.
	ErrBadFile = errors.New("block file cannot be used")
	// ErrNoSpentOutputs means that the block files hold no undo data for a block: the node has
	// deleted it, or never connected the block.
	ErrNoSpentOutputs = errors.New("no undo data for this block")
)

// FileError says what is wrong with a file, and where.
type FileError struct {
	File   string
	Offset int64
	Reason string
}

// Error names file and offset.
func (e *FileError) Error() string {
	return fmt.Sprintf("%s: offset %d: %s", e.File, e.Offset, e.Reason)
}

// Unwrap gives ErrBadFile.
func (e *FileError) Unwrap() error { return ErrBadFile }

// Files reads blocks straight from the files of a full node derived from Bitcoin Core: no RPC, no
// transaction index, and the node may be stopped. The undo files beside the blocks show the outputs
// that transactions spend.
//
// The best chain is the one with the most work among the blocks in the files; every header's proof
// of work is checked. The files must reach back to the first block, so those of a pruned node
// cannot be used.
//
// It may be used by several goroutines.
type Files struct {
	dir      string
	net      *chaincfg.Params
	key      xorKey
	cache    string // file; empty: none
	cached   int    // blocks that it holds
	progress func(done, total int64)
	held     *headers.Chain

	mu     sync.Mutex
	files  []*blockFile               // by number
	blocks []fileBlock                // in order of arrival
	byHash map[chainhash.Hash]int32   // into blocks
	orphan map[chainhash.Hash][]int32 // blocks by the missing one before them
	best   []int32                    // the best chain by height, into blocks
	undo   map[int32]undoRecord       // by block, where it was looked up
	undos  map[int][]undoRecord       // records of each undo file
}

// blockFile is a blk*.dat that was read up to an offset.
type blockFile struct {
	number int
	done   int64 // everything before it is known
}

// fileBlock is a block's place and position in the tree.
type fileBlock struct {
	hash   chainhash.Hash
	prev   chainhash.Hash
	parent int32 // into blocks; -1: unknown or none
	height int32 // -1: not connected to the first block
	file   int32
	size   uint32
	bits   uint32 // of its header
	offset int64
	work   uint256
}

// Options are what reading block files may use.
type Options struct {
	// Cache is a file that keeps what was found in the folder, for the next program; empty: none is
	// kept, and every program looks through all files.
	Cache string
	// Headers are what the best chain is held to; nil: only the work that each header claims is
	// checked.
	Headers *headers.Chain
	// Progress, which may be nil, is told how many bytes of the files have been looked through.
	Progress func(done, total int64)
}

// Open reads the headers of all blocks in a node's folder of blocks: blk00000.dat and so on,
// rev00000.dat and so on, and xor.dat where a newer node obfuscates them.
func Open(ctx context.Context, dir string, net *chaincfg.Params, o Options) (*Files, error) {
	key, err := readXorKey(filepath.Join(dir, "xor.dat"))
	if err != nil {
		return nil, err
	}
	f := &Files{
		dir: dir, net: net, key: key, cache: o.Cache, progress: o.Progress, held: o.Headers,
		undo:  make(map[int32]undoRecord),
		undos: make(map[int][]undoRecord),
	}
	f.forget()
	if _, err := os.Stat(f.blockPath(0)); err != nil {
		return nil, fmt.Errorf("block files: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if o.Cache != "" && f.loadCache(ctx) != nil {
		f.forget()
	}
	if err := f.refresh(ctx); err != nil {
		return nil, fmt.Errorf("block files: %w", err)
	}
	f.progress = nil // what is appended later is little
	if o.Cache != "" && len(f.blocks) >= f.cached+cacheStep {
		_ = f.saveCache() // without it the next program looks through the files again: no reason to give no answer
	}
	if len(f.best) == 0 {
		return nil, fmt.Errorf("block files: %w", &FileError{f.blockPath(0), 0,
			"the first block of " + net.Name + " is not there; a pruned node's files cannot be used"})
	}
	if err := f.hold(); err != nil {
		return nil, fmt.Errorf("block files: %w", err)
	}
	return f, nil
}

// forget makes the folder one that nothing was read of.
func (f *Files) forget() {
	f.files, f.blocks, f.best, f.cached = nil, nil, nil, 0
	f.byHash = make(map[chainhash.Hash]int32)
	f.orphan = make(map[chainhash.Hash][]int32)
}

func (f *Files) blockPath(number int) string {
	return filepath.Join(f.dir, fmt.Sprintf("blk%05d.dat", number))
}

func (f *Files) undoPath(number int) string {
	return filepath.Join(f.dir, fmt.Sprintf("rev%05d.dat", number))
}

// refresh reads what was appended since the last time.
func (f *Files) refresh(ctx context.Context) error {
	var done, total int64
	if f.progress != nil {
		for number := len(f.files); ; number++ {
			info, err := os.Stat(f.blockPath(number))
			if err != nil {
				break
			}
			total += info.Size()
		}
	}
	known := len(f.files)
	for number := max(0, known-2); ; number++ {
		if number == len(f.files) {
			if _, err := os.Stat(f.blockPath(number)); errors.Is(err, os.ErrNotExist) {
				return nil
			}
			f.files = append(f.files, &blockFile{number: number})
		}
		if err := f.scan(ctx, f.files[number]); err != nil {
			return err
		}
		if f.progress != nil && number >= known {
			done += f.files[number].done
			f.progress(min(done, total), total)
		}
	}
}

// add puts a block into the tree.
func (f *Files) add(b fileBlock, work uint256) {
	if _, known := f.byHash[b.hash]; known {
		return // a node may write a block twice
	}
	i := int32(len(f.blocks))
	b.parent, b.height, b.work = -1, -1, work
	f.blocks = append(f.blocks, b)
	f.byHash[b.hash] = i
	parent, known := f.byHash[b.prev]
	switch {
	case b.hash == *f.net.GenesisHash:
		f.connect(i, 0, uint256{})
	case known && f.blocks[parent].height >= 0:
		f.blocks[i].parent = parent
		f.connect(i, f.blocks[parent].height+1, f.blocks[parent].work)
	default:
		f.orphan[b.prev] = append(f.orphan[b.prev], i)
	}
}

// connect gives a block, and those that waited for it, height and work, and moves the best chain
// where there is more work.
func (f *Files) connect(i, height int32, before uint256) {
	type step struct {
		i, height int32
		before    uint256
	}
	for todo := []step{{i, height, before}}; len(todo) > 0; {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		b := &f.blocks[s.i]
		b.height, b.work = s.height, s.before.add(b.work)
		if n := len(f.best); n == 0 || f.blocks[f.best[n-1]].work.less(b.work) {
			f.setBest(s.i)
		}
		for _, child := range f.orphan[b.hash] {
			f.blocks[child].parent = s.i
			todo = append(todo, step{child, s.height + 1, b.work})
		}
		delete(f.orphan, b.hash)
	}
}

// setBest makes a connected block the end of the best chain.
func (f *Files) setBest(i int32) {
	height := f.blocks[i].height
	if int(height) < len(f.best) {
		f.best = f.best[:height+1]
	}
	for int(height) >= len(f.best) {
		f.best = append(f.best, -1)
	}
	for ; i >= 0 && f.best[f.blocks[i].height] != i; i = f.blocks[i].parent {
		f.best[f.blocks[i].height] = i
	}
}

// Tip returns the end of the best chain; blocks that the node wrote meanwhile are seen.
func (f *Files) Tip(ctx context.Context) (int32, chainhash.Hash, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	err := f.refresh(ctx)
	if err == nil {
		err = f.hold()
	}
	if err != nil {
		return 0, chainhash.Hash{}, fmt.Errorf("block files: %w", err)
	}
	last := len(f.best) - 1
	return int32(last), f.blocks[f.best[last]].hash, nil
}

// HashAt returns the hash of the best chain's block at a height.
func (f *Files) HashAt(_ context.Context, height int32) (chainhash.Hash, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if height < 0 || int(height) >= len(f.best) {
		return chainhash.Hash{}, fmt.Errorf("block at height %d: %w", height, chain.ErrBlockNotFound)
	}
	return f.blocks[f.best[height]].hash, nil
}

// find returns a block by its hash.
func (f *Files) find(hash chainhash.Hash) (int32, fileBlock, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i, known := f.byHash[hash]
	if !known {
		return 0, fileBlock{}, fmt.Errorf("block %s: %w", hash, chain.ErrBlockNotFound)
	}
	return i, f.blocks[i], nil
}

// RawBlock returns a block's bytes as the node stored them, held to the block's hash: nothing has
// looked at them since they were written.
func (f *Files) RawBlock(_ context.Context, hash chainhash.Hash) ([]byte, error) {
	_, b, err := f.find(hash)
	if err != nil {
		return nil, err
	}
	raw, err := f.key.read(f.blockPath(int(b.file)), b.offset, int(b.size))
	if err != nil {
		return nil, fmt.Errorf("block %s: %w", hash, err)
	}
	if len(raw) < headerLen || chainhash.DoubleHashH(raw[:headerLen]) != hash {
		if f.cache != "" {
			_ = os.Remove(f.cache) // it may be what is wrong
		}
		return nil, fmt.Errorf("block %s: %w", hash, &FileError{f.blockPath(int(b.file)), b.offset,
			"another block lies here: the files were written anew, run the command again"})
	}
	if _, err := chain.CheckBlock(raw, hash, f.net.PowLimit); err != nil {
		return nil, fmt.Errorf("block %s: %w", hash, &FileError{f.blockPath(int(b.file)), b.offset, err.Error()})
	}
	return raw, nil
}

// Header returns a block's header without reading the block.
func (f *Files) Header(_ context.Context, hash chainhash.Hash) (*wire.BlockHeader, error) {
	_, b, err := f.find(hash)
	if err != nil {
		return nil, err
	}
	raw, err := f.key.read(f.blockPath(int(b.file)), b.offset, wire.MaxBlockHeaderPayload)
	if err != nil {
		return nil, fmt.Errorf("header %s: %w", hash, err)
	}
	h := &wire.BlockHeader{}
	if err := h.Deserialize(bytes.NewReader(raw)); err != nil || h.BlockHash() != hash {
		return nil, fmt.Errorf("header %s: %w: another block", hash, chain.ErrBadAnswer)
	}
	return h, nil
}

// PrevOut always fails: the files know spent outputs by the block that spends them, see SpentBy.
func (f *Files) PrevOut(_ context.Context, op wire.OutPoint) (*wire.TxOut, error) {
	return nil, fmt.Errorf("output %s: %w", op, chain.ErrNoTxIndex)
}

// Checked says that RawBlock has held a block's transactions against its header.
func (f *Files) Checked() bool { return true }
