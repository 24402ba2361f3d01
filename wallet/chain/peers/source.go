package peers

import (
	"context"
	"fmt"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2/gcs"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/lightninglabs/neutrino"

	"blockstack/wallet/chain/follow"
)

// source is peers as the source of a follower.
type source struct{ *Peers }

// HeightOf finds a block of the best chain.
func (p source) HeightOf(ctx context.Context, hash chainhash.Hash) (int32, error) {
	return p.heightOf(ctx, hash)
}

// Block fetches a block.
func (p source) Block(ctx context.Context, hash chainhash.Hash) (*wire.MsgBlock, error) {
	return p.block(ctx, hash)
}

// MayHave looks into a block's filter.
func (p source) MayHave(ctx context.Context, hash chainhash.Hash, scripts [][]byte) (bool, error) {
	filter, err := persist(ctx, func() (*gcs.Filter, error) {
		return p.cs.GetCFilter(hash, wire.GCSFilterRegular, neutrino.OptimisticBatch())
	})
	if err != nil {
		return false, p.failed(ctx, fmt.Sprintf("filter of block %s", hash), hash, err)
	}
	return follow.Matches(filter, hash, scripts)
}

// Send hands a transaction to all peers without waiting for what they say.
func (p source) Send(ctx context.Context, tx *wire.MsgTx) error {
	if err := p.awaitPeer(ctx); err != nil {
		return fmt.Errorf("send %s: %w", tx.TxHash(), err)
	}
	for _, sp := range p.cs.Peers() {
		sent := make(chan struct{}, 1)
		sp.QueueMessageWithEncoding(tx, sent, wire.WitnessEncoding)
		select {
		case <-sent:
		case <-time.After(time.Second): // it does not read
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// Ahead is one: filters come in batches by themselves.
func (p source) Ahead() int { return 1 }

// KeepsStale: they do not.
func (p source) KeepsStale() bool { return false }
