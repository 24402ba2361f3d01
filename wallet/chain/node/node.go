package node

import (
	"context"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/lightninglabs/neutrino/cache/lru"

	"blockstack/wallet/chain"
)

const dialTimeout = 10 * time.Second

// Node is a full node reached by RPC, in its roles: the best chain, what it can know, transactions,
// sending, fees, and what only a node of our own is asked for. It holds no connection open and may
// be used by several goroutines.
type Node struct {
	*link
	*bestChain
	*knowledge
	*transactions
	*sending
	*fees
	*operation
}

// Dial checks that the node answers, accepts our credentials and follows our network. Its errors
// wrap ErrUnreachable, ErrUnauthorized or ErrNotReady, or are a *WrongNetwork.
func Dial(ctx context.Context, cfg Config) (*Node, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	r, err := newRPC(cfg)
	if err != nil {
		return nil, err
	}
	l := &link{cfg: cfg, rpc: r}
	blocks := &bestChain{headerSync: headerSync{link: l}}
	known := &knowledge{bestChain: blocks}
	txs := &transactions{knowledge: known, prev: lru.NewCache[chainhash.Hash, cachedTx](prevTxsBytes)}
	n := &Node{link: l, bestChain: blocks, knowledge: known, transactions: txs, sending: &sending{txs}, fees: &fees{l}, operation: &operation{blocks}}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	first, err := n.saidHashAt(ctx, 0)
	if err != nil {
		return nil, err
	}
	if first != *cfg.Net.GenesisHash {
		return nil, &chain.WrongNetwork{Want: cfg.Net.Name, WantBlock: *cfg.Net.GenesisHash, GotBlock: first}
	}
	return n, nil
}

// Close frees what the node's connections hold.
func (n *Node) Close() { n.rpc.close() }

// Config returns the configuration that the node was dialled with.
func (n *Node) Config() Config { return n.cfg }
