package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/lightninglabs/neutrino/cache/lru"

	"blockstack/wallet/chain"
)

const prevTxsBytes = 16 << 20 // of previous transactions kept in memory

// transactions looks transactions up, in blocks and in the memory pool.
type transactions struct {
	*knowledge
	prev *lru.Cache[chainhash.Hash, cachedTx]
}

type cachedTx struct{ tx *wire.MsgTx }

// Size implements the cache's measure: bytes.
func (c cachedTx) Size() (uint64, error) { return uint64(c.tx.SerializeSize()), nil }

// Tx returns a transaction of the best chain or the memory pool. The error wraps ErrTxNotFound when
// there is none, ErrCannotTell when the node may not know.
func (n *transactions) Tx(ctx context.Context, txid chainhash.Hash) (*wire.MsgTx, error) {
	raw, err := n.callHex(ctx, "getrawtransaction", txid.String(), 0)
	if err != nil {
		if err = txError(err); errors.Is(err, chain.ErrTxNotFound) {
			if gone := n.absent(ctx, err); gone != nil {
				err = gone
			}
		}
		return nil, fmt.Errorf("transaction %s: %w", txid, err)
	}
	return n.parseTx(txid, raw)
}

// parseTx reads a transaction that the node gave for an id.
func (n *transactions) parseTx(txid chainhash.Hash, raw []byte) (*wire.MsgTx, error) {
	var tx wire.MsgTx
	r := bytes.NewReader(raw)
	if err := tx.Deserialize(r); err != nil {
		return nil, fmt.Errorf("transaction %s: %w: %w", txid, chain.ErrBadAnswer, err)
	}
	if r.Len() != 0 || tx.TxHash() != txid {
		return nil, fmt.Errorf("transaction %s: %w", txid, n.lying(errors.New("another transaction")))
	}
	return &tx, nil
}

// TxStatus looks a transaction up. That there is none is not an error: Found is false then. A
// bitcoind without a transaction index knows those in the memory pool and those with an unspent
// output among their first ones; a btcd without one knows the memory pool only. The error wraps
// ErrNoTxIndex for everything else (the transaction is not in the memory pool then), and
// ErrCannotTell whenever the node may not know. Where headers are kept, a block that the node names
// is one of theirs and has the transaction.
func (n *transactions) TxStatus(ctx context.Context, txid chainhash.Hash) (chain.TxStatus, error) {
	const tries = 3 // a reorg may fall between the two questions
	for try := 1; ; try++ {
		s, err := n.txStatus(ctx, txid)
		switch {
		case err == nil:
			return s, nil
		case errors.Is(err, chain.ErrTxNotFound), errors.Is(err, chain.ErrNoTxIndex):
			if err = n.absent(ctx, err); err == nil {
				return chain.TxStatus{Height: -1}, nil
			}
			return chain.TxStatus{Height: -1}, fmt.Errorf("transaction %s: %w", txid, err)
		case !errors.Is(err, chain.ErrBlockNotFound) || try == tries:
			return chain.TxStatus{Height: -1}, fmt.Errorf("transaction %s: %w", txid, err)
		}
	}
}

func (n *transactions) txStatus(ctx context.Context, txid chainhash.Hash) (chain.TxStatus, error) {
	var tx struct {
		BlockHash     string `json:"blockhash"`
		Confirmations int64  `json:"confirmations"`
	}
	if err := n.rpc.call(ctx, "getrawtransaction", &tx, txid.String(), 1); err != nil {
		if err = txError(err); errors.Is(err, chain.ErrNoTxIndex) && n.cfg.Kind == Bitcoind {
			return n.unspentStatus(ctx, txid, err)
		}
		return chain.TxStatus{}, err
	}
	if tx.BlockHash == "" {
		return chain.TxStatus{Found: true, InMempool: true, Height: -1}, nil
	}
	hash, err := parseHash(tx.BlockHash)
	if err != nil {
		return chain.TxStatus{}, err
	}
	var header struct {
		Height        int32 `json:"height"`
		Confirmations int32 `json:"confirmations"`
	}
	err = n.rpc.call(ctx, "getblockheader", &header, tx.BlockHash, true)
	if err = blockError(err); errors.Is(err, chain.ErrBlockNotFound) || err == nil && header.Confirmations < 1 {
		return chain.TxStatus{}, chain.ErrBlockNotFound
	}
	if err != nil {
		return chain.TxStatus{}, err
	}
	if header.Height < 0 {
		return chain.TxStatus{}, fmt.Errorf("%w: height %d", chain.ErrBadAnswer, header.Height)
	}
	return n.proved(ctx, txid, chain.TxStatus{Found: true, Height: header.Height, BlockHash: hash, Confirmations: header.Confirmations})
}

