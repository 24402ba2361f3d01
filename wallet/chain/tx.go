package chain

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// TxStatus says where a transaction is.
type TxStatus struct {
	Found         bool           // in the best chain or in the memory pool
	InMempool     bool           // waiting for a block
	Height        int32          // of its block; -1 when it is in none
	BlockHash     chainhash.Hash // zero when it is in none
	Confirmations int32          // 1 in the best block; 0 when it is in none
}

// Confirmed reports whether the transaction is in a block of the best chain.
func (s TxStatus) Confirmed() bool { return s.Confirmations > 0 }

// Tx returns a transaction of the best chain or the memory pool. The error
// wraps ErrTxNotFound when there is none, ErrCannotTell when the node may not know.
func (n *Node) Tx(ctx context.Context, txid chainhash.Hash) (*wire.MsgTx, error) {
	raw, err := n.callHex(ctx, "getrawtransaction", txid.String(), 0)
	if err != nil {
		if err = txError(err); errors.Is(err, ErrTxNotFound) {
			if no := n.absent(ctx, err); no != nil {
				err = no
			}
		}
		return nil, fmt.Errorf("transaction %s: %w", txid, err)
	}
	return n.parseTx(txid, raw)
}

// parseTx reads a transaction that the node gave for an id.
func (n *Node) parseTx(txid chainhash.Hash, raw []byte) (*wire.MsgTx, error) {
	var tx wire.MsgTx
	r := bytes.NewReader(raw)
	if err := tx.Deserialize(r); err != nil {
		return nil, fmt.Errorf("transaction %s: %w: %w", txid, ErrBadAnswer, err)
	}
	if r.Len() != 0 || tx.TxHash() != txid {
		return nil, fmt.Errorf("transaction %s: %w", txid, n.lying(errors.New("another transaction")))
	}
	return &tx, nil
}

// TxStatus looks a transaction up. That there is none is not an error: Found is
// false then. A bitcoind without a transaction index knows those in the memory
// pool and those with an unspent output among their first ones; a btcd without
// one knows the memory pool only. The error wraps ErrNoTxIndex for everything else
// (the transaction is not in the memory pool then), and ErrCannotTell whenever the
// node may not know. Where headers are kept, a block that the node names is one of
// theirs and has the transaction.
func (n *Node) TxStatus(ctx context.Context, txid chainhash.Hash) (TxStatus, error) {
	const tries = 3 // a reorg may fall between the two questions
	for try := 1; ; try++ {
		s, err := n.txStatus(ctx, txid)
		switch {
		case err == nil:
			return s, nil
		case errors.Is(err, ErrTxNotFound), errors.Is(err, ErrNoTxIndex):
			if err = n.absent(ctx, err); err == nil {
				return TxStatus{Height: -1}, nil
			}
			return TxStatus{Height: -1}, fmt.Errorf("transaction %s: %w", txid, err)
		case !errors.Is(err, ErrBlockNotFound) || try == tries:
			return TxStatus{Height: -1}, fmt.Errorf("transaction %s: %w", txid, err)
		}
	}
}

func (n *Node) txStatus(ctx context.Context, txid chainhash.Hash) (TxStatus, error) {
	var tx struct {
		BlockHash     string `json:"blockhash"`
		Confirmations int64  `json:"confirmations"`
	}
	if err := n.rpc.call(ctx, "getrawtransaction", &tx, txid.String(), 1); err != nil {
		if err = txError(err); errors.Is(err, ErrNoTxIndex) && n.cfg.Kind == Bitcoind {
			return n.unspentStatus(ctx, txid, err)
		}
		return TxStatus{}, err
	}
	if tx.BlockHash == "" {
		return TxStatus{Found: true, InMempool: true, Height: -1}, nil
	}
	hash, err := parseHash(tx.BlockHash)
	if err != nil {
		return TxStatus{}, err
	}
	var header struct {
		Height        int32 `json:"height"`
		Confirmations int32 `json:"confirmations"`
	}
	err = n.rpc.call(ctx, "getblockheader", &header, tx.BlockHash, true)
	if err = blockError(err); errors.Is(err, ErrBlockNotFound) || err == nil && header.Confirmations < 1 {
		return TxStatus{}, ErrBlockNotFound
	}
	if err != nil {
		return TxStatus{}, err
	}
	if header.Height < 0 {
		return TxStatus{}, fmt.Errorf("%w: height %d", ErrBadAnswer, header.Height)
	}
	return n.proved(ctx, txid, TxStatus{Found: true, Height: header.Height, BlockHash: hash, Confirmations: header.Confirmations})
}

// proved holds what a node says about a confirmed transaction against headers and block, where headers are kept.
func (n *Node) proved(ctx context.Context, txid chainhash.Hash, s TxStatus) (TxStatus, error) {
	if n.cfg.Headers == nil {
		return s, nil
	}
	if err := n.inChain(ctx, s.Height, s.BlockHash); err != nil {
		return TxStatus{}, err
	}
	if err := n.inBlock(ctx, txid, s.BlockHash); err != nil {
		return TxStatus{}, err
	}
	tip, _ := n.cfg.Headers.Tip()
	s.Confirmations = tip - s.Height + 1
	return s, nil
}

// unspentOutputs is how many of a transaction's outputs are looked for among
// the unspent ones.
const unspentOutputs = 4

// unspentStatus finds a transaction by an output that nobody has spent yet,
// which a node knows without a transaction index. no is the error where there is none.
func (n *Node) unspentStatus(ctx context.Context, txid chainhash.Hash, no error) (TxStatus, error) {
	for i := range unspentOutputs {
		var out *struct { // null: spent, or there is none
			BestBlock     string `json:"bestblock"`
			Confirmations int32  `json:"confirmations"`
		}
		if err := n.rpc.call(ctx, "gettxout", &out, txid.String(), i, false); err != nil {
			return TxStatus{}, err
		}
		if out == nil {
			continue
		}
		var header struct {
			Height int32 `json:"height"`
		}
		err := n.rpc.call(ctx, "getblockheader", &header, out.BestBlock, true)
		if err != nil {
			return TxStatus{}, blockError(err)
		}
		height := header.Height - out.Confirmations + 1
		if out.Confirmations < 1 || height < 0 {
			return TxStatus{}, fmt.Errorf("%w: %d confirmations at height %d", ErrBadAnswer, out.Confirmations, header.Height)
		}
		hash, err := n.HashAt(ctx, height)
		if err != nil {
			return TxStatus{}, err
		}
		return n.proved(ctx, txid, TxStatus{Found: true, Height: height, BlockHash: hash, Confirmations: out.Confirmations})
	}
	return TxStatus{}, no
}

// MempoolTxs returns the txids of all unconfirmed transactions that the node
// holds, in no particular order.
func (n *Node) MempoolTxs(ctx context.Context) ([]chainhash.Hash, error) {
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
func (n *Node) InMempool(ctx context.Context, txid chainhash.Hash) (bool, error) {
	s, err := n.TxStatus(ctx, txid)
	if errors.Is(err, ErrNoTxIndex) { // which is not needed for those in the pool, and the pool was looked through
		return false, nil
	}
	return s.InMempool, err
}

func encodeTx(tx *wire.MsgTx) (string, error) {
	var b bytes.Buffer
	b.Grow(tx.SerializeSize())
	if err := tx.Serialize(&b); err != nil {
		return "", err
	}
	return hex.EncodeToString(b.Bytes()), nil
}
