package store

import (
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names/state"
)

// op is the operation at a place.
func (r *Reader) op(at state.Place) (*state.OpRow, error) {
	row, err := found(r.View, bOps, opKey(at), func(b []byte) (*state.OpRow, error) { return decodeOpRow(r.p, at.Height, at.Index, b) })
	if err == nil && row == nil {
		return nil, fmt.Errorf("%w: no operation at height %d, index %d", ErrCorrupt, at.Height, at.Index)
	}
	return row, err
}

// Ops are the operations of a block.
func (r *Reader) Ops(height int32) ([]state.OpRow, error) {
	var list []state.OpRow
	err := r.file.each(bOps, heightKey(height), func(key, value []byte) (bool, error) {
		at, _ := placeAt(key)
		row, err := decodeOpRow(r.p, at.Height, at.Index, value)
		if err != nil {
			return false, fmt.Errorf("operation at height %d, index %d: %w", at.Height, at.Index, err)
		}
		list = append(list, *row)
		return true, nil
	})
	return list, err
}

// OpsOf visits the operations of a transaction, one for each block that held it, the last one last.
func (r *Reader) OpsOf(txid chainhash.Hash, visit func(*state.OpRow)) error {
	return r.file.each(bTxids, txid[:hashPrefix], func(key, _ []byte) (bool, error) {
		at, _ := placeAt(key)
		row, err := r.op(at)
		if err == nil && row.At.Txid == txid {
			visit(row)
		}
		return true, err
	})
}

// History visits the accepted or the refused operations on a name or namespace that come after a
// place, in the order of the chain. A zero place stands for the beginning.
func (r *Reader) History(subject string, refused bool, after state.Place, visit func(*state.OpRow) (more bool, err error)) error {
	b := bHistory
	if refused {
		b = bRefused
	}
	prefix := append([]byte(subject), 0)
	start := prefix
	if after.Height > 0 {
		start = append(historyKey(subject, after), 0)
	}
	return r.file.from(b, prefix, start, func(key, _ []byte) (bool, error) {
		if len(key) != len(prefix)+placeLen {
			return true, nil
		}
		at, _ := placeAt(key)
		row, err := r.op(at)
		if err != nil {
			return false, err
		}
		return visit(row)
	})
}
