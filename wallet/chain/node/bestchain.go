package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/chain"
	"blockstack/wallet/chain/headers"
)

const (
	waitFirst = 50 * time.Millisecond // between looks at the tip: starts here,
	waitMost  = 2 * time.Second       // grows to this
)

// bestChain is what a node's best chain is made of: its blocks, held to their hashes, and to
// headers where those are kept.
type bestChain struct {
	headerSync
	contents blockContents
}

// Tip returns height and hash of the best block. Where headers are kept, they are brought there and
// checked first.
func (n *bestChain) Tip(ctx context.Context) (int32, chainhash.Hash, error) {
	height, hash, err := n.saidTip(ctx)
	if err != nil || n.cfg.Headers == nil {
		return height, hash, err
	}
	return n.follow(ctx, height, hash)
}

// HashAt returns the hash of the best chain's block at a height; above the tip the error wraps
// ErrBlockNotFound. Where headers are kept it is what they say, and the node is asked for what lies
// above them.
func (n *bestChain) HashAt(ctx context.Context, height int32) (chainhash.Hash, error) {
	if n.cfg.Headers == nil {
		return n.saidHashAt(ctx, height)
	}
	if tip, _ := n.cfg.Headers.Tip(); height > tip || !n.followed.Load() {
		if _, _, err := n.Tip(ctx); err != nil {
			return chainhash.Hash{}, err
		}
	}
	hash, err := n.cfg.Headers.HashAt(height)
	if errors.Is(err, headers.ErrUnknown) {
		err = chain.ErrBlockNotFound
	}
	if err != nil {
		return hash, fmt.Errorf("block at height %d: %w", height, err)
	}
	return hash, nil
}

// RawBlock returns a block's bytes in Bitcoin's own encoding. They are those of the hash that was
// asked for: see CheckBlock.
func (n *bestChain) RawBlock(ctx context.Context, hash chainhash.Hash) ([]byte, error) {
	raw, err := n.callHex(ctx, "getblock", hash.String(), 0)
	if err != nil {
		return nil, fmt.Errorf("block %s: %w", hash, blockError(err))
	}
	if _, err := chain.CheckBlock(raw, hash, n.cfg.Net.PowLimit); err != nil {
		return nil, fmt.Errorf("block %s: %w", hash, n.lying(err))
	}
	return raw, nil
}

// Checked says that RawBlock has held a block's transactions against its header.
func (n *bestChain) Checked() bool { return true }

// Header returns a block's header.
func (n *bestChain) Header(ctx context.Context, hash chainhash.Hash) (*wire.BlockHeader, error) {
	raw, err := n.callHex(ctx, "getblockheader", hash.String(), false)
	if err != nil {
		return nil, fmt.Errorf("header %s: %w", hash, blockError(err))
	}
	var h wire.BlockHeader
	if err := h.Deserialize(bytes.NewReader(raw)); err != nil {
		return nil, fmt.Errorf("header %s: %w: %w", hash, chain.ErrBadAnswer, err)
	}
	if h.BlockHash() != hash {
		return nil, fmt.Errorf("header %s: %w", hash, n.lying(errors.New("another block")))
	}
	return &h, nil
}

// WaitBlock waits until the node's best block is another one than known, and returns it. A node
// that cannot be reached ends the wait with an error.
func (n *bestChain) WaitBlock(ctx context.Context, known chainhash.Hash) (int32, chainhash.Hash, error) {
	for pause := waitFirst; ; pause = min(pause*3/2, waitMost) {
		height, hash, err := n.Tip(ctx)
		if err != nil || hash != known {
			return height, hash, err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return 0, chainhash.Hash{}, fmt.Errorf("wait for a block after %s: %w", known, ctx.Err())
		}
	}
}

// inChain holds a block that the node puts at a height against the known headers. They may have to
// follow a reorg first.
func (n *bestChain) inChain(ctx context.Context, height int32, hash chainhash.Hash) error {
	for fresh := range 2 {
		if fresh == 1 {
			if _, _, err := n.Tip(ctx); err != nil {
				return err
			}
		}
		known, err := n.HashAt(ctx, height)
		if err != nil && !errors.Is(err, chain.ErrBlockNotFound) || known == hash {
			return err
		}
	}
	return fmt.Errorf("block %s: %w: it is not at height %d of the best chain", hash, chain.ErrBlockNotFound, height)
}

// inBlock holds the node's word that a transaction is in a block against the block itself.
func (n *bestChain) inBlock(ctx context.Context, txid, hash chainhash.Hash) error {
	ids := n.contents.get(hash)
	if ids == nil {
		raw, err := n.RawBlock(ctx, hash)
		if err != nil {
			return err
		}
		block, err := parseBlock(hash, raw)
		if err != nil {
			return err
		}
		ids = make(map[chainhash.Hash]bool, len(block.Transactions))
		for _, tx := range block.Transactions {
			ids[tx.TxHash()] = true
		}
		n.contents.put(hash, ids)
	}
	if !ids[txid] {
		return n.lying(fmt.Errorf("it says that %s is in block %s, which has no such transaction", txid, hash))
	}
	return nil
}

// blockContents keeps which transactions are in the blocks that were looked at last.
type blockContents struct {
	mu    sync.Mutex
	ids   map[chainhash.Hash]map[chainhash.Hash]bool
	order []chainhash.Hash
}

// contentsKept is how many blocks it keeps: a list of ours lies in fewer.
const contentsKept = 32

func (c *blockContents) get(block chainhash.Hash) map[chainhash.Hash]bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ids[block]
}

func (c *blockContents) put(block chainhash.Hash, ids map[chainhash.Hash]bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ids == nil {
		c.ids = make(map[chainhash.Hash]map[chainhash.Hash]bool)
	}
	if c.ids[block] != nil {
		return
	}
	if len(c.order) == contentsKept {
		delete(c.ids, c.order[0])
		c.order = c.order[1:]
	}
	c.ids[block] = ids
	c.order = append(c.order, block)
}

func parseBlock(hash chainhash.Hash, raw []byte) (*wire.MsgBlock, error) {
	var block wire.MsgBlock
	if err := block.Deserialize(bytes.NewReader(raw)); err != nil {
		return nil, fmt.Errorf("block %s: %w: %w", hash, chain.ErrBadAnswer, err)
	}
	return &block, nil
}
