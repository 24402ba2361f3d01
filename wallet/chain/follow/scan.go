package follow

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2/gcs"
	"github.com/btcsuite/btcd/btcutil/v2/gcs/builder"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
	btcwallet "github.com/btcsuite/btcwallet/chain"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/wallet/chain"
)

const (
	progressEvery = 200 // blocks of a scan
	keptPlaces    = 300 // blocks whose hashes are remembered, for reorgs
	maxMisfits    = 100 // blocks that do not fit, in one walk to the tip
)

// watchList is what a wallet wants to hear of.
type watchList struct {
	scripts   map[string]bool
	list      [][]byte // the same, for filters
	outPoints map[wire.OutPoint]bool
}

func newWatchList() watchList {
	return watchList{scripts: make(map[string]bool), outPoints: make(map[wire.OutPoint]bool)}
}

func (w *watchList) addScript(script []byte) {
	if !w.scripts[string(script)] {
		w.scripts[string(script)] = true
		w.list = append(w.list, script)
	}
}

// concerns says whether a transaction pays to or spends from what is watched; from then on its
// outputs are watched, too.
func (w *watchList) concerns(tx *wire.MsgTx) bool {
	found := false
	for _, in := range tx.TxIn {
		found = found || w.outPoints[in.PreviousOutPoint]
	}
	txid := tx.TxHash()
	for i, o := range tx.TxOut {
		if w.scripts[string(o.PkScript)] {
			found = true
			w.outPoints[wire.OutPoint{Hash: txid, Index: uint32(i)}] = true
		}
	}
	return found
}

// scan tells of everything from a block on, that block included, up to the tip.
func (f *Client) scan(r rescan) error {
	height, err := f.src.HeightOf(f.ctx, r.from)
	if err != nil {
		return fmt.Errorf("scan from block %s: %w", r.from, err)
	}
	if !f.src.KeepsStale() {
		for h := height - 1; h >= 0 && h > height-keptPlaces; h-- {
			if f.told[h], err = f.src.HashAt(f.ctx, h); err != nil {
				return fmt.Errorf("scan from block %s: %w", r.from, err)
			}
		}
	}
	first := f.fetch(place{height, r.from})
	if first.err != nil {
		return first.err
	}
	if err := f.connect(first, true); err != nil {
		return err
	}
	if err := f.advance(true); err != nil {
		return err
	}
	header, err := f.src.Header(f.ctx, f.last.hash)
	if err != nil {
		return err
	}
	hash := f.last.hash
	f.tell(&btcwallet.RescanFinished{Hash: &hash, Height: f.last.height, Time: header.Timestamp})
	return nil
}

// fetched is a block of the best chain, as far as it is needed.
type fetched struct {
	place
	header *wire.BlockHeader
	block  *wire.MsgBlock // nil: its filter says that nothing in it concerns us
	err    error
}

// fetch gets a block, or only its header when its filter has none of ours.
func (f *Client) fetch(p place) fetched {
	got := fetched{place: p}
	f.mu.Lock()
	scripts := f.watch.list
	f.mu.Unlock()
	may, err := f.src.MayHave(f.ctx, p.hash, scripts)
	if err == nil && may {
		got.block, err = f.src.Block(f.ctx, p.hash)
	}
	switch {
	case err != nil:
	case got.block != nil:
		got.header = &got.block.Header
	default:
		got.header, err = f.src.Header(f.ctx, p.hash)
	}
	if err != nil {
		got.err = fmt.Errorf("block %d: %w", p.height, err)
	}
	return got
}

// fetchAt fetches the best chain's block at a height.
func (f *Client) fetchAt(height int32) <-chan fetched {
	c := make(chan fetched, 1)
	go func() {
		hash, err := f.src.HashAt(f.ctx, height)
		if err != nil {
			c <- fetched{place: place{height: height}, err: err}
			return
		}
		c <- f.fetch(place{height, hash})
	}()
	return c
}

// advance tells of all blocks between the last one and the tip: first those that are no longer in
// the chain, from the top down, then the new ones.
func (f *Client) advance(scanning bool) error {
	ahead := make(map[int32]<-chan fetched)
	misfits := 0
	for {
		if f.ctx.Err() != nil {
			return f.ctx.Err()
		}
		height, hash, err := f.src.Tip(f.ctx)
		if err != nil {
			return err
		}
		if f.last == (place{height, hash}) {
			return nil
		}
		back, err := f.gone(height)
		if err != nil {
			return err
		}
		if back {
			clear(ahead)
			if err := f.disconnect(); err != nil {
				return err
			}
			continue
		}
		// Straight on, until a block does not fit.
		for next := f.last.height + 1; next <= height; next++ {
			for h := next; h < next+int32(f.src.Ahead()) && h <= height; h++ {
				if ahead[h] == nil {
					ahead[h] = f.fetchAt(h)
				}
			}
			got := <-ahead[next]
			delete(ahead, next)
			if got.err != nil && !errors.Is(got.err, chain.ErrBlockNotFound) {
				return got.err
			}
			if got.err != nil || got.header.PrevBlock != f.last.hash { // the chain became another one
				if misfits++; misfits > maxMisfits {
					return fmt.Errorf("block %d: %w: it does not follow the one below it", next, chain.ErrBadAnswer)
				}
				clear(ahead)
				break
			}
			if err := f.connect(got, scanning); err != nil {
				return err
			}
		}
	}
}

