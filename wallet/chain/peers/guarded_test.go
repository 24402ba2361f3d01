package peers

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/walletdb"
	"github.com/lightninglabs/neutrino"
	"github.com/lightninglabs/neutrino/headerfs"

	"blockstack/wallet/chain"
)

// headerFiles are neutrino's own stores in a folder, behind ours.
type headerFiles struct {
	t       *testing.T
	s       *store
	blocks  *blockStore
	filters *filterStore
}

// newHeaderFiles has n blocks on top of the first one, and the filters of them all.
func newHeaderFiles(t *testing.T, n int) *headerFiles {
	t.Helper()
	dir := t.TempDir()
	db, err := walletdb.Create("bdb", filepath.Join(dir, storeFile), true, time.Second, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	s := &store{DB: db, dir: dir}
	blocks, err := headerfs.NewBlockHeaderStore(dir, s, &chaincfg.RegressionNetParams)
	if err != nil {
		t.Fatal(err)
	}
	filters, err := headerfs.NewFilterHeaderStore(dir, s, headerfs.RegularFilter, &chaincfg.RegressionNetParams, nil)
	if err != nil {
		t.Fatal(err)
	}
	h := &headerFiles{t: t, s: s, blocks: &blockStore{blocks, filters, s}, filters: &filterStore{filters, blocks, s}}
	h.addBlocks(n, 1)
	h.addFilters()
	return h
}

func (h *headerFiles) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// heights are those of the last block and of the last filter.
func (h *headerFiles) heights() (blocks, filters uint32) {
	h.t.Helper()
	_, blocks, err := h.blocks.BlockHeaderStore.ChainTip()
	h.must(err)
	_, filters, err = h.filters.FilterHeaderStore.ChainTip()
	h.must(err)
	return blocks, filters
}

// addBlocks puts blocks of a branch on top.
func (h *headerFiles) addBlocks(n int, branch uint32) {
	h.t.Helper()
	tip, at, err := h.blocks.BlockHeaderStore.ChainTip()
	h.must(err)
	var list []headerfs.BlockHeader
	for range n {
		at++
		next := &wire.BlockHeader{PrevBlock: tip.BlockHash(), Timestamp: time.Unix(int64(at), 0), Nonce: branch}
		list, tip = append(list, headerfs.BlockHeader{BlockHeader: next, Height: at}), next
	}
	h.must(h.blocks.WriteHeaders(list...))
}

// newFilters are headers of filters for all blocks that have none.
func (h *headerFiles) newFilters() (list []headerfs.FilterHeader) {
	h.t.Helper()
	last, at := h.heights()
	for at++; at <= last; at++ {
		block, err := h.blocks.BlockHeaderStore.FetchHeaderByHeight(at)
		h.must(err)
		list = append(list, headerfs.FilterHeader{HeaderHash: block.BlockHash(), FilterHash: chainhash.Hash{byte(at)}, Height: at})
	}
	return list
}

func (h *headerFiles) addFilters() {
	h.t.Helper()
	h.must(h.filters.WriteHeaders(h.newFilters()...))
}

// undo removes the last n blocks as neutrino does: one by one, each after its filter.
func (h *headerFiles) undo(n int) {
	for range n {
		tip, at, err := h.blocks.ChainTip()
		h.must(err)
		if _, with := h.heights(); with == at {
			_, err := h.filters.RollbackLastBlock(&tip.PrevBlock)
			h.must(err)
		}
		_, err = h.blocks.RollbackLastBlock()
		h.must(err)
	}
}

// meanwhile runs f on a goroutine of its own, and waits until it is done or has shown that it must
// wait itself.
func meanwhile(f func()) (done chan struct{}) {
	done = make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(300 * time.Millisecond):
	}
	return done
}

// betweenFilters is a store of filters with something that happens after a read.
type betweenFilters struct {
	headerfs.FilterHeaderStore
	once func()
}

func (b *betweenFilters) ChainTip() (*chainhash.Hash, uint32, error) {
	hash, at, err := b.FilterHeaderStore.ChainTip()
	if f := b.once; f != nil {
		b.once = nil
		f()
	}
	return hash, at, err
}

// between is the same for blocks.
type between struct {
	headerfs.BlockHeaderStore
	once func()
}

func (b *between) happen() {
	if f := b.once; f != nil {
		b.once = nil
		f()
	}
}

func (b *between) ChainTip() (*wire.BlockHeader, uint32, error) {
	defer b.happen()
	return b.BlockHeaderStore.ChainTip()
}

func (b *between) FetchHeaderByHeight(height uint32) (*wire.BlockHeader, error) {
	defer b.happen()
	return b.BlockHeaderStore.FetchHeaderByHeight(height)
}

// FetchHeaderAncestors looks for the block first and reads then, as neutrino's does.
func (b *between) FetchHeaderAncestors(n uint32, stop *chainhash.Hash) ([]wire.BlockHeader, uint32, error) {
	at, err := b.BlockHeaderStore.HeightFromHash(stop)
	if err != nil {
		return nil, 0, err
	}
	b.happen()
	var list []wire.BlockHeader
	for height := at - n; height <= at; height++ {
		h, err := b.BlockHeaderStore.FetchHeaderByHeight(height)
		if err != nil {
			return nil, 0, err
		}
		list = append(list, *h)
	}
	return list, at - n, nil
}

