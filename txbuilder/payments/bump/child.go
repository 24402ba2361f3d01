package bump

import (
	"context"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/payments"
	"blockstack/txbuilder/payments/paid"
)

// child plans a transaction that spends what a waiting one gives us back to ourselves, with a fee
// that is enough for both. Where the fee of the first cannot be found out, it counts as none.
func child(ctx context.Context, w Wallet, n Node, b *txbuilder.Builder, e *paid.Entry, r txbuilder.PaymentRequest) (*txbuilder.Plan, error) {
	list, err := w.Coins(ctx)
	if err != nil {
		return nil, err
	}
	r.Closed, r.All, r.Text = true, true, "back to yourself"
	for i := range list {
		if c := &list[i]; c.Hash == e.Txid && c.MayPay() {
			r.Inputs = append(r.Inputs, txbuilder.InputOf(e.Tx, int(c.Index)))
		}
	}
	if len(r.Inputs) == 0 {
		return nil, &Refused{Txid: e.Txid, Why: GivesNone}
	}
	if r.To, err = w.ChangeScript(ctx); err != nil {
		return nil, err
	}
	fee := e.Fee
	if !e.FeeKnown {
		fee = feeOf(ctx, n, e.Tx)
	}
	for range 2 { // the second time the size of the child is known
		plan, err := b.Payment(ctx, r)
		if err != nil {
			return nil, err
		}
		need := childFee(r.Rate, fee, payments.VSize(e.Tx), plan.VSize)
		if plan.Fee >= need {
			return plan, nil
		}
		r.MinFee = need
	}
	return b.Payment(ctx, r)
}

// childFee is what a child pays so that a rate is paid for it and its parent together, and for
// itself alone in any case.
func childFee(rate txbuilder.FeeRate, parentFee btcutil.Amount, parent, child int64) btcutil.Amount {
	return max(rate.Fee(parent+child)-parentFee, rate.Fee(child))
}

// feeOf asks a node what a transaction of somebody else pays; 0 where it cannot be known.
func feeOf(ctx context.Context, n Node, tx *wire.MsgTx) btcutil.Amount {
	var in btcutil.Amount
	for _, i := range tx.TxIn {
		prev, known := n.Tx(ctx, i.PreviousOutPoint.Hash)
		if !known || int64(i.PreviousOutPoint.Index) >= int64(len(prev.TxOut)) {
			return 0
		}
		in += btcutil.Amount(prev.TxOut[i.PreviousOutPoint.Index].Value)
	}
	return max(0, in-total(tx))
}
