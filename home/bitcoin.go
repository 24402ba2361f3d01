package home

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/home/config"
	"blockstack/wallet/chain"
	"blockstack/wallet/chain/blockfiles"
	"blockstack/wallet/chain/headers"
	"blockstack/wallet/chain/node"
	"blockstack/wallet/chain/peers"
	"blockstack/wallet/chainsync"
	"blockstack/wallet/sandbox"
)

// Bitcoin is what money needs of the network: a node of one's own, or ordinary peers.
type Bitcoin interface {
	chainsync.Backend
	Tip(ctx context.Context) (int32, chainhash.Hash, error)
	HashAt(ctx context.Context, height int32) (chainhash.Hash, error)
	Header(ctx context.Context, hash chainhash.Hash) (*wire.BlockHeader, error)
	RawBlock(ctx context.Context, hash chainhash.Hash) ([]byte, error)
	EstimateFeeRate(ctx context.Context, blocks int32) (rate btcutil.Amount, known bool, err error)
	Broadcast(ctx context.Context, tx *wire.MsgTx) (chain.Outcome, error)
	WaitBlock(ctx context.Context, known chainhash.Hash) (int32, chainhash.Hash, error)
	// Peers is the number of nodes that it is connected to.
	Peers(ctx context.Context) (int, error)
}

// Patience is how long a file that another process holds is waited for.
const Patience = 30 * time.Second

// FewBlocks are read so quickly that nothing is said about it.
const FewBlocks = 100

// fewHeaders are fetched as quickly.
const fewHeaders = 5000

// Sandbox is the running sandbox.
func (h *Home) Sandbox(ctx context.Context) (*sandbox.Sandbox, error) {
	return h.sandbox.get(ctx, func(ctx context.Context) (*sandbox.Sandbox, func() error, error) {
		s, err := sandbox.Open(ctx, h.Config.SandboxDir())
		if err != nil {
			return nil, nil, err
		}
		return s, func() error { s.Close(); return nil }, nil
	})
}

// Node is the connection to the Bitcoin node.
func (h *Home) Node(ctx context.Context) (*node.Node, error) {
	return h.node.get(ctx, func(ctx context.Context) (*node.Node, func() error, error) {
		switch {
		case h.Config.Offline:
			return nil, nil, ErrOffline
		case h.Config.Network == "sandbox":
			s, err := h.Sandbox(ctx)
			if err != nil {
				return nil, nil, err
			}
			return s.Chain(), nil, nil
		case h.Config.Backend == config.BackendPeers:
			return nil, nil, ErrPeersAlone
		case h.Config.Backend == config.BackendFiles:
			return nil, nil, ErrFilesAlone
		}
		return h.dial(ctx)
	})
}

// dial connects to the node that the configuration names.
func (h *Home) dial(ctx context.Context) (*node.Node, func() error, error) {
	cfg, err := h.Config.NodeConfig()
	if err != nil {
		return nil, nil, err
	}
	held, err := headers.Open(h.Config.HeadersFile(), cfg.Net)
	if err != nil {
		return nil, nil, err
	}
	cfg.Headers = held
	shown := h.tell.Meter("headers", "blocks")
	defer shown.Done()
	cfg.HeadersProgress = func(at, target int32) {
		if target-at >= fewHeaders {
			shown.Update(int64(at), int64(target))
		}
	}
	n, err := node.Dial(ctx, cfg)
	if err == nil {
		_, _, err = n.Tip(ctx) // which brings the headers to the tip
	}
	if err != nil {
		return nil, nil, errors.Join(err, held.Close())
	}
	return n, func() error { n.Close(); return held.Close() }, nil
}

// Bitcoin is what money is looked for and sent through. Ordinary peers are open while somebody has them: release gives them back.
func (h *Home) Bitcoin(ctx context.Context) (b Bitcoin, release func() error, err error) {
	if !h.Config.Offline && h.Config.UsesPeers() {
		p, release, err := h.peers.take(ctx, h.openPeers)
		if err != nil {
			return nil, nil, err
		}
		return p, release, nil
	}
	n, err := h.Node(ctx)
	if err != nil {
		return nil, nil, err
	}
	return n, func() error { return nil }, nil
}

