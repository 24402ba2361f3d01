package index

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/names/state"
)

// OpStatus is what became of a transaction.
type OpStatus struct {
	Height   int32
	Index    int32 // position in the block
	Accepted bool
	Opcode   nameop.Opcode
	OpName   string // NAME_PREORDER, …
	Subject  string // name or namespace id, where one is known; hostile when not accepted
	Reason   string // why it did not count; empty when accepted
	Err      error  // the same as *Refused; nil when accepted
}

// OpStatus tells whether a transaction was seen with an operation, and what became of it. Found is false for a transaction that is
// in no block up to the tip, or carries no operation.
func (x *Index) OpStatus(ctx context.Context, txid chainhash.Hash) (status OpStatus, found bool, err error) {
	err = x.query(ctx, func(v *view, _ Tip) error {
		return v.rows.each(bTxids, txid[:hashPrefix], func(key, _ []byte) (bool, error) {
			at, _ := placeAt(key)
			row, err := v.op(at)
			if err != nil || row.At.Txid != txid {
				return true, err
			}
			found = true
			status = OpStatus{
				Height: at.Height, Index: at.Index, Accepted: row.Status == state.Accepted, Opcode: row.Opcode, OpName: row.OpName,
				Subject: row.Subject, Err: row.Err(),
			}
			if status.Err != nil {
				status.Reason = status.Err.Error()
			}
			return true, nil // the last block that holds it decides
		})
	})
	if err != nil {
		return OpStatus{}, false, fmt.Errorf("transaction %s: %w", txid, err)
	}
	return status, found, nil
}

// HistoryEntry is one operation on a name or namespace.
type HistoryEntry struct {
	state.OpRow
	Sender       string // address
	OwnerAddress string // of the name after the operation, or the revealer of the namespace; empty for preorders and refused ones
}

// History is every accepted operation on a name in the order of the chain, its preorders included, at most MaxPage. A name without
// history gives an empty list.
func (x *Index) History(ctx context.Context, n names.Name) ([]HistoryEntry, error) {
	return x.HistoryFrom(ctx, n.String(), HistoryQuery{})
}

// HistoryQuery narrows a history.
type HistoryQuery struct {
	Refused bool        // the refused operations that name the subject instead of the accepted ones
	After   state.Place // only later ones; zero: from the beginning
	Limit   int         // at most MaxPage, which 0 stands for
}

// HistoryFrom is a page of the history of a name or, when subject has no dot, of a namespace.
func (x *Index) HistoryFrom(ctx context.Context, subject string, q HistoryQuery) ([]HistoryEntry, error) {
	b, limit := bHistory, page(q.Limit)
	if q.Refused {
		b = bRefused
	}
	var list []HistoryEntry
	err := x.read(func(s stored) error {
		v := &view{p: x.p, rows: s}
		prefix := append([]byte(subject), 0)
		start := prefix
		if q.After.Height > 0 {
			start = append(historyKey(subject, q.After), 0)
		}
		return s.from(b, prefix, start, func(key, _ []byte) (bool, error) {
			if len(key) != len(prefix)+placeLen {
				return true, nil
			}
			at, _ := placeAt(key)
			row, err := v.op(at)
			if err != nil {
				return false, err
			}
			list = append(list, v.entry(row))
			return len(list) < limit, ctx.Err()
		})
	})
	if err != nil {
		return nil, fmt.Errorf("history of %q: %w", subject, err)
	}
	return list, nil
}

func (v *view) entry(row *state.OpRow) HistoryEntry {
	e := HistoryEntry{OpRow: *row}
	if row.Located != nil {
		e.Sender = row.Located.SenderAddress
	}
	switch {
	case row.Name != nil:
		e.OwnerAddress = state.AddressOf(v.p, row.Name.Owner)
	case row.Space != nil:
		e.OwnerAddress = state.AddressOf(v.p, row.Space.Recipient)
	}
	return e
}