// gone says whether the last block that was told is no longer in the best chain.
func (f *Client) gone(tip int32) (bool, error) {
	if f.last.height > tip {
		return true, nil
	}
	now, err := f.src.HashAt(f.ctx, f.last.height)
	if errors.Is(err, chain.ErrBlockNotFound) {
		return true, nil
	}
	return now != f.last.hash, err
}

// connect tells of a block: what concerns us in it, then the block.
func (f *Client) connect(b fetched, scanning bool) error {
	meta := wtxmgr.BlockMeta{Block: wtxmgr.Block{Hash: b.hash, Height: b.height}, Time: b.header.Timestamp}
	var records []*wtxmgr.TxRecord
	if b.block != nil {
		f.mu.Lock()
		for _, tx := range b.block.Transactions {
			if !f.watch.concerns(tx) {
				continue
			}
			r, err := wtxmgr.NewTxRecordFromMsgTx(tx, b.header.Timestamp)
			if err != nil {
				f.mu.Unlock()
				return fmt.Errorf("block %d: %w", b.height, err)
			}
			records = append(records, r)
		}
		f.mu.Unlock()
	}
	if len(records) > 0 && !f.tell(btcwallet.FilteredBlockConnected{Block: &meta, RelevantTxs: records}) {
		return f.ctx.Err()
	}
	f.mu.Lock()
	f.last = b.place
	f.mu.Unlock()
	f.remember(b.place)
	switch {
	case !scanning:
		f.tell(btcwallet.BlockConnected(meta))
	case b.height%progressEvery == 0:
		f.tell(&btcwallet.RescanProgress{Hash: b.hash, Height: b.height, Time: b.header.Timestamp})
	}
	return f.ctx.Err()
}

// disconnect tells that the last block is gone, and goes to the one below it.
func (f *Client) disconnect() error {
	below, at, err := f.parent()
	if err != nil {
		return fmt.Errorf("reorg below block %d: %w", f.last.height, err)
	}
	was := f.last
	f.mu.Lock()
	f.last = place{was.height - 1, below}
	f.mu.Unlock()
	f.tell(btcwallet.BlockDisconnected(wtxmgr.BlockMeta{Block: wtxmgr.Block{Hash: was.hash, Height: was.height}, Time: at}))
	return f.ctx.Err()
}

// remember keeps the hashes of the blocks told last, for a source that forgets those that are no
// longer in the chain.
func (f *Client) remember(p place) {
	f.told[p.height] = p.hash
	delete(f.told, p.height-keptPlaces)
}

// parent is the block below the last one.
func (f *Client) parent() (chainhash.Hash, time.Time, error) {
	if hash, ok := f.told[f.last.height-1]; ok {
		return hash, time.Now(), nil
	}
	header, err := f.src.Header(f.ctx, f.last.hash)
	if err != nil {
		return chainhash.Hash{}, time.Time{}, err
	}
	return header.PrevBlock, header.Timestamp, nil
}

// poolWatch tells of transactions that come into the source's memory pool.
type poolWatch struct {
	f    *Client
	seen map[chainhash.Hash]bool
}

// begin takes what is in the pool as seen: Coins reads it as a whole.
func (p *poolWatch) begin() error {
	src, ok := p.f.src.(pooled)
	if !ok {
		return nil
	}
	ids, err := src.MempoolTxs(p.f.ctx)
	if err != nil {
		return err
	}
	p.seen = make(map[chainhash.Hash]bool, len(ids))
	for _, id := range ids {
		p.seen[id] = true
	}
	return nil
}

// look tells of what is new in the pool.
func (p *poolWatch) look() error {
	src, ok := p.f.src.(pooled)
	if !ok {
		return nil
	}
	ids, err := src.MempoolTxs(p.f.ctx)
	if err != nil {
		return err
	}
	now := make(map[chainhash.Hash]bool, len(ids))
	for _, id := range ids {
		now[id] = true
		if p.seen[id] {
			continue
		}
		tx, err := src.Tx(p.f.ctx, id)
		if errors.Is(err, chain.ErrTxNotFound) || errors.Is(err, chain.ErrCannotTell) {
			continue // it has left the pool meanwhile
		}
		if err != nil {
			return err
		}
		p.f.mu.Lock()
		ours := p.f.watch.concerns(tx)
		p.f.mu.Unlock()
		if !ours {
			continue
		}
		record, err := wtxmgr.NewTxRecordFromMsgTx(tx, time.Now())
		if err != nil {
			return err
		}
		if !p.f.tell(btcwallet.RelevantTx{TxRecord: record}) {
			return context.Cause(p.f.ctx)
		}
	}
	p.seen = now
	return nil
}

// Matches looks for scripts in a block's filter.
func Matches(filter *gcs.Filter, hash chainhash.Hash, scripts [][]byte) (bool, error) {
	if filter.N() == 0 || len(scripts) == 0 {
		return false, nil
	}
	yes, err := filter.MatchAny(builder.DeriveKey(&hash), scripts)
	if err != nil {
		return false, fmt.Errorf("filter of block %s: %w: %w", hash, chain.ErrBadAnswer, err)
	}
	return yes, nil
}
