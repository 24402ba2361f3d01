package chain

import (
	"context"

	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// Blocks is a source of blocks and of the outputs that their transactions spend.
type Blocks interface {
	// Tip returns height and hash of the best block.
	Tip(ctx context.Context) (int32, chainhash.Hash, error)
	// HashAt returns the hash of the best chain's block at a height.
	HashAt(ctx context.Context, height int32) (chainhash.Hash, error)
	// RawBlock returns a block's bytes in Bitcoin's own encoding.
	RawBlock(ctx context.Context, hash chainhash.Hash) ([]byte, error)
	// PrevOut returns the output that an outpoint names, spent or not.
	PrevOut(ctx context.Context, op wire.OutPoint) (*wire.TxOut, error)
}

// IsDevNetwork reports whether anybody can make blocks on the network.
func IsDevNetwork(net *chaincfg.Params) bool {
	return net.Net == chaincfg.RegressionNetParams.Net || net.Net == chaincfg.SimNetParams.Net
}
