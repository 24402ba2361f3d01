package sandbox

import (
	"bytes"
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

// missing returns the blocks of the node's best chain that the stored one lacks,
// parents first, and the height of the last block that both have.
func (l *blockLog) missing(ctx context.Context, btcd *node.Node) (raws [][]byte, common int32, err error) {
	_, hash, err := btcd.Tip(ctx)
	if err != nil {
		return nil, 0, err
	}
	for hash != *netParams().GenesisHash {
		if height, ok := l.height[hash]; ok {
			common = height
			break
		}
		raw, err := btcd.RawBlock(ctx, hash)
		if err != nil {
			return nil, 0, err
		}
		var header wire.BlockHeader
		if err := header.Deserialize(bytes.NewReader(raw)); err != nil {
			return nil, 0, err
		}
		raws = append(raws, raw)
		hash = header.PrevBlock
	}
	slices.Reverse(raws)
	return raws, common, nil
}

// sync stores the node's best chain.
func (l *blockLog) sync(ctx context.Context, btcd *node.Node) error {
	raws, common, err := l.missing(ctx, btcd)
	switch {
	case err != nil:
		return err
	case len(raws) == 0 && common == l.tipHeight():
		return nil
	case len(raws) == 0: // the node's chain is shorter
		err = l.rewrite(common)
	default:
		err = l.append(raws)
	}
	if err != nil {
		return fmt.Errorf("store blocks: %w", err)
	}
	return nil
}

// replay gives the stored chain to a node that has forgotten it.
func (l *blockLog) replay(ctx context.Context, btcd *node.Node, progress func(done, total int)) error {
	for i, b := range l.blocks {
		progress(i, len(l.blocks))
		if err := btcd.SubmitBlock(ctx, b.raw); err != nil {
			var no *node.BlockRefused
			if errors.As(err, &no) {
				return &BadChain{Path: l.path, Err: fmt.Errorf("the node refuses block %d: %w", i+1, err)}
			}
			return err
		}
	}
	progress(len(l.blocks), len(l.blocks))
	height, hash, err := btcd.Tip(ctx)
	if err != nil {
		return err
	}
	if hash != l.tipHash() {
		return &BadChain{Path: l.path, Err: fmt.Errorf("the node's best block is %d %s, not %d %s", height, hash, l.tipHeight(), l.tipHash())}
	}
	return nil
}

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

// keepMempool stores the unconfirmed transactions, so that they survive a crash
// of the node too.
func (s *Sandbox) keepMempool(ctx context.Context) error {
	txs, err := mempoolTxs(ctx, s.Chain())
	if err != nil {
		return err
	}
	return writeMempool(s.dir, txs)
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

// setAsideMempool moves a damaged mempool.json out of the way: what it held was in no block.
func (s *Sandbox) setAsideMempool() error {
	_, err := readMempool(s.dir)
	var bad *BadState
	if !errors.As(err, &bad) {
		return err
	}
	s.report.SetAside = bad.Path + ".damaged"
	return os.Rename(bad.Path, s.report.SetAside)
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

// rebroadcast gives transactions to the node again and returns those that it
// does not take any more.
func rebroadcast(ctx context.Context, btcd *node.Node, txs []*wire.MsgTx) (lost []Lost, err error) {
	for _, tx := range txs {
		_, err := btcd.Broadcast(ctx, tx)
		var no *chain.Refused
		switch {
		case errors.As(err, &no):
			lost = append(lost, Lost{Txid: tx.TxHash(), Why: no})
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
