package node

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/btcsuite/btcd/btcjson"
	"github.com/btcsuite/btcd/btcutil/v2/gcs"
	"github.com/btcsuite/btcd/btcutil/v2/gcs/builder"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/chain"
	"blockstack/wallet/chain/follow"
)

// nodeSource is a node as the source of a follower.
type nodeSource struct {
	*Node
	noFilters atomic.Bool // the node has said that it has none
}

// HeightOf asks for the header with its height.
func (n *nodeSource) HeightOf(ctx context.Context, hash chainhash.Hash) (int32, error) {
	var header struct {
		Height        int32 `json:"height"`
		Confirmations int32 `json:"confirmations"`
	}
	err := n.rpc.call(ctx, "getblockheader", &header, hash.String(), true)
	if err = blockError(err); errors.Is(err, chain.ErrBlockNotFound) || err == nil && header.Confirmations < 1 {
		return 0, chain.ErrBlockNotFound
	}
	if err == nil && header.Height < 0 {
		err = fmt.Errorf("%w: height %d", chain.ErrBadAnswer, header.Height)
	}
	if err == nil && n.cfg.Headers != nil {
		err = n.inChain(ctx, header.Height, hash)
	}
	return header.Height, err
}

// Block fetches a whole block.
func (n *nodeSource) Block(ctx context.Context, hash chainhash.Hash) (*wire.MsgBlock, error) {
	raw, err := n.RawBlock(ctx, hash)
	if err != nil {
		return nil, err
	}
	return parseBlock(hash, raw)
}

// MayHave uses the node's index of filters where it keeps one (-blockfilterindex=1), which spares
// it to send whole blocks.
func (n *nodeSource) MayHave(ctx context.Context, hash chainhash.Hash, scripts [][]byte) (bool, error) {
	if n.noFilters.Load() {
		return true, nil
	}
	text, err := n.saidFilter(ctx, hash)
	var said *btcjson.RPCError
	if errors.As(err, &said) {
		n.noFilters.Store(true)
		return true, nil
	}
	if err != nil {
		return false, err
	}
	raw, err := hex.DecodeString(text)
	if err != nil {
		return false, fmt.Errorf("filter of block %s: %w: %w", hash, chain.ErrBadAnswer, err)
	}
	filter, err := gcs.FromNBytes(builder.DefaultP, builder.DefaultM, raw)
	if err != nil {
		return false, fmt.Errorf("filter of block %s: %w: %w", hash, chain.ErrBadAnswer, err)
	}
	return follow.Matches(filter, hash, scripts)
}

// saidFilter is a block's filter as the node gives it, in hex.
func (n *nodeSource) saidFilter(ctx context.Context, hash chainhash.Hash) (string, error) {
	if n.cfg.Kind == Btcd {
		var text string
		err := n.rpc.call(ctx, "getcfilter", &text, hash.String(), wire.GCSFilterRegular)
		return text, err
	}
	var answer struct {
		Filter string `json:"filter"`
	}
	err := n.rpc.call(ctx, "getblockfilter", &answer, hash.String(), "basic")
	return answer.Filter, err
}

// Send broadcasts.
func (n *nodeSource) Send(ctx context.Context, tx *wire.MsgTx) error {
	_, err := n.Broadcast(ctx, tx)
	return err
}

// Ahead is what the node answers at once.
func (n *nodeSource) Ahead() int { return maxInFlight }

// KeepsStale: a node does.
func (n *nodeSource) KeepsStale() bool { return true }
