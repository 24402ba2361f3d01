package chain

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/btcsuite/btcd/btcjson"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/lightninglabs/neutrino/cache/lru"

	"blockstack/wallet/chain/headers"
)

const (
	dialTimeout  = 10 * time.Second
	prevTxsBytes = 16 << 20 // of previous transactions kept in memory

	waitFirst = 50 * time.Millisecond // between looks at the tip: starts here,
	waitMost  = 2 * time.Second       // grows to this
)

// Node is a full node reached by RPC. It holds no connection open and may be
// used by several goroutines.
type Node struct {
	cfg  Config
	rpc  *rpc
	prev *lru.Cache[chainhash.Hash, cachedTx]
	*memory
}

// memory is what a node has shown.
type memory struct {
	following sync.Mutex   // one at a time brings the headers to the tip
	followed  atomic.Bool  // they were brought there once
	unbatched atomic.Int32 // how often in a row many questions in one request were not answered
	contents  blockContents
	knew      atomic.Pointer[time.Time] // when the node could last tell what is not there
}

type cachedTx struct{ tx *wire.MsgTx }

// Size implements the cache's measure: bytes.
func (c cachedTx) Size() (uint64, error) { return uint64(c.tx.SerializeSize()), nil }

// Dial checks that the node answers, accepts our credentials and follows our
// network. Its errors wrap ErrUnreachable, ErrUnauthorized or ErrNotReady, or
// are a *WrongNetwork.
func Dial(ctx context.Context, cfg Config) (*Node, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	r, err := newRPC(cfg)
	if err != nil {
		return nil, err
	}
	n := &Node{cfg: cfg, rpc: r, prev: lru.NewCache[chainhash.Hash, cachedTx](prevTxsBytes), memory: &memory{}}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	first, err := n.saidHashAt(ctx, 0)
	if err != nil {
		return nil, err
	}
	if first != *cfg.Net.GenesisHash {
		return nil, &WrongNetwork{Want: cfg.Net.Name, WantBlock: *cfg.Net.GenesisHash, GotBlock: first}
	}
	return n, nil
}

// Close frees what the node's connections hold.
func (n *Node) Close() { n.rpc.close() }

// Config returns the configuration that the node was dialled with.
func (n *Node) Config() Config { return n.cfg }

// Tip returns height and hash of the best block. Where headers are kept, they are
// brought there and checked first.
func (n *Node) Tip(ctx context.Context) (int32, chainhash.Hash, error) {
	height, hash, err := n.saidTip(ctx)
	if err != nil || n.cfg.Headers == nil {
		return height, hash, err
	}
	return n.follow(ctx, height, hash)
}

// saidTip is the best block that the node names.
func (n *Node) saidTip(ctx context.Context) (int32, chainhash.Hash, error) {
	var height int32
	var text string
	if n.cfg.Kind == Bitcoind {
		var info struct {
			Blocks        int32  `json:"blocks"`
			BestBlockHash string `json:"bestblockhash"`
		}
		if err := n.rpc.call(ctx, "getblockchaininfo", &info); err != nil {
			return 0, chainhash.Hash{}, fmt.Errorf("tip: %w", err)
		}
		height, text = info.Blocks, info.BestBlockHash
	} else {
		var best btcjson.GetBestBlockResult
		if err := n.rpc.call(ctx, "getbestblock", &best); err != nil {
			return 0, chainhash.Hash{}, fmt.Errorf("tip: %w", err)
		}
		height, text = best.Height, best.Hash
	}
	hash, err := parseHash(text)
	if err != nil {
		return 0, chainhash.Hash{}, fmt.Errorf("tip: %w", err)
	}
	if height < 0 {
		return 0, chainhash.Hash{}, fmt.Errorf("tip: %w: height %d", ErrBadAnswer, height)
	}
	return height, hash, nil
}

// HashAt returns the hash of the best chain's block at a height; above the tip
// the error wraps ErrBlockNotFound. Where headers are kept it is what they say, and
// the node is asked for what lies above them.
func (n *Node) HashAt(ctx context.Context, height int32) (chainhash.Hash, error) {
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
		err = ErrBlockNotFound
	}
	if err != nil {
		return hash, fmt.Errorf("block at height %d: %w", height, err)
	}
	return hash, nil
}

// saidHashAt is the hash that the node says the block at a height has.
func (n *Node) saidHashAt(ctx context.Context, height int32) (chainhash.Hash, error) {
	var text string
	err := n.rpc.call(ctx, "getblockhash", &text, height)
	if n.outOfRange(err) {
		return chainhash.Hash{}, fmt.Errorf("block at height %d: %w", height, ErrBlockNotFound)
	}
	if err != nil {
		return chainhash.Hash{}, fmt.Errorf("block at height %d: %w", height, err)
	}
	return parseHash(text)
}