// proved holds what a node says about a confirmed transaction against headers and block, where
// headers are kept.
func (n *transactions) proved(ctx context.Context, txid chainhash.Hash, s chain.TxStatus) (chain.TxStatus, error) {
	if n.cfg.Headers == nil {
		return s, nil
	}
	if err := n.inChain(ctx, s.Height, s.BlockHash); err != nil {
		return chain.TxStatus{}, err
	}
	if err := n.inBlock(ctx, txid, s.BlockHash); err != nil {
		return chain.TxStatus{}, err
	}
	tip, _ := n.cfg.Headers.Tip()
	s.Confirmations = tip - s.Height + 1
	return s, nil
}

// unspentOutputs is how many of a transaction's outputs are looked for among the unspent ones.
const unspentOutputs = 4

// unspentStatus finds a transaction by an output that nobody has spent yet, which a node knows
// without a transaction index. no is the error where there is none.
func (n *transactions) unspentStatus(ctx context.Context, txid chainhash.Hash, absent error) (chain.TxStatus, error) {
	for i := range unspentOutputs {
		var out *struct { // null: spent, or there is none
			BestBlock     string `json:"bestblock"`
			Confirmations int32  `json:"confirmations"`
		}
		if err := n.rpc.call(ctx, "gettxout", &out, txid.String(), i, false); err != nil {
			return chain.TxStatus{}, err
		}
		if out == nil {
			continue
		}
		var header struct {
			Height int32 `json:"height"`
		}
		err := n.rpc.call(ctx, "getblockheader", &header, out.BestBlock, true)
		if err != nil {
			return chain.TxStatus{}, blockError(err)
		}
		height := header.Height - out.Confirmations + 1
		if out.Confirmations < 1 || height < 0 {
			return chain.TxStatus{}, fmt.Errorf("%w: %d confirmations at height %d", chain.ErrBadAnswer, out.Confirmations, header.Height)
		}
		hash, err := n.HashAt(ctx, height)
		if err != nil {
			return chain.TxStatus{}, err
		}
		return n.proved(ctx, txid, chain.TxStatus{Found: true, Height: height, BlockHash: hash, Confirmations: out.Confirmations})
	}
	return chain.TxStatus{}, absent
}

// MempoolTxs returns the txids of all unconfirmed transactions that the node holds, in no
// particular order.
func (n *transactions) MempoolTxs(ctx context.Context) ([]chainhash.Hash, error) {
	var texts []string
	if err := n.rpc.call(ctx, "getrawmempool", &texts); err != nil {
		return nil, fmt.Errorf("memory pool: %w", err)
	}
	out := make([]chainhash.Hash, 0, len(texts))
	for _, t := range texts {
		h, err := parseHash(t)
		if err != nil {
			return nil, fmt.Errorf("memory pool: %w", err)
		}
		out = append(out, h)
	}
	return out, nil
}

// InMempool reports whether the node holds a transaction unconfirmed.
func (n *transactions) InMempool(ctx context.Context, txid chainhash.Hash) (bool, error) {
	s, err := n.TxStatus(ctx, txid)
	if errors.Is(err, chain.ErrNoTxIndex) { // which is not needed for those in the pool, and the pool was looked through
		return false, nil
	}
	return s.InMempool, err
}

// PrevOut returns the output that an outpoint names, spent or not. It needs the node's transaction
// index (ErrNoTxIndex otherwise).
func (n *transactions) PrevOut(ctx context.Context, op wire.OutPoint) (*wire.TxOut, error) {
	tx, err := n.prevTx(ctx, op.Hash)
	if err != nil {
		return nil, err
	}
	if uint64(op.Index) >= uint64(len(tx.TxOut)) {
		return nil, fmt.Errorf("%s: %w", op, chain.ErrNoOutput)
	}
	out := tx.TxOut[op.Index]
	return wire.NewTxOut(out.Value, append([]byte(nil), out.PkScript...)), nil
}

func (n *transactions) prevTx(ctx context.Context, txid chainhash.Hash) (*wire.MsgTx, error) {
	if c, err := n.prev.Get(txid); err == nil {
		return c.tx, nil
	}
	tx, err := n.Tx(ctx, txid)
	if err != nil {
		return nil, err
	}
	_, _ = n.prev.Put(txid, cachedTx{tx}) // too large for the cache: not kept
	return tx, nil
}
