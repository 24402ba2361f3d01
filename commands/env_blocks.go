package commands

import (
	"context"
	"errors"

	"blockstack/commands/fault"
	"blockstack/home/config"
	"blockstack/wallet/chain"
	"blockstack/wallet/chain/blockfiles"
	"blockstack/wallet/chain/headers"
)

// Blocks is where the index reads blocks from. It may be another place than the node that transactions are sent to.
func (e *Env) Blocks(ctx context.Context) (chain.Blocks, error) {
	return e.rooms.blocks.get(ctx, e, func(ctx context.Context) (chain.Blocks, func() error, error) {
		switch {
		case e.Config.Offline || e.Config.Network == "sandbox":
		case e.Config.Backend == config.BackendPeers:
			return nil, nil, peersAlone()
		case e.Config.Backend == config.BackendFiles:
			dir, err := e.Config.BlockFolder()
			if err != nil {
				return nil, nil, err
			}
			held, err := headers.Open(e.Config.HeadersFile(), e.Config.Net())
			if err != nil {
				return nil, nil, err
			}
			shown := e.Out.Progress("block files", "MB")
			defer shown.Done()
			files, err := blockfiles.Open(ctx, dir, e.Config.Net(), blockfiles.Options{
				Headers:  held,
				Cache:    e.Config.NetworkPath("blockfiles.cache"),
				Progress: func(done, total int64) { shown.Update(done>>20, total>>20) },
			})
			if err != nil {
				return nil, nil, errors.Join(err, held.Close())
			}
			return files, held.Close, nil
		}
		n, err := e.Node(ctx)
		if err != nil {
			return nil, nil, err
		}
		return n.Blocks(), nil, nil
	})
}

// peersAlone says why ordinary peers are no source of names. A block of theirs does not show what its transactions spend, and the
// rules depend on that.
func peersAlone() *fault.Fault {
	return fault.New("unreachable", "ordinary peers cannot show what name operations spend, so an index made from them alone would not be exact").
		Hint("use a full node: --backend btcd (with --txindex) or --backend bitcoind, and --node URL").
		Hint("or read its block files: --backend files --node DIR")
}
