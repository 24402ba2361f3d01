package chaintest

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/chain"
)

// ask takes the lock for one question, unless the node is "off".
func (b *Bitcoin) ask(ctx context.Context) (unlock func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	b.mu.Lock()
	if b.down {
		b.mu.Unlock()
		return nil, fmt.Errorf("in-memory node: %w", chain.ErrUnreachable)
	}
	return b.mu.Unlock, nil
}

// Tip is chain.Node's.
func (b *Bitcoin) Tip(ctx context.Context) (int32, chainhash.Hash, error) {
	unlock, err := b.ask(ctx)
	if err != nil {
		return 0, chainhash.Hash{}, err
	}
	defer unlock()
	return b.height(), b.tip(), nil
}

// HashAt is chain.Node's.
func (b *Bitcoin) HashAt(ctx context.Context, height int32) (chainhash.Hash, error) {
	unlock, err := b.ask(ctx)
	if err != nil {
		return chainhash.Hash{}, err
	}
	defer unlock()
	if height < 0 || height > b.height() {
		return chainhash.Hash{}, fmt.Errorf("block at height %d: %w", height, chain.ErrBlockNotFound)
	}
	return b.best[height], nil
}

// RawBlock is chain.Node's.
func (b *Bitcoin) RawBlock(ctx context.Context, hash chainhash.Hash) ([]byte, error) {
	unlock, err := b.ask(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	block, ok := b.blocks[hash]
	if !ok {
		return nil, fmt.Errorf("block %s: %w", hash, chain.ErrBlockNotFound)
	}
	var buf bytes.Buffer
	if err := block.Serialize(&buf); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// Header is chain.Node's.
func (b *Bitcoin) Header(ctx context.Context, hash chainhash.Hash) (*wire.BlockHeader, error) {
	unlock, err := b.ask(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	block, ok := b.blocks[hash]
	if !ok {
		return nil, fmt.Errorf("header %s: %w", hash, chain.ErrBlockNotFound)
	}
	h := block.Header
	return &h, nil
}

// PrevOut is chain.Node's.
func (b *Bitcoin) PrevOut(ctx context.Context, op wire.OutPoint) (*wire.TxOut, error) {
	tx, err := b.Tx(ctx, op.Hash)
	if err != nil {
		return nil, err
	}
	if uint64(op.Index) >= uint64(len(tx.TxOut)) {
		return nil, fmt.Errorf("%s: %w", op, chain.ErrNoOutput)
	}
	return tx.TxOut[op.Index], nil
}

// Tx is chain.Node's.
func (b *Bitcoin) Tx(ctx context.Context, txid chainhash.Hash) (*wire.MsgTx, error) {
	unlock, err := b.ask(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if tx, ok := b.pooled[txid]; ok {
		return tx.Copy(), nil
	}
	if at, ok := b.txs[txid]; ok {
		return b.blocks[at.block].Transactions[at.index].Copy(), nil
	}
	return nil, fmt.Errorf("transaction %s: %w", txid, chain.ErrTxNotFound)
}

// TxStatus is chain.Node's.
func (b *Bitcoin) TxStatus(ctx context.Context, txid chainhash.Hash) (chain.TxStatus, error) {
	unlock, err := b.ask(ctx)
	if err != nil {
		return chain.TxStatus{Height: -1}, err
	}
	defer unlock()
	s := b.txStatus(txid)
	if b.indexing && !s.InMempool {
		return chain.TxStatus{Height: -1}, fmt.Errorf("transaction %s: %w", txid, chain.ErrNoTxIndex)
	}
	return s, nil
}

func (b *Bitcoin) txStatus(txid chainhash.Hash) chain.TxStatus {
	if b.pooled[txid] != nil {
		return chain.TxStatus{Found: true, InMempool: true, Height: -1}
	}
	if at, ok := b.txs[txid]; ok {
		return chain.TxStatus{Found: true, Height: at.height, BlockHash: at.block, Confirmations: b.height() - at.height + 1}
	}
	return chain.TxStatus{Height: -1}
}

// MempoolTxs is chain.Node's.
func (b *Bitcoin) MempoolTxs(ctx context.Context) ([]chainhash.Hash, error) {
	unlock, err := b.ask(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	out := make([]chainhash.Hash, 0, len(b.pool))
	for _, tx := range b.pool {
		out = append(out, tx.TxHash())
	}
	return out, nil
}

// InMempool is chain.Node's.
func (b *Bitcoin) InMempool(ctx context.Context, txid chainhash.Hash) (bool, error) {
	all, err := b.MempoolTxs(ctx)
	return slices.Contains(all, txid), err
}

// Broadcast is chain.Node's.
func (b *Bitcoin) Broadcast(ctx context.Context, tx *wire.MsgTx) (chain.Outcome, error) {
	unlock, err := b.ask(ctx)
	if err != nil {
		return 0, err
	}
	defer unlock()
	b.sent = append(b.sent, tx.Copy())
	switch s := b.txStatus(tx.TxHash()); {
	case s.Confirmed():
		return chain.AlreadyConfirmed, nil
	case s.InMempool:
		return chain.AlreadyKnown, nil
	}
	if no := b.accept(tx, false); no != nil {
		return 0, no
	}
	return chain.Accepted, nil
}

// CheckAccept is chain.Node's.
func (b *Bitcoin) CheckAccept(ctx context.Context, tx *wire.MsgTx) error {
	unlock, err := b.ask(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if b.txStatus(tx.TxHash()).Found {
		return nil
	}
	if _, no := b.check(tx, false); no != nil {
		return no
	}
	return nil
}

// EstimateFeeRate is chain.Node's; unknown until SetFeeRate.
func (b *Bitcoin) EstimateFeeRate(ctx context.Context, _ int32) (rate btcutil.Amount, known bool, err error) {
	unlock, err := b.ask(ctx)
	if err != nil {
		return 0, false, err
	}
	defer unlock()
	return b.feeRate, b.feeRate > 0, nil
}

// WaitBlock is chain.Node's.
func (b *Bitcoin) WaitBlock(ctx context.Context, known chainhash.Hash) (int32, chainhash.Hash, error) {
	for {
		b.mu.Lock()
		changed := b.changed
		b.mu.Unlock()
		height, hash, err := b.Tip(ctx)
		if err != nil || hash != known {
			return height, hash, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return 0, chainhash.Hash{}, fmt.Errorf("wait for a block after %s: %w", known, ctx.Err())
		}
	}
}

// Close is chain.Node's; there is nothing to free.
func (b *Bitcoin) Close() {}
