package index

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
	"blockstack/names/index/store"
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

// OpStatus tells whether a transaction was seen with an operation, and what became of it. Found is
// false for a transaction that is in no block up to the tip, or carries no operation.
func (x *Index) OpStatus(ctx context.Context, txid chainhash.Hash) (status OpStatus, found bool, err error) {
	err = x.query(ctx, func(r *store.Reader, _ Tip) error {
		return r.OpsOf(txid, func(row *state.OpRow) { // the last block that holds it decides
			found = true
			status = OpStatus{
				Height: row.At.Height, Index: row.At.Index, Accepted: row.Status == state.Accepted, Opcode: row.Opcode,
				OpName: row.OpName, Subject: row.Subject, Err: row.Err(),
			}
			if status.Err != nil {
				status.Reason = status.Err.Error()
			}
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

// History is every accepted operation on a name in the order of the chain, its preorders included,
// at most MaxPage. A name without history gives an empty list.
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
	limit := page(q.Limit)
	var list []HistoryEntry
	err := x.query(ctx, func(r *store.Reader, _ Tip) error {
		return r.History(subject, q.Refused, q.After, func(row *state.OpRow) (bool, error) {
			list = append(list, entryOf(x.p, row))
			return len(list) < limit, ctx.Err()
		})
	})
	if err != nil {
		return nil, fmt.Errorf("history of %q: %w", subject, err)
	}
	return list, nil
}

func entryOf(p *names.Params, row *state.OpRow) HistoryEntry {
	e := HistoryEntry{OpRow: *row}
	if row.Located != nil {
		e.Sender = row.Located.SenderAddress
	}
	switch {
	case row.Name != nil:
		e.OwnerAddress = state.AddressOf(p, row.Name.Owner)
	case row.Space != nil:
		e.OwnerAddress = state.AddressOf(p, row.Space.Recipient)
	}
	return e
}

// RecordAt is a name's state after the block at a height. The namespace is taken as it was then.
func (x *Index) RecordAt(ctx context.Context, n names.Name, height int32) (names.Record, error) {
	rec := names.Record{Name: n, Status: names.Available, Height: height}
	err := x.query(ctx, func(r *store.Reader, tip Tip) error {
		if height > tip.Height || height < x.p.FirstBlock {
			return ErrOutOfRange
		}
		consensus, _, err := r.Consensus(height)
		if err != nil {
			return err
		}
		rec.Consensus = consensus
		var row *state.NameRow
		if err := lastOp(r, n.String(), height, func(op *state.OpRow) { row = op.Name }); err != nil || row == nil {
			return err
		}
		var space *state.NamespaceRow
		if err := lastOp(r, row.Space(), height, func(op *state.OpRow) { space = op.Space }); err != nil {
			return err
		}
		if space == nil {
			return fmt.Errorf("%w: %s has no namespace", ErrCorrupt, n)
		}
		if rec, err = state.RecordAt(x.p, row, space, height, consensus); err != nil {
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
func lastOp(r *store.Reader, subject string, height int32, set func(*state.OpRow)) error {
	return r.History(subject, false, state.Place{}, func(row *state.OpRow) (bool, error) {
		if row.At.Height > height {
			return false, nil
		}
		if row.Name != nil || row.Space != nil {
			set(row)
		}
		return true, nil
	})
}

// Block is what is kept of the block at a height, with its operations in block order.
func (x *Index) Block(ctx context.Context, height int32) (state.BlockRow, []state.OpRow, error) {
	var block state.BlockRow
	var ops []state.OpRow
	err := x.query(ctx, func(r *store.Reader, _ Tip) error {
		row, err := r.Block(height)
		if err != nil {
			return err
		}
		if row == nil {
			return ErrOutOfRange
		}
		block = *row
		ops, err = r.Ops(height)
		return err
	})
	if err != nil {
		return state.BlockRow{}, nil, fmt.Errorf("block at height %d: %w", height, err)
	}
	return block, ops, nil
}

// Serialize is the text of an operation that is hashed, see OpRow.Serialize.
func (x *Index) Serialize(r *state.OpRow) []byte { return r.Serialize(x.p) }
