package peers

import (
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/lightninglabs/neutrino/headerfs"
)

// neutrino keeps blocks and filters in two stores and changes them from two goroutines: one undoes
// a branch block by block while the other adds filters. Whoever looks at both in between sees a
// chain that never was. So every change holds store.chain for writing, and who needs two answers
// that belong together holds it for reading.

// errBranchGone: filters are to be added for blocks that have left the chain meanwhile. neutrino
// asks for those of the new ones then.
var errBranchGone = errors.New("the blocks of these filters are no longer in the chain")

// blockStore is the headers of blocks for neutrino's goroutines.
type blockStore struct {
	headerfs.BlockHeaderStore
	filters headerfs.FilterHeaderStore
	s       *store
}

// ChainTip is the last header.
func (b *blockStore) ChainTip() (*wire.BlockHeader, uint32, error) {
	h, at, err := b.BlockHeaderStore.ChainTip()
	if err != nil {
		b.s.end("read the last header", err)
	}
	return h, at, err
}

// FetchHeaderByHeight is a header; beyond the last one there is none.
func (b *blockStore) FetchHeaderByHeight(height uint32) (*wire.BlockHeader, error) {
	b.s.chain.RLock()
	defer b.s.chain.RUnlock()
	h, err := b.BlockHeaderStore.FetchHeaderByHeight(height)
	if err != nil {
		if _, last, _ := b.ChainTip(); height <= last {
			b.s.end("read a header", err)
		}
	}
	return h, err
}

// FetchHeader is the header of a block; that it is not known is no failure.
func (b *blockStore) FetchHeader(hash *chainhash.Hash) (*wire.BlockHeader, uint32, error) {
	h, at, err := b.BlockHeaderStore.FetchHeader(hash)
	if err != nil && !errors.Is(err, headerfs.ErrHashNotFound) {
		b.s.end("read a header", err)
	}
	return h, at, err
}

// FetchHeaderAncestors is the headers up to a block.
func (b *blockStore) FetchHeaderAncestors(n uint32, stop *chainhash.Hash) ([]wire.BlockHeader, uint32, error) {
	b.s.chain.RLock() // it looks for the block first, and reads then
	defer b.s.chain.RUnlock()
	h, at, err := b.BlockHeaderStore.FetchHeaderAncestors(n, stop)
	if err != nil && !errors.Is(err, headerfs.ErrHashNotFound) {
		b.s.end("read headers", err)
	}
	return h, at, err
}

// WriteHeaders writes headers.
func (b *blockStore) WriteHeaders(list ...headerfs.BlockHeader) error {
	b.s.chain.Lock()
	defer b.s.chain.Unlock()
	_, last, err := b.ChainTip()
	if err == nil {
		b.s.whole(blockHeadersFile, blockHeaderSize, int64(last))
		err = b.BlockHeaderStore.WriteHeaders(list...)
	}
	if err != nil {
		b.s.end("write headers", err)
	}
	return err
}

// RollbackBlockHeaders removes the last headers.
func (b *blockStore) RollbackBlockHeaders(n uint32) (*headerfs.BlockStamp, error) {
	return b.rollback(n, func() (*headerfs.BlockStamp, error) { return b.BlockHeaderStore.RollbackBlockHeaders(n) })
}

// RollbackLastBlock removes the last header.
func (b *blockStore) RollbackLastBlock() (*headerfs.BlockStamp, error) {
	return b.rollback(1, b.BlockHeaderStore.RollbackLastBlock)
}

func (b *blockStore) rollback(n uint32, remove func() (*headerfs.BlockStamp, error)) (at *headerfs.BlockStamp, err error) {
	b.s.chain.Lock()
	defer b.s.chain.Unlock()
	if err = b.dropFilters(n); err == nil {
		at, err = remove()
	}
	if err != nil {
		b.s.end("remove headers", err)
	}
	return at, err
}

// dropFilters removes the filters of the last n blocks. neutrino does so itself, of those that were
// there when it began: one that came since would be left without its block.
func (b *blockStore) dropFilters(n uint32) error {
	_, last, err := b.BlockHeaderStore.ChainTip()
	if err != nil {
		return err
	}
	if n > last {
		return fmt.Errorf("%d blocks of %d", n, last)
	}
	_, at, err := b.filters.ChainTip()
	for ; err == nil && at > last-n; at-- {
		var below *wire.BlockHeader
		if below, err = b.BlockHeaderStore.FetchHeaderByHeight(at - 1); err == nil {
			hash := below.BlockHash()
			_, err = b.filters.RollbackLastBlock(&hash)
		}
	}
	return err
}

// filterStore is the headers of filters for neutrino's goroutines.
type filterStore struct {
	headerfs.FilterHeaderStore
	blocks headerfs.BlockHeaderStore
	s      *store
}

// ChainTip is the last header.
func (f *filterStore) ChainTip() (*chainhash.Hash, uint32, error) {
	h, at, err := f.FilterHeaderStore.ChainTip()
	if err != nil {
		f.s.end("read the last header of a filter", err)
	}
	return h, at, err
}

// WriteHeaders writes headers, if the last one's block is still in the chain.
func (f *filterStore) WriteHeaders(list ...headerfs.FilterHeader) error {
	f.s.chain.Lock()
	defer f.s.chain.Unlock()
	if len(list) > 0 {
		end := &list[len(list)-1]
		switch at, err := f.blocks.HeightFromHash(&end.HeaderHash); {
		case err != nil && !errors.Is(err, headerfs.ErrHashNotFound):
			f.s.end("write headers of filters", err)
		case err != nil, at != end.Height:
			return errBranchGone
		}
	}
	_, last, err := f.ChainTip()
	if err == nil {
		f.s.whole(filterHeadersFile, filterHeaderSize, int64(last))
		err = f.FilterHeaderStore.WriteHeaders(list...)
	}
	if err != nil {
		f.s.end("write headers of filters", err)
	}
	return err
}

// RollbackLastBlock removes the last header.
func (f *filterStore) RollbackLastBlock(tip *chainhash.Hash) (*headerfs.BlockStamp, error) {
	f.s.chain.Lock()
	defer f.s.chain.Unlock()
	at, err := f.FilterHeaderStore.RollbackLastBlock(tip)
	if err != nil {
		f.s.end("remove a header of a filter", err)
	}
	return at, err
}
