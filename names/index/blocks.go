package index

import (
	"context"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// Blocks is a source of blocks. Its methods may be called by several goroutines at once.
type Blocks interface {
	// Tip is the end of the source's best chain.
	Tip(ctx context.Context) (int32, chainhash.Hash, error)
	// HashAt is the hash of the block of the best chain at a height.
	HashAt(ctx context.Context, height int32) (chainhash.Hash, error)
	// RawBlock is a block in Bitcoin's serialization, with or without witness data.
	RawBlock(ctx context.Context, hash chainhash.Hash) ([]byte, error)
	// PrevOut is an output that a transaction of the chain spends.
	PrevOut(ctx context.Context, op wire.OutPoint) (*wire.TxOut, error)
}

// SpentOutputs is what a Blocks may offer beside its own methods: the outputs that the inputs of a
// block's transaction spend, in input order. A source that has them with the block (undo files,
// verbose RPC) needs no PrevOut.
type SpentOutputs interface {
	SpentBy(ctx context.Context, block chainhash.Hash, txIndex int) ([]*wire.TxOut, error)
}

// Checked is offered by sources that have held a block's transactions against its header and its
// proof of work before they give it. The blocks of all others are checked here.
type Checked interface {
	Checked() bool
}
