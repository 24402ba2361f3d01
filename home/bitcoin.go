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
func (from *Sources) Sandbox(ctx context.Context) (*sandbox.Sandbox, error) {
	return from.sandbox.get(ctx, func(ctx context.Context) (*sandbox.Sandbox, func() error, error) {
		s, err := sandbox.Open(ctx, from.Config.SandboxDir())
		if err != nil {
			return nil, nil, err
		}
		return s, func() error { s.Close(); return nil }, nil
	})
}

// Node is the connection to the Bitcoin node.
func (from *Sources) Node(ctx context.Context) (*node.Node, error) {
	return from.node.get(ctx, func(ctx context.Context) (*node.Node, func() error, error) {
		switch {
		case from.Config.Offline:
			return nil, nil, ErrOffline
		case from.Config.Network == "sandbox":
			s, err := from.Sandbox(ctx)
			if err != nil {
				return nil, nil, err
			}
			return s.Chain(), nil, nil
		case from.Config.Backend == config.BackendPeers:
			return nil, nil, ErrPeersAlone
		case from.Config.Backend == config.BackendFiles:
			return nil, nil, ErrFilesAlone
		}
		return from.dial(ctx)
	})
}

// dial connects to the node that the configuration names.
func (from *Sources) dial(ctx context.Context) (*node.Node, func() error, error) {
	cfg, err := from.Config.NodeConfig()
	if err != nil {
		return nil, nil, err
	}
	held, err := headers.Open(from.Config.HeadersFile(), cfg.Net)
	if err != nil {
		return nil, nil, err
	}
	cfg.Headers = held
	shown := from.tell.Meter("headers", "blocks")
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

// Bitcoin is what money is looked for and sent through. Ordinary peers are open while somebody has
// them: release gives them back.
func (from *Sources) Bitcoin(ctx context.Context) (b Bitcoin, release func() error, err error) {
	if !from.Config.Offline && from.Config.UsesPeers() {
		p, release, err := from.peers.take(ctx, from.openPeers)
		if err != nil {
			return nil, nil, err
		}
		return p, release, nil
	}
	n, err := from.Node(ctx)
	if err != nil {
		return nil, nil, err
	}
	return n, func() error { return nil }, nil
}

// openPeers connects to ordinary peers and waits until the headers of all blocks are here.
func (from *Sources) openPeers(ctx context.Context) (*peers.Peers, func() error, error) {
	named, err := from.namedPeers(ctx)
	if err != nil {
		return nil, nil, err
	}
	shown := from.tell.Meter("headers", "blocks")
	defer shown.Done()
	p, err := peers.Open(ctx, peers.Config{
		Dir: from.Config.PeersDir(), Net: from.Config.Net(), Named: named, Proxy: from.Config.ChainProxy(), Wait: Patience,
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

// namedPeers are the peers that are asked: the named ones, on the sandbox its own node; none:
// whoever is found.
func (from *Sources) namedPeers(ctx context.Context) ([]string, error) {
	named := slices.Clone(from.Config.Peers)
	if from.Config.Network == "sandbox" && (len(named) == 0 || from.Config.Origin("peer") == "file") {
		s, err := from.Sandbox(ctx)
		if err != nil {
			return nil, err
		}
		return []string{s.P2PAddress()}, nil
	}
	if len(named) == 0 && !from.Config.Public() {
		return nil, &NoPeer{Network: from.Config.Network}
	}
	for i, host := range named {
		if _, _, err := net.SplitHostPort(host); err != nil {
			named[i] = net.JoinHostPort(strings.Trim(host, "[]"), from.Config.Net().DefaultPort)
		}
	}
	return named, nil
}

// Blocks is where the index reads blocks from. It may be another place than the node that
// transactions are sent to.
func (from *Sources) Blocks(ctx context.Context) (chain.Blocks, error) {
	return from.blocks.get(ctx, func(ctx context.Context) (chain.Blocks, func() error, error) {
		switch {
		case from.Config.Offline || from.Config.Network == "sandbox":
		case from.Config.Backend == config.BackendPeers:
			return nil, nil, ErrPeersAlone
		case from.Config.Backend == config.BackendFiles:
			return from.openBlockFiles(ctx)
		}
		n, err := from.Node(ctx)
		if err != nil {
			return nil, nil, err
		}
		return n.Blocks(), nil, nil
	})
}

// openBlockFiles reads a node's own files.
func (from *Sources) openBlockFiles(ctx context.Context) (chain.Blocks, func() error, error) {
	dir, err := from.Config.BlockFolder()
	if err != nil {
		return nil, nil, err
	}
	held, err := headers.Open(from.Config.HeadersFile(), from.Config.Net())
	if err != nil {
		return nil, nil, err
	}
	shown := from.tell.Meter("block files", "MB")
	defer shown.Done()
	files, err := blockfiles.Open(ctx, dir, from.Config.Net(), blockfiles.Options{
		Headers:  held,
		Cache:    from.Config.NetworkPath("blockfiles.cache"),
		Progress: func(done, total int64) { shown.Update(done>>20, total>>20) },
	})
	if err != nil {
		return nil, nil, errors.Join(err, held.Close())
	}
	return files, held.Close, nil
}

// MineOne mines a block on the sandbox; false: this is another network.
func (from *Sources) MineOne(ctx context.Context) (mined bool, err error) {
	if from.Config.Network != "sandbox" {
		return false, nil
	}
	s, err := from.Sandbox(ctx)
	if err != nil {
		return false, err
	}
	_, err = s.Mine(ctx, 1)
	return err == nil, err
}
