package chain

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

const (
	feeBlocks = 6 // recent blocks that RecentFeeRate looks at

	// MostFeeRate is in BTC per 1000 virtual bytes; more is a broken estimate.
	MostFeeRate = 1
)

// recentBlocks is what RecentFeeRate needs of a source of blocks.
type recentBlocks interface {
	Tip(ctx context.Context) (int32, chainhash.Hash, error)
	HashAt(ctx context.Context, height int32) (chainhash.Hash, error)
	RawBlock(ctx context.Context, hash chainhash.Hash) ([]byte, error)
}

// RecentFeeRate is what the transactions of the last six blocks paid, in satoshi per 1000 virtual
// bytes: the median over those blocks that had any. It is for sources that cannot estimate. It
// needs nothing but the blocks: the fees of one are what its miner took beyond the subsidy. known
// is false when there were no transactions to learn from.
func RecentFeeRate(ctx context.Context, b recentBlocks, net *chaincfg.Params) (rate btcutil.Amount, known bool, err error) {
	tip, _, err := b.Tip(ctx)
	if err != nil {
		return 0, false, fmt.Errorf("fees of recent blocks: %w", err)
	}
	var rates []btcutil.Amount
	for h := tip; h > 0 && h > tip-feeBlocks; h-- {
		hash, err := b.HashAt(ctx, h)
		if err != nil {
			return 0, false, fmt.Errorf("fees of recent blocks: %w", err)
		}
		raw, err := b.RawBlock(ctx, hash)
		if err != nil {
			return 0, false, fmt.Errorf("fees of recent blocks: %w", err)
		}
		var block wire.MsgBlock
		if err := block.Deserialize(bytes.NewReader(raw)); err != nil {
			return 0, false, fmt.Errorf("fees of block %d: %w: %w", h, ErrBadAnswer, err)
		}
		if r, ok := blockFeeRate(&block, h, net); ok {
			rates = append(rates, r)
		}
	}
	if len(rates) == 0 {
		return 0, false, nil
	}
	slices.Sort(rates)
	return rates[len(rates)/2], true, nil
}

// blockFeeRate is what the transactions of a block paid on average; ok is false when it has none,
// or when its miner took less than he might.
func blockFeeRate(block *wire.MsgBlock, height int32, net *chaincfg.Params) (rate btcutil.Amount, ok bool) {
	if len(block.Transactions) < 2 {
		return 0, false
	}
	fees := -blockchain.CalcBlockSubsidy(height, net)
	for _, o := range block.Transactions[0].TxOut {
		fees += o.Value
	}
	weight := int64(0)
	for _, tx := range block.Transactions[1:] {
		weight += blockchain.GetTransactionWeight(btcutil.NewTx(tx))
	}
	rate = btcutil.Amount(fees * 4000 / weight)
	return rate, fees > 0 && rate > 0 && rate <= MostFeeRate*btcutil.SatoshiPerBitcoin
}