// A reorg in the middle of a question to the stores is no damage: the answer is one that was right
// before it, or is right after it.
func TestPeersAnswerDuringReorg(t *testing.T) {
	const blocks = 30
	for name, c := range map[string]struct {
		meanwhile func(h *headerFiles)
		filters   bool // it happens after a look at the filters
		ask       func(p *Peers) error
		err       error
	}{
		"the tip, while the branch is undone": {
			meanwhile: func(h *headerFiles) { h.undo(20) }, filters: true,
			ask: func(p *Peers) error {
				height, _, err := p.Tip(t.Context())
				if err == nil && height != blocks {
					t.Errorf("the tip is %d", height)
				}
				return err
			},
		},
		"a block above the tip, while the chain grows": {
			meanwhile: func(h *headerFiles) { h.addBlocks(10, 2) },
			ask: func(p *Peers) error {
				_, err := p.HashAt(t.Context(), blocks+5)
				return err
			},
			err: chain.ErrBlockNotFound,
		},
		"heights, while the branch is undone": {
			meanwhile: func(h *headerFiles) { h.undo(20) },
			ask: func(p *Peers) error {
				b, f, err := p.heights()
				if err == nil && b != f {
					t.Errorf("%d blocks, %d filters", b, f)
				}
				return err
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHeaderFiles(t, blocks)
			if c.filters {
				h.addBlocks(5, 1) // so that the tip is a block below the last one
			}
			var done chan struct{}
			once := func() { done = meanwhile(func() { c.meanwhile(h) }) }
			slow, slowFilters := &between{BlockHeaderStore: h.blocks.BlockHeaderStore}, &betweenFilters{FilterHeaderStore: h.filters.FilterHeaderStore}
			if slow.once = once; c.filters {
				slow.once, slowFilters.once = nil, once
			}
			h.s.serve()
			p := &Peers{store: h.s, cs: &neutrino.ChainService{BlockHeaders: slow, RegFilterHeaders: slowFilters}}
			if err := c.ask(p); !errors.Is(err, c.err) {
				t.Errorf("error %v, want %v", err, c.err)
			}
			if <-done; h.s.err() != nil {
				t.Errorf("the stores have failed: %v", h.s.err())
			}
		})
	}
}

// The same for what neutrino itself asks: it goes on.
func TestPeersStoresDuringReorg(t *testing.T) {
	const blocks = 30
	for name, c := range map[string]struct {
		meanwhile func(h *headerFiles)
		ask       func(b *blockStore, tip chainhash.Hash) bool
	}{
		"ancestors, while the branch is undone": {
			meanwhile: func(h *headerFiles) { h.undo(20) },
			ask: func(b *blockStore, tip chainhash.Hash) bool {
				list, _, err := b.FetchHeaderAncestors(10, &tip)
				return err == nil && len(list) == 11
			},
		},
		"a header above the tip, while the chain grows": {
			meanwhile: func(h *headerFiles) { h.addBlocks(10, 2) },
			ask: func(b *blockStore, _ chainhash.Hash) bool {
				_, err := b.FetchHeaderByHeight(blocks + 5)
				return err != nil
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHeaderFiles(t, blocks)
			tip, _, err := h.blocks.ChainTip()
			h.must(err)
			var done chan struct{}
			slow := &between{BlockHeaderStore: h.blocks.BlockHeaderStore, once: func() {
				done = meanwhile(func() { c.meanwhile(h) })
			}}
			asked, answered := make(chan struct{}), false
			go func() {
				defer close(asked)
				answered = c.ask(&blockStore{slow, h.filters.FilterHeaderStore, h.s}, tip.BlockHash())
			}()
			<-asked
			if <-done; !answered || h.s.err() != nil {
				t.Errorf("answered: %v; the stores have failed: %v", answered, h.s.err())
			}
		})
	}
}

// Filters that come while their branch is undone go with their blocks, and those of a branch that
// is gone are not added.
func TestPeersFiltersOfBranch(t *testing.T) {
	h := newHeaderFiles(t, 20)
	h.addBlocks(10, 1) // without filters: neutrino removes none of these
	undo := func(n int) {
		for range n {
			_, err := h.blocks.RollbackLastBlock()
			h.must(err)
		}
	}
	gone := h.newFilters()
	undo(2)
	if err := h.filters.WriteHeaders(gone...); !errors.Is(err, errBranchGone) {
		t.Errorf("filters of a branch that is gone: %v", err)
	}
	h.addFilters()
	if b, f := h.heights(); b != 28 || f != 28 {
		t.Errorf("%d blocks, %d filters, want 28", b, f)
	}
	undo(8)
	if b, f := h.heights(); b != 20 || f != 20 {
		t.Errorf("%d blocks, %d filters, want 20", b, f)
	}
	h.addBlocks(12, 2)
	if err := h.filters.WriteHeaders(gone...); !errors.Is(err, errBranchGone) {
		t.Errorf("filters of the other branch: %v", err)
	}
	h.addFilters()
	if b, f := h.heights(); b != 32 || f != 32 || h.s.err() != nil {
		t.Errorf("%d blocks, %d filters, want 32 (%v)", b, f, h.s.err())
	}
}
