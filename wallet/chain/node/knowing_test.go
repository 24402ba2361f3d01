package node

import (
	"errors"
	"testing"

	"github.com/btcsuite/btcd/btcjson"
	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/wallet/chain"
)

// TestCannotTell: that a node does not have a transaction means that there is none only where the
// node can know.
func TestCannotTell(t *testing.T) {
	said := func(words string) *btcjson.RPCError { return &btcjson.RPCError{Code: -5, Message: words} }
	const (
		none     = "No such mempool or blockchain transaction. Use gettransaction for wallet transactions."
		noIndex  = "No such mempool transaction. Use -txindex or provide a block hash to enable blockchain transaction queries. Use gettransaction for wallet transactions."
		building = "No such mempool transaction. Blockchain transactions are still in the process of being indexed. Use gettransaction for wallet transactions."
	)
	index := func(synced bool) any {
		return map[string]any{"txindex": map[string]any{"synced": synced, "best_block_height": 7}}
	}
	info := func(blocks, headers int) any { return map[string]any{"blocks": blocks, "headers": headers} }
	loaded := func(yes bool) any { return map[string]any{"loaded": yes} }
	for name, c := range map[string]struct {
		kind               Kind
		said               *btcjson.RPCError
		index, chain, pool any
		want               chain.Ignorance // empty: there is none
	}{
		"a node that knows":              {Bitcoind, said(none), index(true), info(7, 7), loaded(true), ""},
		"one that does not say":          {Bitcoind, said(none), nil, nil, nil, ""},
		"no index":                       {Bitcoind, said(noIndex), map[string]any{}, info(7, 7), loaded(true), chain.NoIndex},
		"index being built":              {Bitcoind, said(building), index(false), info(7, 7), loaded(true), chain.IndexBuilding},
		"index being built, by words":    {Bitcoind, said(building), index(true), info(7, 7), loaded(true), chain.IndexBuilding},
		"index being built, by the info": {Bitcoind, said(none), index(false), info(7, 7), loaded(true), chain.IndexBuilding},
		"no index, by the info":          {Bitcoind, said(none), map[string]any{}, info(7, 7), loaded(true), chain.NoIndex},
		"downloading blocks":             {Bitcoind, said(none), index(true), info(5, 7), loaded(true), chain.CatchingUp},
		"loading the pool":               {Bitcoind, said(none), index(true), info(7, 7), loaded(false), chain.PoolLoading},
		"no index, loading the pool":     {Bitcoind, said(noIndex), nil, info(7, 7), loaded(false), chain.PoolLoading},
		"words that nobody knows":        {Bitcoind, said("Transaktion nicht gefunden"), index(true), info(7, 7), loaded(true), chain.Unclear},
		"btcd":                           {Btcd, said("No information available about transaction 00"), nil, info(7, 7), nil, ""},
		"btcd without its index":         {Btcd, said("The transaction index must be enabled to query the blockchain (specify --txindex)"), nil, nil, nil, chain.NoIndex},
		"btcd downloading blocks":        {Btcd, said("No information available about transaction 00"), nil, info(5, 7), nil, chain.CatchingUp},
	} {
		t.Run(name, func(t *testing.T) {
			a := answers{}.with("getrawtransaction", c.said).with("gettxout", raw(`{"result":null,"error":null,"id":1}`))
			for method, answer := range map[string]any{"getindexinfo": c.index, "getblockchaininfo": c.chain, "getmempoolinfo": c.pool} {
				if answer != nil {
					a[method] = answer
				}
			}
			n := node(t, a, c.kind)
			s, err := n.TxStatus(t.Context(), chainhash.Hash{1})
			_, txErr := n.Tx(t.Context(), chainhash.Hash{1})
			if c.want == "" {
				if err != nil || s.Found || !errors.Is(txErr, chain.ErrTxNotFound) {
					t.Errorf("%+v, %v; %v", s, err, txErr)
				}
				return
			}
			var no *chain.CannotTell
			if !errors.As(err, &no) || no.Why != c.want || !errors.Is(err, chain.ErrCannotTell) || errors.Is(err, chain.ErrTxNotFound) {
				t.Errorf("status: %v", err)
			}
			if indexOnly := c.want == chain.NoIndex || c.want == chain.IndexBuilding; errors.Is(err, chain.ErrNoTxIndex) != indexOnly {
				t.Errorf("taken for a missing index: %v", err)
			}
			if !errors.Is(txErr, chain.ErrCannotTell) || errors.Is(txErr, chain.ErrTxNotFound) {
				t.Errorf("transaction: %v", txErr)
			}
			in, poolErr := n.InMempool(t.Context(), chainhash.Hash{1})
			if poolKnown := c.want == chain.NoIndex || c.want == chain.IndexBuilding; in || (poolErr == nil) != poolKnown {
				t.Errorf("in the pool: %v, %v", in, poolErr)
			}
		})
	}
}

// TestPoolLoaded: a list of a pool that is still being read is no list of the pool.
func TestPoolLoaded(t *testing.T) {
	for want, answer := range map[bool]any{true: map[string]any{"loaded": true}, false: map[string]any{"loaded": false}} {
		if got, err := node(t, answers{}.with("getmempoolinfo", answer), Bitcoind).PoolLoaded(t.Context()); err != nil || got != want {
			t.Errorf("%v, %v", got, err)
		}
	}
	if got, err := node(t, answers{}.with("getmempoolinfo", &btcjson.RPCError{Code: -1, Message: "no"}), Bitcoind).PoolLoaded(t.Context()); err == nil || got {
		t.Errorf("%v, %v", got, err)
	}
}
