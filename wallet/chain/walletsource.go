package chain

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/btcsuite/btcd/btcjson"
	"github.com/btcsuite/btcd/btcutil/v2/gcs"
	"github.com/btcsuite/btcd/btcutil/v2/gcs/builder"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// nodeSource is a node as the source of a follower.
type nodeSource struct {
	*Node
	noFilters atomic.Bool // the node has said that it has none
}

// heightOf asks for the header with its height.
func (n *nodeSource) heightOf(ctx context.Context, hash chainhash.Hash) (int32, error) {
	var header struct {
		Height        int32 `json:"height"`
		Confirmations int32 `json:"confirmations"`
	}
	err := n.rpc.call(ctx, "getblockheader", &header, hash.String(), true)
	if err = blockError(err); errors.Is(err, ErrBlockNotFound) || err == nil && header.Confirmations < 1 {
		return 0, ErrBlockNotFound
	}
	if err == nil && header.Height < 0 {
		err = fmt.Errorf("%w: height %d", ErrBadAnswer, header.Height)
	}
	if err == nil && n.cfg.Headers != nil {
		err = n.inChain(ctx, header.Height, hash)
	}
	return header.Height, err
}

// block fetches a whole block.
func (n *nodeSource) block(ctx context.Context, hash chainhash.Hash) (*wire.MsgBlock, error) {
	raw, err := n.RawBlock(ctx, hash)
	if err != nil {
		return nil, err
	}
	return parseBlock(hash, raw)
}

func parseBlock(hash chainhash.Hash, raw []byte) (*wire.MsgBlock, error) {
	var block wire.MsgBlock
	if err := block.Deserialize(bytes.NewReader(raw)); err != nil {
		return nil, fmt.Errorf("block %s: %w: %w", hash, ErrBadAnswer, err)
	}
	return &block, nil
}

// mayHave uses the node's index of filters where it keeps one
// (-blockfilterindex=1), which spares it to send whole blocks.
func (n *nodeSource) mayHave(ctx context.Context, hash chainhash.Hash, scripts [][]byte) (bool, error) {
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
		return false, fmt.Errorf("filter of block %s: %w: %w", hash, ErrBadAnswer, err)
	}
	filter, err := gcs.FromNBytes(builder.DefaultP, builder.DefaultM, raw)
	if err != nil {
		return false, fmt.Errorf("filter of block %s: %w: %w", hash, ErrBadAnswer, err)
	}
	return matches(filter, hash, scripts)
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

// matches looks for scripts in a block's filter.
func matches(filter *gcs.Filter, hash chainhash.Hash, scripts [][]byte) (bool, error) {
	if filter.N() == 0 || len(scripts) == 0 {
		return false, nil
	}
	yes, err := filter.MatchAny(builder.DeriveKey(&hash), scripts)
	if err != nil {
		return false, fmt.Errorf("filter of block %s: %w: %w", hash, ErrBadAnswer, err)
	}
	return yes, nil
}

// send broadcasts.
func (n *nodeSource) send(ctx context.Context, tx *wire.MsgTx) error {
	_, err := n.Broadcast(ctx, tx)
	return err
}

// ahead is what the node answers at once.
func (n *nodeSource) ahead() int { return maxInFlight }

// keepsStale: a node does.
func (n *nodeSource) keepsStale() bool { return true }

// staleTip is how old the best block of a public network may be before a node
// counts as one that is still catching up.
const staleTip = 24 * time.Hour

// caughtUp refuses a node that is far behind: coins that are missing would be
// taken for coins that were never there.
func (n *Node) caughtUp(ctx context.Context) error {
	if isDevNetwork(n.cfg.Net) {
		return nil
	}
	height, hash, err := n.Tip(ctx)
	if err != nil {
		return err
	}
	header, err := n.Header(ctx, hash)
	if err != nil {
		return err
	}
	if time.Since(header.Timestamp) > staleTip {
		return fmt.Errorf("node %s: %w: its best block, %d, is of %s", n.cfg.Host, ErrNotReady, height, header.Timestamp.UTC().Format(time.RFC3339))
	}
	return nil
}
