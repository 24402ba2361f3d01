package node

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/btcsuite/btcd/btcjson"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/wallet/chain"
)

// usualIncrement is the increment of nodes that do not say theirs, in satoshi per 1000 virtual
// bytes.
const usualIncrement btcutil.Amount = 1000

// RelayFees asks the node what its memory pool wants.
func (n *fees) RelayFees(ctx context.Context) (chain.RelayFees, error) {
	var answer struct {
		Relay     *float64 `json:"relayfee"`            // btcd, BTC/kB
		Mempool   *float64 `json:"mempoolminfee"`       // bitcoind, BTC/kvB: rises when the pool is full
		Least     *float64 `json:"minrelaytxfee"`       // bitcoind, BTC/kvB
		Increment *float64 `json:"incrementalrelayfee"` // bitcoind, BTC/kvB
	}
	method := "getinfo"
	if n.cfg.Kind == Bitcoind {
		method = "getmempoolinfo"
	}
	if err := n.rpc.call(ctx, method, &answer); err != nil {
		return chain.RelayFees{}, fmt.Errorf("fees of the memory pool: %w", err)
	}
	var fees chain.RelayFees
	found := false
	for _, btc := range []*float64{answer.Relay, answer.Mempool, answer.Least} {
		rate, known, err := feeRate(btc)
		if err != nil {
			return chain.RelayFees{}, fmt.Errorf("fees of the memory pool: %w", err)
		}
		fees.Floor, found = max(fees.Floor, rate), found || known
	}
	if !found {
		return chain.RelayFees{}, fmt.Errorf("fees of the memory pool: %w: none in it", chain.ErrBadAnswer)
	}
	increment, known, err := feeRate(answer.Increment)
	switch {
	case err != nil:
		return chain.RelayFees{}, fmt.Errorf("fees of the memory pool: %w", err)
	case known:
		fees.Increment = increment
	case n.cfg.Kind == Bitcoind:
		fees.Increment = usualIncrement
	default: // btcd's replacement pays its relay fee on top
		fees.Increment = fees.Floor
	}
	return fees, nil
}

// HangingFees is what all unconfirmed descendants of a transaction pay together. Who replaces the
// transaction evicts them, and pays at least that on top of its own fee (BIP 125 rule 3). It is 0
// for a transaction that is not in the memory pool.
func (n *fees) HangingFees(ctx context.Context, txid chainhash.Hash) (btcutil.Amount, error) {
	hanging := n.hangingListed
	if n.cfg.Kind == Bitcoind {
		hanging = n.hangingEntry
	}
	fees, err := hanging(ctx, txid)
	if err != nil {
		return 0, fmt.Errorf("what hangs on transaction %s: %w", txid, err)
	}
	return fees, nil
}

// hangingEntry asks a bitcoind, which keeps the sum.
func (n *fees) hangingEntry(ctx context.Context, txid chainhash.Hash) (btcutil.Amount, error) {
	var entry struct {
		Fees struct {
			Base       *float64 `json:"base"`       // its own, in BTC
			Descendant *float64 `json:"descendant"` // with its own
		} `json:"fees"`
	}
	err := n.rpc.call(ctx, "getmempoolentry", &entry, txid.String())
	var said *btcjson.RPCError
	switch {
	case errors.As(err, &said) && said.Code == btcjson.ErrRPCInvalidAddressOrKey: // not in the pool
		return 0, nil
	case err != nil:
		return 0, err
	case entry.Fees.Base == nil || entry.Fees.Descendant == nil:
		return 0, fmt.Errorf("%w: no fees", chain.ErrBadAnswer)
	}
	own, err := feeAmount(*entry.Fees.Base)
	if err != nil {
		return 0, err
	}
	all, err := feeAmount(*entry.Fees.Descendant)
	if err == nil && all < own {
		err = fmt.Errorf("%w: fees of %s and %s", chain.ErrBadAnswer, own, all)
	}
	if err != nil {
		return 0, err
	}
	return all - own, nil
}

// hangingListed adds it up from the whole pool of a btcd.
func (n *fees) hangingListed(ctx context.Context, txid chainhash.Hash) (btcutil.Amount, error) {
	var pool map[string]struct {
		Fee     float64  `json:"fee"` // BTC
		Depends []string `json:"depends"`
	}
	if err := n.rpc.call(ctx, "getrawmempool", &pool, true); err != nil {
		return 0, err
	}
	children := make(map[string][]string)
	for id, e := range pool {
		for _, parent := range e.Depends {
			children[parent] = append(children[parent], id)
		}
	}
	var sum btcutil.Amount
	seen := map[string]bool{txid.String(): true}
	for next := []string{txid.String()}; len(next) > 0; next = next[1:] {
		for _, id := range children[next[0]] {
			if seen[id] {
				continue
			}
			seen[id] = true
			fee, err := feeAmount(pool[id].Fee)
			if err != nil {
				return 0, err
			}
			if sum += fee; sum > btcutil.MaxSatoshi {
				return 0, fmt.Errorf("%w: fees of %s", chain.ErrBadAnswer, sum)
			}
			next = append(next, id)
		}
	}
	return sum, nil
}

// feeAmount turns a node's BTC into satoshi.
func feeAmount(btc float64) (btcutil.Amount, error) {
	if math.IsNaN(btc) || btc < 0 || btc > btcutil.MaxSatoshi/btcutil.SatoshiPerBitcoin {
		return 0, fmt.Errorf("%w: a fee of %v BTC", chain.ErrBadAnswer, btc)
	}
	return btcutil.NewAmount(btc)
}
