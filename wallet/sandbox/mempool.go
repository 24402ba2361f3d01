package sandbox

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/wallet/chain"
	"blockstack/wallet/chain/node"
)

const (
	mempoolFile   = "mempool.json"
	mempoolSchema = "blockstack/sandbox-mempool/v1"
)

// storedMempool is mempool.json: transactions in hex, parents before children.
type storedMempool struct {
	Schema string   `json:"schema"`
	Txs    []string `json:"txs"`
}

// mempoolTxs returns the node's unconfirmed transactions, parents before children.
func mempoolTxs(ctx context.Context, btcd *node.Node) ([]*wire.MsgTx, error) {
	ids, err := btcd.MempoolTxs(ctx)
	if err != nil {
		return nil, err
	}
	var txs []*wire.MsgTx
	for _, id := range ids {
		tx, err := btcd.Tx(ctx, id)
		if errors.Is(err, chain.ErrTxNotFound) {
			continue // mined or replaced meanwhile
		}
		if err != nil {
			return nil, err
		}
		txs = append(txs, tx)
	}
	return parentsFirst(txs), nil
}

// parentsFirst orders transactions so that none comes before one that it spends.
func parentsFirst(txs []*wire.MsgTx) []*wire.MsgTx {
	byID := make(map[chainhash.Hash]*wire.MsgTx, len(txs))
	for _, tx := range txs {
		byID[tx.TxHash()] = tx
	}
	out := make([]*wire.MsgTx, 0, len(txs))
	for len(txs) > 0 {
		var later []*wire.MsgTx
		for _, tx := range txs {
			if slices.ContainsFunc(tx.TxIn, func(in *wire.TxIn) bool { return byID[in.PreviousOutPoint.Hash] != nil }) {
				later = append(later, tx)
				continue
			}
			out = append(out, tx)
		}
		if len(later) == len(txs) { // cannot be: a hash would contain itself
			return append(out, later...)
		}
		for _, tx := range out {
			delete(byID, tx.TxHash())
		}
		txs = later
	}
	return out
}

// keepMempool stores the unconfirmed transactions, so that they survive a crash of the node too.
func keepMempool(ctx context.Context, dir string, btcd *node.Node) error {
	txs, err := mempoolTxs(ctx, btcd)
	if err != nil {
		return err
	}
	return writeMempool(dir, txs)
}

func writeMempool(dir string, txs []*wire.MsgTx) error {
	m := storedMempool{Schema: mempoolSchema, Txs: []string{}}
	for _, tx := range txs {
		var b strings.Builder
		if err := tx.Serialize(hex.NewEncoder(&b)); err != nil {
			return err
		}
		m.Txs = append(m.Txs, b.String())
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, mempoolFile), append(raw, '\n'))
}

func readMempool(dir string) ([]*wire.MsgTx, error) {
	path := filepath.Join(dir, mempoolFile)
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	txs, err := parseMempool(raw)
	if err != nil {
		return nil, &BadState{Path: path, Err: err}
	}
	return txs, nil
}

// setAsideMempool moves a damaged mempool.json out of the way: what it held was in no block. "": it
// was not damaged.
func setAsideMempool(dir string) (moved string, err error) {
	_, err = readMempool(dir)
	var bad *BadState
	if !errors.As(err, &bad) {
		return "", err
	}
	moved = bad.Path + ".damaged"
	return moved, os.Rename(bad.Path, moved)
}

func parseMempool(raw []byte) ([]*wire.MsgTx, error) {
	var m storedMempool
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, err
	}
	if m.Schema != mempoolSchema {
		return nil, fmt.Errorf("schema is %.60q, not %q", m.Schema, mempoolSchema)
	}
	var txs []*wire.MsgTx
	for i, text := range m.Txs {
		tx := new(wire.MsgTx)
		if err := tx.Deserialize(hex.NewDecoder(strings.NewReader(text))); err != nil {
			return nil, fmt.Errorf("transaction %d: %w", i, err)
		}
		txs = append(txs, tx)
	}
	return txs, nil
}

// rebroadcast gives transactions to the node again and returns those that it does not take any
// more.
func rebroadcast(ctx context.Context, btcd *node.Node, txs []*wire.MsgTx) (lost []Lost, err error) {
	for _, tx := range txs {
		_, err := btcd.Broadcast(ctx, tx)
		var refusal *chain.Refused
		switch {
		case errors.As(err, &refusal):
			lost = append(lost, Lost{Txid: tx.TxHash(), Why: refusal})
		case err != nil:
			return lost, err
		}
	}
	return lost, nil
}

// Lost is a transaction that could not be given to the node again.
type Lost struct {
	Txid chainhash.Hash
	Why  *chain.Refused
}
