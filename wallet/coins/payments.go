package coins

import (
	"context"
	"slices"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/storage/dbfile"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
)

// Payments is the memory of the payments of a home, and of their transactions.
type Payments struct {
	*labels.Payments
	coins *Coins
}

// NewPayments is that of the home that has some coins.
func NewPayments(c *Coins) *Payments { return &Payments{labels.NewPayments(c.Book), c} }

// Record is AddTx for a payment: what it pays, and the request that it answers, are on disk with
// the transaction before it is sent. ErrKnownRequest: the request was answered already.
func (m *Payments) Record(ctx context.Context, tx *wire.MsgTx, p labels.PaymentRecord) error {
	p.Tx = tx
	return m.coins.addTxs(ctx, []*wire.MsgTx{tx}, func(btx *dbfile.Tx) error { return labels.PutPayment(btx, p, time.Now()) })
}

// Forget forgets a payment whose transaction was never taken, and the transaction with it.
func (m *Payments) Forget(ctx context.Context, tx *wire.MsgTx) error {
	return m.coins.removeTx(ctx, tx.TxHash(), func(btx *dbfile.Tx) error { return labels.DropPayment(btx, labels.PaymentRecord{Tx: tx}) })
}

// Replaced are the transactions of ours that others replaced, newest first: as entries of the
// history that moved nothing. One that is in the history after all, since the chain decided for it,
// is not among them.
func (m *Payments) Replaced(ctx context.Context, history []Entry) ([]Entry, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	known := make(map[chainhash.Hash]*Entry, len(history))
	for i := range history {
		known[history[i].Txid] = &history[i]
	}
	var out []Entry
	err := m.coins.Book.View(func(btx *dbfile.Tx) error {
		list, err := labels.ReplacedTxs(btx)
		if err != nil {
			return err
		}
		sent, err := labels.SentTxs(btx)
		if err != nil {
			return err
		}
		for _, tx := range sent { // another home of the same seed, or a node, knew the rival first
			if rival := rivalOf(tx, history); rival != nil && known[tx.TxHash()] == nil {
				list = append(list, labels.Replaced{Tx: tx, By: rival.Txid, Time: rival.Time})
			}
		}
		for _, r := range slices.Backward(list) {
			e := Entry{Txid: r.Tx.TxHash(), Tx: r.Tx, Height: -1, Time: r.Time, ReplacedBy: &r.By}
			if known[e.Txid] != nil {
				continue
			}
			e.Label = labels.Of(btx, labels.Tx, e.Txid.String())
			for i, o := range r.Tx.TxOut {
				out := Output{Index: uint32(i), Amount: btcutil.Amount(o.Value), Script: o.PkScript, Address: scripts.AddressOf(m.coins.Book.Net, o.PkScript)}
				if out.Key, out.Ours, err = m.coins.Keys.Find(btx, o.PkScript); err != nil {
					return err
				}
				e.Outputs = append(e.Outputs, out)
			}
			out = append(out, e)
		}
		return nil
	})
	return out, err
}

// rivalOf finds the entry of a history that spends a coin of a transaction and is not that one;
// nil: there is none.
func rivalOf(tx *wire.MsgTx, history []Entry) *Entry {
	for i := range history {
		if labels.Conflict(tx, history[i].Tx) {
			return &history[i]
		}
	}
	return nil
}