// openPeers connects to ordinary peers and waits until the headers of all blocks are here.
func (h *Home) openPeers(ctx context.Context) (*peers.Peers, func() error, error) {
	named, err := h.namedPeers(ctx)
	if err != nil {
		return nil, nil, err
	}
	shown := h.tell.Meter("headers", "blocks")
	defer shown.Done()
	p, err := peers.Open(ctx, peers.Config{
		Dir: h.Config.PeersDir(), Net: h.Config.Net(), Named: named, Proxy: h.Config.ChainProxy(), Wait: Patience,
		Progress: func(p peers.Progress) {
			if p.Target-min(p.Blocks, p.Filters) >= FewBlocks {
				shown.Update(int64(p.Blocks+p.Filters)/2, int64(p.Target))
			}
		},
	})
	if err != nil {
		return nil, nil, err
	}
	return p, func() error { p.Close(); return nil }, nil
}

// namedPeers are the peers that are asked: the named ones, on the sandbox its own node; none: whoever is found.
func (h *Home) namedPeers(ctx context.Context) ([]string, error) {
	named := slices.Clone(h.Config.Peers)
	if h.Config.Network == "sandbox" && (len(named) == 0 || h.Config.Origin("peer") == "file") {
		s, err := h.Sandbox(ctx)
		if err != nil {
			return nil, err
		}
		return []string{s.P2PAddress()}, nil
	}
	if len(named) == 0 && !h.Config.Public() {
		return nil, &NoPeer{Network: h.Config.Network}
	}
	for i, host := range named {
		if _, _, err := net.SplitHostPort(host); err != nil {
			named[i] = net.JoinHostPort(strings.Trim(host, "[]"), h.Config.Net().DefaultPort)
		}
	}
	return named, nil
}

// Blocks is where the index reads blocks from. It may be another place than the node that transactions are sent to.
func (h *Home) Blocks(ctx context.Context) (chain.Blocks, error) {
	return h.blocks.get(ctx, func(ctx context.Context) (chain.Blocks, func() error, error) {
		switch {
		case h.Config.Offline || h.Config.Network == "sandbox":
		case h.Config.Backend == config.BackendPeers:
			return nil, nil, ErrPeersAlone
		case h.Config.Backend == config.BackendFiles:
			return h.openBlockFiles(ctx)
		}
		n, err := h.Node(ctx)
		if err != nil {
			return nil, nil, err
		}
		return n.Blocks(), nil, nil
	})
}

// openBlockFiles reads a node's own files.
func (h *Home) openBlockFiles(ctx context.Context) (chain.Blocks, func() error, error) {
	dir, err := h.Config.BlockFolder()
	if err != nil {
		return nil, nil, err
	}
	held, err := headers.Open(h.Config.HeadersFile(), h.Config.Net())
	if err != nil {
		return nil, nil, err
	}
	shown := h.tell.Meter("block files", "MB")
	defer shown.Done()
	files, err := blockfiles.Open(ctx, dir, h.Config.Net(), blockfiles.Options{
		Headers:  held,
		Cache:    h.Config.NetworkPath("blockfiles.cache"),
		Progress: func(done, total int64) { shown.Update(done>>20, total>>20) },
	})
	if err != nil {
		return nil, nil, errors.Join(err, held.Close())
	}
	return files, held.Close, nil
}

// MineOne mines a block on the sandbox; false: this is another network.
func (h *Home) MineOne(ctx context.Context) (mined bool, err error) {
	if h.Config.Network != "sandbox" {
		return false, nil
	}
	s, err := h.Sandbox(ctx)
	if err != nil {
		return false, err
	}
	_, err = s.Mine(ctx, 1)
	return err == nil, err
}