// RawBlock returns a block's bytes in Bitcoin's own encoding. They are those of the
// hash that was asked for: see checkBlock.
func (n *Node) RawBlock(ctx context.Context, hash chainhash.Hash) ([]byte, error) {
	raw, err := n.callHex(ctx, "getblock", hash.String(), 0)
	if err != nil {
		return nil, fmt.Errorf("block %s: %w", hash, blockError(err))
	}
	if _, err := checkBlock(raw, hash, n.cfg.Net.PowLimit); err != nil {
		return nil, fmt.Errorf("block %s: %w", hash, n.lying(err))
	}
	return raw, nil
}

// Checked says that RawBlock has held a block's transactions against its header.
func (n *Node) Checked() bool { return true }

// headerHash returns the hash of the block that raw begins with.
func headerHash(raw []byte) (chainhash.Hash, error) {
	if len(raw) < wire.MaxBlockHeaderPayload {
		return chainhash.Hash{}, fmt.Errorf("block of %d bytes is shorter than a header", len(raw))
	}
	return chainhash.DoubleHashH(raw[:wire.MaxBlockHeaderPayload]), nil
}

// Header returns a block's header.
func (n *Node) Header(ctx context.Context, hash chainhash.Hash) (*wire.BlockHeader, error) {
	raw, err := n.callHex(ctx, "getblockheader", hash.String(), false)
	if err != nil {
		return nil, fmt.Errorf("header %s: %w", hash, blockError(err))
	}
	var h wire.BlockHeader
	if err := h.Deserialize(bytes.NewReader(raw)); err != nil {
		return nil, fmt.Errorf("header %s: %w: %w", hash, ErrBadAnswer, err)
	}
	if h.BlockHash() != hash {
		return nil, fmt.Errorf("header %s: %w", hash, n.lying(errors.New("another block")))
	}
	return &h, nil
}

// PrevOut returns the output that an outpoint names, spent or not. It needs the
// node's transaction index (ErrNoTxIndex otherwise).
func (n *Node) PrevOut(ctx context.Context, op wire.OutPoint) (*wire.TxOut, error) {
	tx, err := n.prevTx(ctx, op.Hash)
	if err != nil {
		return nil, err
	}
	if uint64(op.Index) >= uint64(len(tx.TxOut)) {
		return nil, fmt.Errorf("%s: %w", op, ErrNoOutput)
	}
	out := tx.TxOut[op.Index]
	return wire.NewTxOut(out.Value, append([]byte(nil), out.PkScript...)), nil
}

func (n *Node) prevTx(ctx context.Context, txid chainhash.Hash) (*wire.MsgTx, error) {
	if c, err := n.prev.Get(txid); err == nil {
		return c.tx, nil
	}
	tx, err := n.Tx(ctx, txid)
	if err != nil {
		return nil, err
	}
	_, _ = n.prev.Put(txid, cachedTx{tx}) // too large for the cache: not kept
	return tx, nil
}

// WaitBlock waits until the node's best block is another one than known, and
// returns it. A node that cannot be reached ends the wait with an error.
func (n *Node) WaitBlock(ctx context.Context, known chainhash.Hash) (int32, chainhash.Hash, error) {
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

func (n *Node) callHex(ctx context.Context, method string, params ...any) ([]byte, error) {
	var text string
	if err := n.rpc.call(ctx, method, &text, params...); err != nil {
		return nil, err
	}
	raw, err := hex.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadAnswer, err)
	}
	return raw, nil
}

func parseHash(text string) (chainhash.Hash, error) {
	var h chainhash.Hash
	if len(text) != chainhash.MaxHashStringSize {
		return h, fmt.Errorf("%w: hash %q", ErrBadAnswer, clip(text))
	}
	if err := chainhash.Decode(&h, text); err != nil {
		return h, fmt.Errorf("%w: %w", ErrBadAnswer, err)
	}
	return h, nil
}

// outOfRange says that the node has no block at a height that it was asked for, and
// not that it cannot answer now.
func (n *Node) outOfRange(err error) bool {
	var e *btcjson.RPCError
	if !errors.As(err, &e) {
		return false
	}
	return e.Code == btcjson.ErrRPCInvalidParameter || n.cfg.Kind == Btcd && e.Code == btcjson.ErrRPCOutOfRange
}

// isRPCError tells the node's own "no" from a failure on the way.
func isRPCError(err error) bool {
	var e *btcjson.RPCError
	return errors.As(err, &e)
}
