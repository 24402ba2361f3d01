package chain

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/btcsuite/btcd/btcjson"
)

// A node's "no" means that there is none only where the node can know. This file is
// the one place that decides that.

// Ignorance is why a node cannot tell whether something is there.
type Ignorance string

// The reasons.
const (
	NoIndex       Ignorance = "the node has no transaction index"
	IndexBuilding Ignorance = "the node is still building its transaction index"
	CatchingUp    Ignorance = "the node is still downloading blocks"
	PoolLoading   Ignorance = "the node is still loading its memory pool"
	Unclear       Ignorance = "the node's answer says neither yes nor no"
)

// CannotTell means that a node does not have what it was asked for and may not know of
// it. It is an ErrCannotTell; where only the transaction index is missing, so that the
// memory pool was looked through, it is an ErrNoTxIndex, too.
type CannotTell struct {
	Why  Ignorance
	Said string // the node's words; empty when it has said that there is none
}

// Error gives the reason, and the node's words where they are all there is.
func (e *CannotTell) Error() string {
	if e.Why == Unclear {
		return fmt.Sprintf("%s: %s: %s", ErrCannotTell, e.Why, e.Said)
	}
	return fmt.Sprintf("%s: %s", ErrCannotTell, e.Why)
}

// Is makes it the sentinels that it stands for.
func (e *CannotTell) Is(target error) bool {
	return target == ErrCannotTell || target == ErrNoTxIndex && (e.Why == NoIndex || e.Why == IndexBuilding)
}

// txError gives a node's "no such transaction" its meaning. The one code that
// nodes use for it covers a missing index too, which only the words tell apart; words
// that nobody knows say nothing.
func txError(err error) error {
	var e *btcjson.RPCError
	if !errors.As(err, &e) || e.Code != btcjson.ErrRPCNoTxInfo {
		return err
	}
	for _, known := range []struct {
		words string
		err   error
	}{
		{"process of being indexed", &CannotTell{Why: IndexBuilding, Said: e.Message}},
		{"txindex", &CannotTell{Why: NoIndex, Said: e.Message}},
		{"No such mempool or blockchain transaction", ErrTxNotFound},  // bitcoind
		{"No information available about transaction", ErrTxNotFound}, // btcd
		{"No such transaction found in the provided", ErrTxNotFound},  // bitcoind, asked about one block
		{"No such mempool transaction", &CannotTell{Why: NoIndex, Said: e.Message}},
	} {
		if strings.Contains(e.Message, known.words) {
			return known.err
		}
	}
	return &CannotTell{Why: Unclear, Said: e.Message}
}

// knowingFor is how long a node that could tell is not asked about it again.
const knowingFor = 10 * time.Second

// knows returns nil when the node can tell whether a transaction is in the chain or the
// memory pool, else a *CannotTell.
func (n *Node) knows(ctx context.Context) error {
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

// unknownMethod says that the program has no such call: then there is nothing that it could say about itself.
func unknownMethod(err error) bool {
	var e *btcjson.RPCError
	return errors.As(err, &e) && e.Code == btcjson.ErrRPCMethodNotFound.Code
}

// indexBuilt returns nil when a bitcoind's transaction index has every block. A btcd
// builds its own before it answers.
func (n *Node) indexBuilt(ctx context.Context) error {
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
		return &CannotTell{Why: NoIndex}
	case !index.Synced:
		return &CannotTell{Why: IndexBuilding}
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

// hasBlocks returns nil when the node has the blocks whose headers it has. Where anybody
// makes blocks, one that is a day old makes a node no late one.
func (n *Node) hasBlocks(ctx context.Context) error {
	var info chainInfo
	if err := n.rpc.call(ctx, "getblockchaininfo", &info); err != nil {
		return err
	}
	if info.Headers > info.Blocks || info.CatchingUp && !isDevNetwork(n.cfg.Net) {
		return &CannotTell{Why: CatchingUp}
	}
	if err := n.caughtUp(ctx); errors.Is(err, ErrNotReady) {
		return &CannotTell{Why: CatchingUp}
	} else if err != nil {
		return err
	}
	return nil
}

// poolLoaded returns nil when a bitcoind has read the memory pool that it kept when it was
// stopped. A btcd keeps none.
func (n *Node) poolLoaded(ctx context.Context) error {
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
		return &CannotTell{Why: PoolLoading}
	}
	return nil
}

// PoolLoaded says whether what the node lists as its memory pool is all that it holds. A
// node that was just started is still reading it.
func (n *Node) PoolLoaded(ctx context.Context) (bool, error) {
	err := n.poolLoaded(ctx)
	switch {
	case err == nil, unknownMethod(err):
		return true, nil
	case errors.Is(err, ErrCannotTell):
		return false, nil
	}
	return false, fmt.Errorf("memory pool: %w", err)
}

// absent decides about a transaction that the node does not have: nil, or why that says
// nothing. said is what txError made of its answer.
func (n *Node) absent(ctx context.Context, said error) error {
	switch {
	case errors.Is(said, ErrTxNotFound):
		return n.knows(ctx)
	case errors.Is(said, ErrNoTxIndex):
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
func (n *Node) Condition(ctx context.Context) (Condition, error) {
	var c Condition
	var info chainInfo
	if err := n.rpc.call(ctx, "getblockchaininfo", &info); err != nil && !unknownMethod(err) {
		return c, fmt.Errorf("condition of the node: %w", err)
	}
	c.Pruned, c.PruneHeight = info.Pruned, info.PruneHeight
	for _, ask := range []func(context.Context) error{n.indexBuilt, n.hasBlocks, n.poolLoaded} {
		err := ask(ctx)
		var no *CannotTell
		switch {
		case err == nil, unknownMethod(err):
		case !errors.As(err, &no):
			return c, fmt.Errorf("condition of the node: %w", err)
		default:
			c.CatchingUp = c.CatchingUp || no.Why == CatchingUp
			c.PoolLoading = c.PoolLoading || no.Why == PoolLoading
			c.NoIndex = c.NoIndex || no.Why == NoIndex
			c.Building = c.Building || no.Why == IndexBuilding
		}
	}
	return c, nil
}

// blockError gives a node's "no such block" its meaning; that it was pruned away, or has not come yet, only the words tell.
func blockError(err error) error {
	var e *btcjson.RPCError
	switch {
	case !errors.As(err, &e):
		return err
	case strings.Contains(e.Message, "pruned"):
		return ErrPruned
	case strings.Contains(e.Message, "not fully downloaded"):
		return &CannotTell{Why: CatchingUp, Said: e.Message}
	case e.Code == btcjson.ErrRPCBlockNotFound:
		return ErrBlockNotFound
	}
	return err
}
