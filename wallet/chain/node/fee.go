package node

import (
	"context"
	"fmt"
	"math"

	"github.com/btcsuite/btcd/btcjson"
	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/wallet/chain"
)

const (
	mostFeeTarget = 25 // blocks that btcd's estimator looks ahead
)

// fees asks the node what transactions pay, and have to.
type fees struct{ *link }

// EstimateFeeRate returns the fee rate, in satoshi per 1000 virtual bytes, with which a transaction
// should be in a block within so many blocks. known is false while the node has seen too little to
// tell; the rate is then meaningless and not 0.
func (n *fees) EstimateFeeRate(ctx context.Context, blocks int32) (rate btcutil.Amount, known bool, err error) {
	blocks = min(max(blocks, 1), mostFeeTarget)
	var btc *float64
	if n.cfg.Kind == Bitcoind {
		var answer btcjson.EstimateSmartFeeResult
		err = n.rpc.call(ctx, "estimatesmartfee", &answer, max(blocks, 2))
		btc = answer.FeeRate
	} else {
		err = n.rpc.call(ctx, "estimatefee", &btc, blocks)
		if isRPCError(err) { // "not enough blocks have been observed"
			return 0, false, nil
		}
	}
	if err != nil {
		return 0, false, fmt.Errorf("estimate fee rate: %w", err)
	}
	return feeRate(btc)
}

// feeRate turns a node's BTC per 1000 virtual bytes into satoshi; nodes say "unknown" by leaving it
// out or with a number that is not positive.
func feeRate(btc *float64) (btcutil.Amount, bool, error) {
	if btc == nil || *btc <= 0 {
		return 0, false, nil
	}
	if math.IsNaN(*btc) || *btc > chain.MostFeeRate {
		return 0, false, fmt.Errorf("%w: fee rate of %v BTC per 1000 bytes", chain.ErrBadAnswer, *btc)
	}
	rate, err := btcutil.NewAmount(*btc)
	if err != nil || rate < 1 {
		return 0, false, fmt.Errorf("%w: fee rate of %v BTC per 1000 bytes", chain.ErrBadAnswer, *btc)
	}
	return rate, true, nil
}
