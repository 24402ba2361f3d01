package node

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/wallet/chain"
)

// BlockRefused means that the node does not take a block.
type BlockRefused struct {
	Hash   chainhash.Hash
	Reason string
}

// Error gives the node's words.
func (e *BlockRefused) Error() string {
	return fmt.Sprintf("block %s refused: %s", e.Hash, e.Reason)
}

// operation is what only a node of our own is asked for, the sandbox's, and how many peers a node
// has.
type operation struct{ *bestChain }

// SubmitBlock hands a block to the node. A block that the node already has is no error; one that it
// will not have is a *BlockRefused.
func (n *operation) SubmitBlock(ctx context.Context, raw []byte) error {
	hash, err := chain.HeaderHash(raw)
	if err != nil {
		return err
	}
	var answer *string // null: taken
	if err := n.rpc.call(ctx, "submitblock", &answer, hex.EncodeToString(raw)); err != nil {
		return fmt.Errorf("submit block %s: %w", hash, err)
	}
	if answer == nil {
		return nil
	}
	if _, err := n.Header(ctx, hash); err == nil {
		return nil // what the node has decides, not its words
	} else if !errors.Is(err, chain.ErrBlockNotFound) {
		return fmt.Errorf("submit block: %w", err)
	}
	return &BlockRefused{Hash: hash, Reason: chain.Clip(*answer)}
}

// Generate makes a test network's node mine blocks with what is in its memory pool, to the address
// it was started with.
func (n *operation) Generate(ctx context.Context, blocks int) ([]chainhash.Hash, error) {
	var texts []string
	if err := n.rpc.call(ctx, "generate", &texts, blocks); err != nil {
		return nil, fmt.Errorf("generate %d blocks: %w", blocks, err)
	}
	if len(texts) != blocks {
		return nil, fmt.Errorf("generate %d blocks: %w: %d mined", blocks, chain.ErrBadAnswer, len(texts))
	}
	out := make([]chainhash.Hash, 0, len(texts))
	for _, t := range texts {
		h, err := parseHash(t)
		if err != nil {
			return nil, fmt.Errorf("generate: %w", err)
		}
		out = append(out, h)
	}
	return out, nil
}

// Shutdown asks the node to end; it answers before it has.
func (n *operation) Shutdown(ctx context.Context) error {
	if err := n.rpc.call(ctx, "stop", nil); err != nil {
		return fmt.Errorf("stop node: %w", err)
	}
	return nil
}

// Peers is how many peers the node is connected to.
func (n *operation) Peers(ctx context.Context) (int, error) {
	var count int
	err := n.rpc.call(ctx, "getconnectioncount", &count)
	return count, err
}
