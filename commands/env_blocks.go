package commands

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"blockstack/wallet/chain"
	"blockstack/wallet/chain/headers"
)

// What --backend takes beside the kinds of node.
const (
	backendFiles = "files"    // a node's block and undo files, read directly
	backendPeers = "neutrino" // ordinary peers
)

// Blocks is where the index reads blocks from. It may be another place than the node that transactions are sent to.
func (e *Env) Blocks(ctx context.Context) (chain.Blocks, error) {
	return e.rooms.blocks.get(ctx, e, func(ctx context.Context) (chain.Blocks, func() error, error) {
		switch {
		case e.Config.Offline || e.Config.Network == "sandbox":
		case e.Config.Backend == backendPeers:
			return nil, nil, peersAlone()
		case e.Config.Backend == backendFiles:
			dir, err := e.Config.blockFolder()
			if err != nil {
				return nil, nil, err
			}
			held, err := headers.Open(e.Config.HeadersFile(), e.Config.Net())
			if err != nil {
				return nil, nil, err
			}
			shown := e.Out.Progress("block files", "MB")
			defer shown.Done()
			files, err := chain.OpenBlockFiles(ctx, dir, e.Config.Net(), chain.BlockFilesOptions{
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
func peersAlone() *Fault {
	return fault("unreachable", "ordinary peers cannot show what name operations spend, so an index made from them alone would not be exact").
		hint("use a full node: --backend btcd (with --txindex) or --backend bitcoind, and --node URL").
		hint("or read its block files: --backend files --node DIR")
}

// noNode says that nothing is known that could be asked.
func noNode() *Fault {
	return fault("unreachable", "no Bitcoin node is named, and names are read from Bitcoin's blocks").
		hint("name one: --backend btcd|bitcoind --node URL --node-auth-file FILE, or for good: blockstack config set node URL").
		hint("or read the block files of one: --backend files --node DIR").
		hint("what each needs stands in docs/sources.md; to try everything on a chain of your own: blockstack sandbox start")
}

// blockFolder is the folder with a node's block files: the one that --node names, or where a node keeps them below that.
func (c *Config) blockFolder() (string, error) {
	if c.Node == "" {
		return "", usagef("--backend files needs the folder with a node's block files").hint("name it: --node DIR, such as --node ~/.bitcoin")
	}
	if isURL(c.Node) {
		return "", usagef("--node %s is no folder, and --backend files reads one", c.Node).hint("name it: --node DIR, such as --node ~/.bitcoin")
	}
	below := map[string]string{"testnet": "testnet3", "signet": "signet", "regtest": "regtest"}[c.Network]
	for _, dir := range []string{filepath.Join(c.Node, below, "blocks"), filepath.Join(c.Node, "blocks"), c.Node} {
		if _, err := os.Stat(filepath.Join(dir, "blk00000.dat")); err == nil {
			return dir, nil
		}
	}
	for _, dir := range []string{filepath.Join(c.Node, below, "blocks"), filepath.Join(c.Node, "blocks"), c.Node} {
		if later, err := filepath.Glob(filepath.Join(dir, "blk[0-9][0-9][0-9][0-9][0-9].dat")); err == nil && len(later) > 0 {
			return "", fmt.Errorf("block files in %s: blk00000.dat is not there: %w", dir, chain.ErrPruned)
		}
	}
	return "", fault("not_found", "no block files in %s", c.Node).
		hint("name the folder of a node derived from Bitcoin Core, or the one with blk00000.dat in it: --node DIR")
}
