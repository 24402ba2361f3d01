package commands

import (
	"context"
	"errors"

	"blockstack/commands/fault"
	"blockstack/home/config"
	"blockstack/wallet/chain"
	"blockstack/wallet/chain/headers"
	"blockstack/wallet/chain/node"
	"blockstack/wallet/sandbox"
)

// Sandbox connects to the running sandbox.
func (e *Env) Sandbox(ctx context.Context) (*sandbox.Sandbox, error) {
	return e.rooms.sandbox.get(ctx, e, func(ctx context.Context) (*sandbox.Sandbox, func() error, error) {
		s, err := sandbox.Open(ctx, e.Config.SandboxDir())
		if err != nil {
			return nil, nil, err
		}
		return s, func() error { s.Close(); return nil }, nil
	})
}

// reconnect forgets the connection to the node: it may have come back at another address.
func (e *Env) reconnect() {
	if e.rooms.sandbox.open {
		e.rooms.sandbox.value.Close()
	}
	e.rooms.sandbox, e.rooms.node, e.rooms.blocks = lazy[*sandbox.Sandbox]{}, lazy[*node.Node]{}, lazy[chain.Blocks]{}
}

// Node connects to the Bitcoin node.
func (e *Env) Node(ctx context.Context) (*node.Node, error) {
	return e.rooms.node.get(ctx, e, func(ctx context.Context) (*node.Node, func() error, error) {
		if e.Config.Offline {
			return nil, nil, fault.New("unreachable", "--offline forbids to ask a node")
		}
		if e.Config.Network == "sandbox" {
			s, err := e.Sandbox(ctx)
			if err != nil {
				return nil, nil, err
			}
			return s.Chain(), nil, nil
		}
		switch e.Config.Backend {
		case config.BackendPeers:
			return nil, nil, peersAlone()
		case config.BackendFiles:
			return nil, nil, fault.New("unreachable", "block files show blocks, but this needs a node: to send, to estimate fees or to find coins").
				Hint("name one: --backend btcd|bitcoind --node URL --node-auth-file FILE; the index goes on from where it is")
		}
		cfg, err := e.Config.NodeConfig()
		if err != nil {
			return nil, nil, err
		}
		if cfg.Headers, err = headers.Open(e.Config.HeadersFile(), cfg.Net); err != nil {
			return nil, nil, err
		}
		shown := e.Out.Progress("headers", "blocks")
		cfg.HeadersProgress = func(at, target int32) {
			if target-at >= fewHeaders {
				shown.Update(int64(at), int64(target))
			}
		}
		n, err := node.Dial(ctx, cfg)
		if err == nil {
			_, _, err = n.Tip(ctx) // which brings the headers to the tip
		}
		shown.Done()
		if err != nil {
			return nil, nil, errors.Join(err, cfg.Headers.Close())
		}
		return n, func() error { n.Close(); return cfg.Headers.Close() }, nil
	})
}

// fewHeaders are fetched so quickly that nothing is said about it.
const fewHeaders = 5000
