package jobports

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names/index"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet"
	"blockstack/wallet/chain"
	"blockstack/wallet/chain/node"
)

// Chain is the node as jobs see it; what it accepts the wallet learns at once.
type Chain struct {
	Node   *node.Node
	Wallet *wallet.Wallet
	Index  *index.Index

	pooled map[chainhash.Hash]*wire.MsgTx // what was read of the memory pool before
}

// NewChain makes it.
func NewChain(n *node.Node, w *wallet.Wallet, x *index.Index) Chain {
	return Chain{Node: n, Wallet: w, Index: x, pooled: make(map[chainhash.Hash]*wire.MsgTx)}
}

// Tip is the best block.
func (c Chain) Tip(ctx context.Context) (int32, chainhash.Hash, error) { return c.Node.Tip(ctx) }

// Broadcast offers a transaction.
func (c Chain) Broadcast(ctx context.Context, tx *wire.MsgTx) error {
	if _, err := c.Node.Broadcast(ctx, tx); err != nil {
		return refusal(err)
	}
	return c.Wallet.AddTx(ctx, tx)
}

// BroadcastAll offers transactions, parents before children, until one is refused; the wallet
// learns those that were taken together.
func (c Chain) BroadcastAll(ctx context.Context, txs []*wire.MsgTx) (n int, err error) {
	for _, tx := range txs {
		if _, err = c.Node.Broadcast(ctx, tx); err != nil {
			err = refusal(err)
			break
		}
		n++
	}
	return n, errors.Join(err, c.Wallet.AddTxs(context.WithoutCancel(ctx), txs[:n]))
}

// MempoolTxs lists what the node's memory pool holds.
func (c Chain) MempoolTxs(ctx context.Context) ([]chainhash.Hash, error) {
	return c.Node.MempoolTxs(ctx)
}

// TxStatus says where a transaction is.
func (c Chain) TxStatus(ctx context.Context, txid chainhash.Hash) (registrar.TxStatus, error) {
	s, err := c.Node.TxStatus(ctx, txid)
	if errors.Is(err, chain.ErrNoTxIndex) { // it is not in the memory pool, and the node does not know what is in blocks
		return c.recorded(ctx, txid)
	}
	if err != nil {
		return registrar.TxStatus{}, err
	}
	return registrar.TxStatus{InMempool: s.InMempool, Height: max(0, s.Height)}, nil
}

// BlockAt is the block of the best chain at a height.
func (c Chain) BlockAt(ctx context.Context, height int32) (*wire.MsgBlock, error) {
	hash, err := c.Node.HashAt(ctx, height)
	if err != nil {
		return nil, err
	}
	raw, err := c.Node.RawBlock(ctx, hash)
	if err != nil {
		return nil, err
	}
	var b wire.MsgBlock
	if err := b.Deserialize(bytes.NewReader(raw)); err != nil {
		return nil, fmt.Errorf("block %d: %w", height, err)
	}
	return &b, nil
}

// recorded says in which block a transaction of ours is, for a node without a transaction index
// whose memory pool does not have it: the index knows every name operation, the wallet every
// transaction that spent a coin of ours.
func (c Chain) recorded(ctx context.Context, txid chainhash.Hash) (registrar.TxStatus, error) {
	if op, seen, err := c.Index.OpStatus(ctx, txid); err != nil || seen {
		return registrar.TxStatus{Height: op.Height}, err
	}
	entries, err := c.Wallet.History(ctx)
	if err != nil {
		return registrar.TxStatus{}, err
	}
	for _, e := range entries {
		if e.Txid == txid {
			return registrar.TxStatus{Height: max(0, e.Height)}, nil
		}
	}
	return registrar.TxStatus{}, nil
}
