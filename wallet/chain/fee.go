package chain

import (
	"context"
	"fmt"
	"math"

	"github.com/btcsuite/btcd/btcjson"
	"github.com/btcsuite/btcd/btcutil/v2"
)

const (
	mostFeeTarget = 25 // blocks that btcd's estimator looks ahead
	mostFeeRate   = 1  // BTC per 1000 virtual bytes; more is a broken estimate
)

// EstimateFeeRate returns the fee rate, in satoshi per 1000 virtual bytes, with
// which a transaction should be in a block within so many blocks. known is
// false while the node has seen too little to tell; the rate is then
// meaningless and not 0.
func (n *Node) EstimateFeeRate(ctx context.Context, blocks int32) (rate btcutil.Amount, known bool, err error) {
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

// MinFeeRate returns the lowest fee rate, in satoshi per 1000 virtual bytes,
// that the node accepts now.
func (n *Node) MinFeeRate(ctx context.Context) (btcutil.Amount, error) {
	var answer struct {
		Relay   *float64 `json:"relayfee"`      // btcd, BTC/kB
		Mempool *float64 `json:"mempoolminfee"` // bitcoind, BTC/kvB: rises when the pool is full
		Least   *float64 `json:"minrelaytxfee"` // bitcoind, BTC/kvB
	}
	method := "getinfo"
	if n.cfg.Kind == Bitcoind {
		method = "getmempoolinfo"
	}
	if err := n.rpc.call(ctx, method, &answer); err != nil {
		return 0, fmt.Errorf("minimum fee rate: %w", err)
	}
	var most btcutil.Amount
	found := false
	for _, btc := range []*float64{answer.Relay, answer.Mempool, answer.Least} {
		rate, known, err := feeRate(btc)
		if err != nil {
			return 0, fmt.Errorf("minimum fee rate: %w", err)
		}
		most, found = max(most, rate), found || known
	}
	if !found {
		return 0, fmt.Errorf("minimum fee rate: %w: none in it", ErrBadAnswer)
	}
	return most, nil
}

// feeRate turns a node's BTC per 1000 virtual bytes into satoshi; nodes say
// "unknown" by leaving it out or with a number that is not positive.
func feeRate(btc *float64) (btcutil.Amount, bool, error) {
	if btc == nil || *btc <= 0 {
		return 0, false, nil
	}
	if math.IsNaN(*btc) || *btc > mostFeeRate {
		return 0, false, fmt.Errorf("%w: fee rate of %v BTC per 1000 bytes", ErrBadAnswer, *btc)
	}
	rate, err := btcutil.NewAmount(*btc)
	if err != nil || rate < 1 {
		return 0, false, fmt.Errorf("%w: fee rate of %v BTC per 1000 bytes", ErrBadAnswer, *btc)
	}
	return rate, true, nil
}
