package chain

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
)

// This file is what only a node of our own is asked for: the sandbox's.

// BlockRefused means that the node does not take a block.
type BlockRefused struct {
	Hash   chainhash.Hash
	Reason string
}

// Error gives the node's words.
func (e *BlockRefused) Error() string {
	return fmt.Sprintf("block %s refused: %s", e.Hash, e.Reason)
}

// SubmitBlock hands a block to the node. A block that the node already has is
// no error; one that it will not have is a *BlockRefused.
func (n *Node) SubmitBlock(ctx context.Context, raw []byte) error {
	hash, err := headerHash(raw)
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
	} else if !errors.Is(err, ErrBlockNotFound) {
		return fmt.Errorf("submit block: %w", err)
	}
	return &BlockRefused{Hash: hash, Reason: clip(*answer)}
}

// Generate makes a test network's node mine blocks with what is in its memory
// pool, to the address it was started with.
func (n *Node) Generate(ctx context.Context, blocks int) ([]chainhash.Hash, error) {
	var texts []string
	if err := n.rpc.call(ctx, "generate", &texts, blocks); err != nil {
		return nil, fmt.Errorf("generate %d blocks: %w", blocks, err)
	}
	if len(texts) != blocks {
		return nil, fmt.Errorf("generate %d blocks: %w: %d mined", blocks, ErrBadAnswer, len(texts))
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
func (n *Node) Shutdown(ctx context.Context) error {
	if err := n.rpc.call(ctx, "stop", nil); err != nil {
		return fmt.Errorf("stop node: %w", err)
	}
	return nil
}
