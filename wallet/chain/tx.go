package chain

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/btcsuite/btcd/btcjson"
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
// wraps ErrTxNotFound when the node has none, ErrNoTxIndex when it cannot tell.
func (n *Node) Tx(ctx context.Context, txid chainhash.Hash) (*wire.MsgTx, error) {
	raw, err := n.callHex(ctx, "getrawtransaction", txid.String(), 0)
	if err != nil {
		return nil, fmt.Errorf("transaction %s: %w", txid, txError(err))
	}
	var tx wire.MsgTx
	r := bytes.NewReader(raw)
	if err := tx.Deserialize(r); err != nil {
		return nil, fmt.Errorf("transaction %s: %w: %w", txid, ErrBadAnswer, err)
	}
	if r.Len() != 0 || tx.TxHash() != txid {
		return nil, fmt.Errorf("transaction %s: %w: another transaction", txid, ErrBadAnswer)
	}
	return &tx, nil
}

// TxStatus looks a transaction up. Not knowing it is not an error: Found is
// false then. A bitcoind without a transaction index knows those in the memory
// pool and those with an unspent output among their first ones; a btcd without
// one knows the memory pool only. The error wraps ErrNoTxIndex for everything else.
func (n *Node) TxStatus(ctx context.Context, txid chainhash.Hash) (TxStatus, error) {
	const tries = 3 // a reorg may fall between the two questions
	for try := 1; ; try++ {
		s, err := n.txStatus(ctx, txid)
		switch {
		case err == nil:
			return s, nil
		case errors.Is(err, ErrTxNotFound):
			return TxStatus{Height: -1}, nil
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
			return n.unspentStatus(ctx, txid)
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
	return TxStatus{Found: true, Height: header.Height, BlockHash: hash, Confirmations: header.Confirmations}, nil
}

// unspentOutputs is how many of a transaction's outputs are looked for among
// the unspent ones.
const unspentOutputs = 4

// unspentStatus finds a transaction by an output that nobody has spent yet,
// which a node knows without a transaction index.
func (n *Node) unspentStatus(ctx context.Context, txid chainhash.Hash) (TxStatus, error) {
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
		return TxStatus{Found: true, Height: height, BlockHash: hash, Confirmations: out.Confirmations}, nil
	}
	return TxStatus{}, ErrNoTxIndex
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
	if errors.Is(err, ErrNoTxIndex) { // which is not needed for those in the pool
		return false, nil
	}
	return s.InMempool, err
}

// txError gives a node's "no such transaction" its meaning. The one code that
// nodes use for it covers a missing index too, which only the words tell apart.
func txError(err error) error {
	var e *btcjson.RPCError
	if !errors.As(err, &e) || e.Code != btcjson.ErrRPCNoTxInfo {
		return err
	}
	if strings.Contains(e.Message, "txindex") {
		return ErrNoTxIndex
	}
	return ErrTxNotFound
}

func encodeTx(tx *wire.MsgTx) (string, error) {
	var b bytes.Buffer
	b.Grow(tx.SerializeSize())
	if err := tx.Serialize(&b); err != nil {
		return "", err
	}
	return hex.EncodeToString(b.Bytes()), nil
}
