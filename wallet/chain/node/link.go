package node

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/btcjson"
	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/wallet/chain"
)

// link asks one node. What it says is believed here as far as its form goes; the roles that are
// built on it hold it to more.
type link struct {
	cfg Config
	rpc *rpc
}

// saidTip is the best block that the node names.
func (n *link) saidTip(ctx context.Context) (int32, chainhash.Hash, error) {
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
		return 0, chainhash.Hash{}, fmt.Errorf("tip: %w: height %d", chain.ErrBadAnswer, height)
	}
	return height, hash, nil
}

// saidHashAt is the hash that the node says the block at a height has.
func (n *link) saidHashAt(ctx context.Context, height int32) (chainhash.Hash, error) {
	var text string
	err := n.rpc.call(ctx, "getblockhash", &text, height)
	if n.outOfRange(err) {
		return chainhash.Hash{}, fmt.Errorf("block at height %d: %w", height, chain.ErrBlockNotFound)
	}
	if err != nil {
		return chainhash.Hash{}, fmt.Errorf("block at height %d: %w", height, err)
	}
	return parseHash(text)
}

func (n *link) callHex(ctx context.Context, method string, params ...any) ([]byte, error) {
	var text string
	if err := n.rpc.call(ctx, method, &text, params...); err != nil {
		return nil, err
	}
	raw, err := hex.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", chain.ErrBadAnswer, err)
	}
	return raw, nil
}

func (n *link) lying(err error) error { return &Lying{Host: n.cfg.Host, Err: err} }

// outOfRange says that the node has no block at a height that it was asked for, and not that it
// cannot answer now.
func (n *link) outOfRange(err error) bool {
	var e *btcjson.RPCError
	if !errors.As(err, &e) {
		return false
	}
	return e.Code == btcjson.ErrRPCInvalidParameter || n.cfg.Kind == Btcd && e.Code == btcjson.ErrRPCOutOfRange
}

func parseHash(text string) (chainhash.Hash, error) {
	var h chainhash.Hash
	if len(text) != chainhash.MaxHashStringSize {
		return h, fmt.Errorf("%w: hash %q", chain.ErrBadAnswer, chain.Clip(text))
	}
	if err := chainhash.Decode(&h, text); err != nil {
		return h, fmt.Errorf("%w: %w", chain.ErrBadAnswer, err)
	}
	return h, nil
}

// isRPCError tells the node's own "no" from a failure on the way.
func isRPCError(err error) bool {
	var e *btcjson.RPCError
	return errors.As(err, &e)
}
