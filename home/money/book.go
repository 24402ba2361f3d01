package money

import (
	"context"
	"errors"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder/payments"
	"blockstack/txbuilder/payments/paid"
	"blockstack/wallet"
	"blockstack/wallet/labels"
)

// Book writes payments down in the wallet's files. At, where it is not nil, is called before the
// first write of a payment and after the last one: tests end the process there.
type Book struct {
	Wallet *wallet.Wallet
	At     func()
}

// Record keeps a transaction with what it pays.
func (b Book) Record(ctx context.Context, tx *wire.MsgTx, r paid.Record) error {
	reach(b.At)
	return answered(b.Wallet.Payments().Record(ctx, tx, toRow(r)))
}

// Forget takes a payment out that was never taken.
func (b Book) Forget(ctx context.Context, tx *wire.MsgTx) error {
	return b.Wallet.Payments().Forget(ctx, tx)
}

// AddTx keeps a transaction.
func (b Book) AddTx(ctx context.Context, tx *wire.MsgTx) error { return b.Wallet.AddTx(ctx, tx) }

// Remember keeps what the chain does not tell of a transaction.
func (b Book) Remember(ctx context.Context, r payments.Remembered) error {
	var list []labels.Label
	for _, l := range r.Labels {
		row := labels.Label{Type: labels.Tx, Ref: r.Txid.String(), Text: l.Text}
		if l.Output >= 0 {
			op := wire.OutPoint{Hash: r.Txid, Index: uint32(l.Output)}
			row.Type, row.Ref = labels.Output, op.String()
		}
		list = append(list, row)
	}
	if len(list) > 0 {
		if err := b.Wallet.SetLabels(ctx, list); err != nil {
			return err
		}
	}
	err := b.Wallet.Paid(ctx, r.Txid, r.Time, r.Names)
	reach(b.At)
	return err
}

// Prepare remembers a payment that is signed elsewhere, and holds its coins.
func (b Book) Prepare(ctx context.Context, r paid.Record) error {
	return answered(b.Wallet.Payments().Prepare(ctx, toRow(r)))
}

// Renew holds the coins of a prepared payment for longer.
func (b Book) Renew(ctx context.Context, r paid.Record) error {
	return b.Wallet.Payments().Renew(ctx, toRow(r), r.Until)
}

// Drop forgets a prepared payment.
func (b Book) Drop(ctx context.Context, r paid.Record) error {
	return b.Wallet.Payments().Drop(ctx, toRow(r))
}

// Sent notes that a prepared payment was sent.
func (b Book) Sent(ctx context.Context, tx *wire.MsgTx) (paid.Record, bool, error) {
	r, found, err := b.Wallet.Payments().Sent(ctx, tx)
	return fromRow(r), found, err
}

// Plain keeps transactions that are no payments, as package send writes them.
type Plain struct {
	Wallet *wallet.Wallet
	At     func() // as of Book
}

// Add keeps a transaction before it is sent.
func (b Plain) Add(ctx context.Context, tx *wire.MsgTx) error {
	reach(b.At)
	return b.Wallet.AddTx(ctx, tx)
}

// Remove forgets a transaction that no node takes.
func (b Plain) Remove(ctx context.Context, tx *wire.MsgTx) error {
	return b.Wallet.RemoveTx(ctx, tx.TxHash())
}

// Kept keeps transactions that may replace others.
type Kept struct {
	Wallet *wallet.Wallet
	At     func() // as of Book
}

// KeptTxs lists what is kept.
func (k Kept) KeptTxs(ctx context.Context) ([]*wire.MsgTx, error) { return k.Wallet.KeptTxs(ctx) }

// KeepTx writes a transaction to disk.
func (k Kept) KeepTx(ctx context.Context, tx *wire.MsgTx) error {
	reach(k.At)
	return k.Wallet.KeepTx(ctx, tx)
}

// AddTx puts a transaction that was taken into the books.
func (k Kept) AddTx(ctx context.Context, tx *wire.MsgTx) error {
	err := k.Wallet.AddTx(ctx, tx)
	reach(k.At)
	return err
}

// RemoveTx forgets a transaction.
func (k Kept) RemoveTx(ctx context.Context, txid chainhash.Hash) error {
	return k.Wallet.RemoveTx(ctx, txid)
}

// reach calls what is to be called at a place.
func reach(at func()) {
	if at != nil {
		at()
	}
}

// answered says in the words of payments that a request was answered already.
func answered(err error) error {
	if errors.Is(err, wallet.ErrKnownRequest) {
		return knownRequest{err}
	}
	return err
}

// knownRequest is an error that matches payments.ErrAnswered.
type knownRequest struct{ error }

// Is matches payments.ErrAnswered.
func (knownRequest) Is(target error) bool { return target == payments.ErrAnswered }

// Unwrap returns the wallet's error.
func (e knownRequest) Unwrap() error { return e.error }

// toRow and fromRow turn what is remembered of a payment into what the wallet keeps, and back.
func toRow(r paid.Record) labels.PaymentRecord {
	row := labels.PaymentRecord{Request: r.Request, Time: r.Time, SubtractFee: r.SubtractFee, Tx: r.Tx, PSBT: r.PSBT, Until: r.Until}
	for _, t := range r.Targets {
		row.Targets = append(row.Targets, labels.Target(t))
	}
	return row
}

func fromRow(row labels.PaymentRecord) paid.Record {
	r := paid.Record{Request: row.Request, Time: row.Time, SubtractFee: row.SubtractFee, Tx: row.Tx, PSBT: row.PSBT, Until: row.Until}
	for _, t := range row.Targets {
		r.Targets = append(r.Targets, paid.Target(t))
	}
	return r
}