// RecordAt is a name's state after the block at a height. The namespace is taken as it was then.
func (x *Index) RecordAt(ctx context.Context, n names.Name, height int32) (names.Record, error) {
	rec := names.Record{Name: n, Status: names.Available, Height: height}
	err := x.query(ctx, func(v *view, tip Tip) error {
		if height > tip.Height || height < v.p.FirstBlock {
			return ErrOutOfRange
		}
		consensus, _, err := v.Consensus(height)
		if err != nil {
			return err
		}
		rec.Consensus = consensus
		var row *state.NameRow
		if err := v.lastOp(n.String(), height, func(op *state.OpRow) { row = op.Name }); err != nil || row == nil {
			return err
		}
		var space *state.NamespaceRow
		if err := v.lastOp(row.Space(), height, func(op *state.OpRow) { space = op.Space }); err != nil {
			return err
		}
		if space == nil {
			return fmt.Errorf("%w: %s has no namespace", ErrCorrupt, n)
		}
		if rec, err = state.RecordAt(v.p, row, space, height, consensus); err != nil {
			return fmt.Errorf("%w: %w", ErrCorrupt, err)
		}
		return nil
	})
	if err != nil {
		return names.Record{}, fmt.Errorf("%s at height %d: %w", n, height, err)
	}
	return rec, nil
}

// lastOp calls set with the operations on a subject up to a height that left a row, oldest first.
func (v *view) lastOp(subject string, height int32, set func(*state.OpRow)) error {
	prefix := append([]byte(subject), 0)
	return v.rows.each(bHistory, prefix, func(key, _ []byte) (bool, error) {
		at, _ := placeAt(key)
		if len(key) != len(prefix)+placeLen || at.Height > height {
			return at.Height <= height, nil
		}
		row, err := v.op(at)
		if err == nil && (row.Name != nil || row.Space != nil) {
			set(row)
		}
		return true, err
	})
}

// Block is what is kept of the block at a height, with its operations in block order.
func (x *Index) Block(ctx context.Context, height int32) (state.BlockRow, []state.OpRow, error) {
	var block state.BlockRow
	var ops []state.OpRow
	err := x.query(ctx, func(v *view, _ Tip) error {
		row, err := v.block(height)
		if err != nil {
			return err
		}
		if row == nil {
			return ErrOutOfRange
		}
		block = *row
		ops, err = v.ops(height)
		return err
	})
	if err != nil {
		return state.BlockRow{}, nil, fmt.Errorf("block at height %d: %w", height, err)
	}
	return block, ops, nil
}

// ops are the operations of a block.
func (v *view) ops(height int32) ([]state.OpRow, error) {
	var list []state.OpRow
	err := v.rows.each(bOps, heightKey(height), func(key, value []byte) (bool, error) {
		at, _ := placeAt(key)
		row, err := decodeOpRow(v.p, at.Height, at.Index, value)
		if err != nil {
			return false, fmt.Errorf("operation at height %d, index %d: %w", at.Height, at.Index, err)
		}
		list = append(list, *row)
		return true, nil
	})
	return list, err
}

// Serialize is the text of an operation that is hashed, see OpRow.Serialize.
func (x *Index) Serialize(r *state.OpRow) []byte { return r.Serialize(x.p) }

// AccountLog is every state of an account, oldest first, at most MaxPage.
func (x *Index) AccountLog(ctx context.Context, address, unit string) ([]state.AccountRow, error) {
	var list []state.AccountRow
	err := x.query(ctx, func(v *view, _ Tip) error {
		return v.rows.each(bAccountLog, append(accountKeyOf(address, unit), 0), func(_, value []byte) (bool, error) {
			row, err := decodeAccountRow(address, unit, value)
			if err != nil {
				return false, err
			}
			list = append(list, *row)
			return len(list) < MaxPage, ctx.Err()
		})
	})
	if err != nil {
		return nil, fmt.Errorf("log of account %s: %w", address, err)
	}
	return list, nil
}
