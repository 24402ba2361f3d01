package node

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/btcsuite/btcd/btcjson"

	"blockstack/wallet/chain"
)

// A node's "no" means that there is none only where the node can know. This file is the one place
// that decides that.

// txError gives a node's "no such transaction" its meaning. The one code that nodes use for it
// covers a missing index too, which only the words tell apart; words that nobody knows say nothing.
func txError(err error) error {
	var e *btcjson.RPCError
	if !errors.As(err, &e) || e.Code != btcjson.ErrRPCNoTxInfo {
		return err
	}
	for _, known := range []struct {
		words string
		err   error
	}{
		{"process of being indexed", &chain.CannotTell{Why: chain.IndexBuilding, Said: e.Message}},
		{"txindex", &chain.CannotTell{Why: chain.NoIndex, Said: e.Message}},
		{"No such mempool or blockchain transaction", chain.ErrTxNotFound},  // bitcoind
		{"No information available about transaction", chain.ErrTxNotFound}, // btcd
		{"No such transaction found in the provided", chain.ErrTxNotFound},  // bitcoind, asked about one block
		{"No such mempool transaction", &chain.CannotTell{Why: chain.NoIndex, Said: e.Message}},
	} {
		if strings.Contains(e.Message, known.words) {
			return known.err
		}
	}
	return &chain.CannotTell{Why: chain.Unclear, Said: e.Message}
}

// knowingFor is how long a node that could tell is not asked about it again.
const knowingFor = 10 * time.Second

// knowledge is what a node can know: which blocks, which index and which part of its memory pool it
// has by now.
type knowledge struct {
	*bestChain
	knew atomic.Pointer[time.Time] // when the node could last tell what is not there
}

// knows returns nil when the node can tell whether a transaction is in the chain or the memory
// pool, else a *CannotTell.
func (n *knowledge) knows(ctx context.Context) error {
	if at := n.knew.Load(); at != nil && time.Since(*at) < knowingFor {
		return nil
	}
	for _, ask := range []func(context.Context) error{n.indexBuilt, n.hasBlocks, n.poolLoaded} {
		if err := ask(ctx); err != nil && !unknownMethod(err) {
			return err
		}
	}
	now := time.Now()
	n.knew.Store(&now)
	return nil
}

// unknownMethod says that the program has no such call: then there is nothing that it could say
// about itself.
func unknownMethod(err error) bool {
	var e *btcjson.RPCError
	return errors.As(err, &e) && e.Code == btcjson.ErrRPCMethodNotFound.Code
}

// indexBuilt returns nil when a bitcoind's transaction index has every block. A btcd builds its own
// before it answers.
func (n *knowledge) indexBuilt(ctx context.Context) error {
	if n.cfg.Kind != Bitcoind {
		return nil
	}
	var indexes map[string]struct {
		Synced bool `json:"synced"`
	}
	if err := n.rpc.call(ctx, "getindexinfo", &indexes); err != nil {
		return err
	}
	switch index, ok := indexes["txindex"]; {
	case !ok:
		return &chain.CannotTell{Why: chain.NoIndex}
	case !index.Synced:
		return &chain.CannotTell{Why: chain.IndexBuilding}
	}
	return nil
}

// chainInfo is what is read of getblockchaininfo.
type chainInfo struct {
	Blocks      int32 `json:"blocks"`
	Headers     int32 `json:"headers"`
	CatchingUp  bool  `json:"initialblockdownload"`
	Pruned      bool  `json:"pruned"`
	PruneHeight int32 `json:"pruneheight"` // the first block that it still has
}

// hasBlocks returns nil when the node has the blocks whose headers it has. Where anybody makes
// blocks, one that is a day old makes a node no late one.
func (n *knowledge) hasBlocks(ctx context.Context) error {
	var info chainInfo
	if err := n.rpc.call(ctx, "getblockchaininfo", &info); err != nil {
		return err
	}
	if info.Headers > info.Blocks || info.CatchingUp && !chain.IsDevNetwork(n.cfg.Net) {
		return &chain.CannotTell{Why: chain.CatchingUp}
	}
	if err := n.caughtUp(ctx); errors.Is(err, chain.ErrNotReady) {
		return &chain.CannotTell{Why: chain.CatchingUp}
	} else if err != nil {
		return err
	}
	return nil
}

