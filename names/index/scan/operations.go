package scan

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/names/state"
)

// Spent gives the output that input i of the transaction at an index of the block spends.
type Spent func(tx *wire.MsgTx, index, input int) (*wire.TxOut, error)

// Operations finds the operations of a raw block. Only candidates are decoded, and only the outputs
// that their inputs spend are asked for.
func Operations(p *names.Params, height int32, raw []byte, prev Spent) ([]state.BlockOp, error) {
	candidates, err := scanBlock(raw, p.Magic, nil)
	if err != nil {
		return nil, err
	}
	var ops []state.BlockOp
	for _, c := range candidates {
		var tx wire.MsgTx
		if err := tx.Deserialize(bytes.NewReader(raw[c.start:c.end])); err != nil {
			return nil, fmt.Errorf("%w: transaction %d: %w", ErrBadBlock, c.index, err)
		}
		op, err := readTx(p, height, c.index, &tx, prev)
		if err != nil {
			return nil, err
		}
		if op != nil {
			ops = append(ops, *op)
		}
	}
	return ops, nil
}

// readTx reads the operation of a transaction, nil when it has none.
func readTx(p *names.Params, height int32, index int, tx *wire.MsgTx, prev Spent) (*state.BlockOp, error) {
	op := &state.BlockOp{At: state.Place{Height: height, Index: int32(index), Txid: tx.TxHash()}}
	var failed *NoSpentOutputError
	located, err := nameop.FromTx(p, height, index, tx, func(i int) (*wire.TxOut, error) {
		out, err := prev(tx, index, i)
		if err == nil && out == nil {
			err = errors.New("it knows no such output")
		}
		if err != nil {
			failed = &NoSpentOutputError{Txid: op.At.Txid, Height: height, Input: i, Err: err}
			return nil, failed
		}
		return out, nil
	})
	switch {
	case err == nil:
		op.Located = located
		return op, nil
	case failed != nil:
		return nil, failed
	case errors.Is(err, nameop.ErrNotOurs):
		return nil, nil
	case errors.As(err, &op.Unparsed):
		return op, nil
	}
	return nil, fmt.Errorf("transaction %s: %w", op.At.Txid, err)
}

// Hashes are the hash of a raw block and that of the block before it.
func Hashes(raw []byte) (hash, previous chainhash.Hash, err error) {
	if len(raw) < HeaderLen {
		return hash, previous, fmt.Errorf("%w: %d bytes are too few for a header", ErrBadBlock, len(raw))
	}
	return chainhash.DoubleHashH(raw[:HeaderLen]), chainhash.Hash(raw[4:36]), nil
}
