package ports

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/txbuilder/registrar/job"
)

// A Tipper says which block is the last that it knows.
type Tipper interface {
	Tip(ctx context.Context) (int32, chainhash.Hash, error)
}

// looksForTip is how often node and index are asked: a block that comes between the two questions
// makes them differ.
const looksForTip = 3

// AgreedTip is the height of the last block, on which node and index must agree; else the error is
// job.ErrIndexBehind.
func AgreedTip(ctx context.Context, node, index Tipper) (int32, error) {
	for look := 1; ; look++ {
		tip, hash, err := node.Tip(ctx)
		if err != nil {
			return 0, fmt.Errorf("chain tip: %w", err)
		}
		indexTip, indexHash, err := index.Tip(ctx)
		if err != nil {
			return 0, fmt.Errorf("index tip: %w", err)
		}
		if tip == indexTip && hash == indexHash {
			return tip, nil
		}
		if look == looksForTip {
			return 0, fmt.Errorf("%w: it has read block %d of %d", job.ErrIndexBehind, indexTip, tip)
		}
	}
}