// poolLoaded returns nil when a bitcoind has read the memory pool that it kept when it was stopped.
// A btcd keeps none.
func (n *knowledge) poolLoaded(ctx context.Context) error {
	if n.cfg.Kind != Bitcoind {
		return nil
	}
	var pool struct {
		Loaded *bool `json:"loaded"`
	}
	if err := n.rpc.call(ctx, "getmempoolinfo", &pool); err != nil {
		return err
	}
	if pool.Loaded != nil && !*pool.Loaded {
		return &chain.CannotTell{Why: chain.PoolLoading}
	}
	return nil
}

// PoolLoaded says whether what the node lists as its memory pool is all that it holds. A node that
// was just started is still reading it.
func (n *knowledge) PoolLoaded(ctx context.Context) (bool, error) {
	err := n.poolLoaded(ctx)
	switch {
	case err == nil, unknownMethod(err):
		return true, nil
	case errors.Is(err, chain.ErrCannotTell):
		return false, nil
	}
	return false, fmt.Errorf("memory pool: %w", err)
}

// absent decides about a transaction that the node does not have: nil, or why that says nothing.
// said is what txError made of its answer.
func (n *knowledge) absent(ctx context.Context, said error) error {
	switch {
	case errors.Is(said, chain.ErrTxNotFound):
		return n.knows(ctx)
	case errors.Is(said, chain.ErrNoTxIndex):
		if err := n.poolLoaded(ctx); err != nil && !unknownMethod(err) {
			return err
		}
	}
	return said
}

// Condition is what a node has of the chain, as it says itself.
type Condition struct {
	Pruned      bool
	PruneHeight int32 // first block that a pruned node still has; 0: it does not say
	CatchingUp  bool
	PoolLoading bool
	NoIndex     bool // it keeps no transaction index
	Building    bool // it is building one
}

// Condition asks the node about itself.
func (n *knowledge) Condition(ctx context.Context) (Condition, error) {
	var c Condition
	var info chainInfo
	if err := n.rpc.call(ctx, "getblockchaininfo", &info); err != nil && !unknownMethod(err) {
		return c, fmt.Errorf("condition of the node: %w", err)
	}
	c.Pruned, c.PruneHeight = info.Pruned, info.PruneHeight
	for _, ask := range []func(context.Context) error{n.indexBuilt, n.hasBlocks, n.poolLoaded} {
		err := ask(ctx)
		var cannot *chain.CannotTell
		switch {
		case err == nil, unknownMethod(err):
		case !errors.As(err, &cannot):
			return c, fmt.Errorf("condition of the node: %w", err)
		default:
			c.CatchingUp = c.CatchingUp || cannot.Why == chain.CatchingUp
			c.PoolLoading = c.PoolLoading || cannot.Why == chain.PoolLoading
			c.NoIndex = c.NoIndex || cannot.Why == chain.NoIndex
			c.Building = c.Building || cannot.Why == chain.IndexBuilding
		}
	}
	return c, nil
}

// blockError gives a node's "no such block" its meaning; that it was pruned away, or has not come
// yet, only the words tell.
func blockError(err error) error {
	var e *btcjson.RPCError
	switch {
	case !errors.As(err, &e):
		return err
	case strings.Contains(e.Message, "pruned"):
		return chain.ErrPruned
	case strings.Contains(e.Message, "not fully downloaded"):
		return &chain.CannotTell{Why: chain.CatchingUp, Said: e.Message}
	case e.Code == btcjson.ErrRPCBlockNotFound:
		return chain.ErrBlockNotFound
	}
	return err
}

// notThere says why a node does not have the content of a block of its own chain.
func (n *knowledge) notThere(ctx context.Context, said error) error {
	var answer *btcjson.RPCError
	if !errors.As(said, &answer) || !strings.Contains(answer.Message, "not available") {
		return blockError(said)
	}
	if c, err := n.Condition(ctx); err == nil && c.Pruned {
		return chain.ErrPruned
	}
	return &chain.CannotTell{Why: chain.CatchingUp, Said: answer.Message}
}

// staleTip is how old the best block of a public network may be before a node counts as one that is
// still catching up.
const staleTip = 24 * time.Hour

// caughtUp refuses a node that is far behind: coins that are missing would be taken for coins that
// were never there.
func (n *knowledge) caughtUp(ctx context.Context) error {
	if chain.IsDevNetwork(n.cfg.Net) {
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
		return fmt.Errorf("node %s: %w: its best block, %d, is of %s", n.cfg.Host, chain.ErrNotReady, height, header.Timestamp.UTC().Format(time.RFC3339))
	}
	return nil
}
