package wallet_test

import (
	"context"
	"testing"
	"time"

	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/wallet/chain/chaintest"
	"blockstack/wallet/chain/node"
	"blockstack/wallet/chain/peers"
	"blockstack/wallet/chainsync"
	"blockstack/wallet/sandbox"
)

// The ways to the chain. What is asked of a bitcoind a btcd answers, behind a server that speaks as
// Core does.
const (
	viaBtcd     = "btcd"
	viaBitcoind = "bitcoind"
	viaPeers    = "neutrino"
)

// realNode is a real node with money, and how wallets look at it.
type realNode struct {
	*sandbox.Sandbox
	via   string
	store string // where peers keep their headers

	filters bool // the bitcoind keeps block filters
}

// startNode runs a node for the test's time, which wallets follow by btcd's RPC.
func startNode(t testing.TB) *realNode { return startNodeVia(t, viaBtcd) }

func startNodeVia(t testing.TB, via string) *realNode {
	t.Helper()
	ctx := testContext(t)
	dir := t.TempDir()
	s, err := sandbox.Start(ctx, sandbox.Options{Dir: dir, Btcd: chaintest.Btcd(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Close()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := sandbox.Stop(ctx, dir); err != nil {
			t.Errorf("stop the sandbox: %v", err)
		}
	})
	return &realNode{Sandbox: s, via: via, store: t.TempDir()}
}

// overBackends runs a test once per way to the chain.
func overBackends(t *testing.T, f func(t *testing.T, via string)) {
	for _, via := range []string{viaBtcd, viaBitcoind, viaPeers} {
		t.Run(via, func(t *testing.T) { f(t, via) })
	}
}

// overTwo is overBackends for what a bitcoind and peers have in common, their client.
func overTwo(t *testing.T, f func(t *testing.T, via string)) {
	for _, via := range []string{viaBtcd, viaPeers} {
		t.Run(via, func(t *testing.T) { f(t, via) })
	}
}

// reorgDepths are how many blocks a reorg takes away.
func reorgDepths(via string) []int {
	if via == viaBitcoind {
		return []int{2, 100}
	}
	return []int{1, 2, 6, 100}
}

// Backend is what wallets are synced with. It is a new connection, which stays until release is
// called or the test ends.
func (n *realNode) Backend(t testing.TB) chainsync.Backend {
	t.Helper()
	b, release := n.connect(t)
	t.Cleanup(release)
	return b
}

func (n *realNode) connect(t testing.TB) (b chainsync.Backend, release func()) {
	t.Helper()
	switch n.via {
	case viaPeers:
		p, err := peers.Open(testContext(t), peers.Config{Dir: n.store, Net: &chaincfg.RegressionNetParams, Named: []string{n.P2PAddress()},
			Wait: 10 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		return p, p.Close
	case viaBitcoind:
		c, err := node.Dial(testContext(t), chaintest.Core(t, n.Config(), n.filters))
		if err != nil {
			t.Fatal(err)
		}
		return c, c.Close
	}
	return n.Chain(), func() {}
}
