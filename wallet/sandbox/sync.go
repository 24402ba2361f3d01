package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/chain/node"
)

// missing returns the blocks of the node's best chain that the stored one lacks, parents first, and
// the height of the last block that both have.
func (l *blockLog) missing(ctx context.Context, btcd *node.Node) (raws [][]byte, common int32, err error) {
	_, hash, err := btcd.Tip(ctx)
	if err != nil {
		return nil, 0, err
	}
	for hash != *netParams().GenesisHash {
		if height, ok := l.height[hash]; ok {
			common = height
			break
		}
		raw, err := btcd.RawBlock(ctx, hash)
		if err != nil {
			return nil, 0, err
		}
		var header wire.BlockHeader
		if err := header.Deserialize(bytes.NewReader(raw)); err != nil {
			return nil, 0, err
		}
		raws = append(raws, raw)
		hash = header.PrevBlock
	}
	slices.Reverse(raws)
	return raws, common, nil
}

// sync stores the node's best chain.
func (l *blockLog) sync(ctx context.Context, btcd *node.Node) error {
	raws, common, err := l.missing(ctx, btcd)
	switch {
	case err != nil:
		return err
	case len(raws) == 0 && common == l.tipHeight():
		return nil
	case len(raws) == 0: // the node's chain is shorter
		err = l.rewrite(common)
	default:
		err = l.append(raws)
	}
	if err != nil {
		return fmt.Errorf("store blocks: %w", err)
	}
	return nil
}

// replay gives the stored chain to a node that has forgotten it.
func (l *blockLog) replay(ctx context.Context, btcd *node.Node, progress func(done, total int)) error {
	for i, b := range l.blocks {
		progress(i, len(l.blocks))
		if err := btcd.SubmitBlock(ctx, b.raw); err != nil {
			var refused *node.BlockRefused
			if errors.As(err, &refused) {
				return &BadChain{Path: l.path, Err: fmt.Errorf("the node refuses block %d: %w", i+1, err)}
			}
			return err
		}
	}
	progress(len(l.blocks), len(l.blocks))
	height, hash, err := btcd.Tip(ctx)
	if err != nil {
		return err
	}
	if hash != l.tipHash() {
		return &BadChain{Path: l.path, Err: fmt.Errorf("the node's best block is %d %s, not %d %s", height, hash, l.tipHeight(), l.tipHash())}
	}
	return nil
}
