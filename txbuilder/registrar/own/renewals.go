package own

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/txbuilder/registrar/job"
)

// A renewal burns a price as a preorder does. So before one is planned or signed, those of its name
// are looked for that its owner has sent and no job here knows: in the memory pool, in what the
// wallet remembers, and in the record.

// RenewalOurs says that a renewal of a name was sent already, and is in no block yet.
type RenewalOurs struct {
	Name names.Name
	Txid chainhash.Hash
	Job  job.ID // that sent it and is over; empty: no job knows it
}

// Error says what is there.
func (e *RenewalOurs) Error() string {
	return fmt.Sprintf("%s is being renewed already, with transaction %s, which is in no block yet; another renewal would be paid for nothing", e.Name, e.Txid)
}

// Code is renewal_outstanding.
func (e *RenewalOurs) Code() string { return "renewal_outstanding" }

// MinedRenewal is the transaction that a record has its term from, where that is a renewal whose
// block can be had; nil: it cannot be told.
func (r *Search) MinedRenewal(ctx context.Context, name names.Name, rec *names.Record) (found *wire.MsgTx, err error) {
	block, err := r.Chain.BlockAt(ctx, rec.RenewedAt)
	if err != nil {
		return nil, ctx.Err() // pruned, or out of reach: that the name was renewed is known all the same
	}
	for _, tx := range block.Transactions {
		if op, is := RenewalIn(r.Params, tx, rec.RenewedAt); !is || op.Name != name.String() {
			continue
		}
		at, seen, err := r.Names.OpStatus(ctx, tx.TxHash())
		if err != nil {
			return nil, fmt.Errorf("operation %s: %w", tx.TxHash(), err)
		}
		if seen && at.Accepted && at.Height == rec.RenewedAt {
			found = tx
		}
	}
	return found, nil
}

// OwnMined is the renewal in a block that has done just now what is asked for, sent by the owner.
// Nil: there is none.
func (r *Search) OwnMined(ctx context.Context, req *job.Request) (*wire.MsgTx, int32, error) {
	rec, err := r.Names.Record(ctx, req.Name)
	if err != nil || rec.RenewedAt <= rec.FirstRegistered || !job.Met(req, &rec) {
		return nil, 0, err
	}
	tx, err := r.MinedRenewal(ctx, req.Name, &rec)
	if err != nil || tx == nil || !isSender(tx, req.Owner) {
		return nil, 0, err
	}
	return tx, rec.RenewedAt, nil
}

// SentRenewal is the renewal of a request's name that its owner has sent and that is in no block
// yet; nil: there is none to be seen.
func (r *Search) SentRenewal(ctx context.Context, req *job.Request, tip int32) (*wire.MsgTx, error) {
	txs, err := r.unconfirmed(ctx)
	if err != nil {
		return nil, err
	}
	for _, tx := range txs {
		op, is := RenewalIn(r.Params, tx, tip+1)
		if !is || op.Name != req.Name.String() || !isSender(tx, req.Owner) {
			continue
		}
		if waits, err := r.inNoBlock(ctx, tx.TxHash()); err != nil || waits {
			return tx, err
		}
	}
	return nil, nil
}

// RenewalIn reads a transaction as a renewal, by the rules of a height.
func RenewalIn(params *names.Params, tx *wire.MsgTx, height int32) (op nameop.NameRenewal, is bool) {
	payload, ours := nameop.FindPayload(tx, params.Magic)
	if !ours || len(tx.TxIn) == 0 || len(tx.TxOut) < 4 {
		return op, false
	}
	_, e := params.Epoch(height)
	decoded, err := nameop.Decode(e, payload, len(tx.TxOut))
	if err != nil {
		return op, false
	}
	op, is = decoded.(nameop.NameRenewal)
	return op, is
}
