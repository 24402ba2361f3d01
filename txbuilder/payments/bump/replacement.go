package bump

import (
	"context"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/payments"
	"blockstack/txbuilder/payments/paid"
)

// replacement plans the same payments from the same coins with a higher fee (BIP 125): at least
// what is paid now by it and by what others hung on it, which goes with it, and the node's
// increment for its own size on top. Its lock time is that of a payment made now, since the higher
// fee is as much worth mining a block again for; but never less than before, which somebody may
// have meant.
func replacement(ctx context.Context, w Wallet, n Node, b *txbuilder.Builder, e *paid.Entry, r txbuilder.PaymentRequest) (*txbuilder.Plan, error) {
	if err := w.CheckSigned(ctx, e.Tx); err != nil { // what is signed here pays whom that one pays
		return nil, err
	}
	r.LockTime = max(r.LockTime, e.Tx.LockTime)
	for _, in := range e.Tx.TxIn {
		tx, err := w.PrevTx(ctx, in.PreviousOutPoint)
		if err != nil {
			return nil, err
		}
		r.Inputs = append(r.Inputs, txbuilder.InputOf(tx, int(in.PreviousOutPoint.Index)))
	}
	samePayees(&r, e)
	fees, err := n.Fees(ctx)
	if err != nil {
		return nil, err
	}
	hanging, err := n.HangingFees(ctx, e.Txid)
	if err != nil {
		return nil, err
	}
	evicted := e.Fee + hanging
	r.MinFee = leastReplacement(evicted, fees.Increment, payments.VSize(e.Tx))
	for {
		plan, err := b.Payment(ctx, r)
		if err != nil {
			return nil, err
		}
		least := leastReplacement(evicted, fees.Increment, plan.VSize)
		if plan.Fee >= least {
			return plan, nil
		}
		r.MinFee = least
	}
}

// samePayees pays whom a transaction pays; what it gives back to ourselves is the change.
func samePayees(r *txbuilder.PaymentRequest, e *paid.Entry) {
	first := true
	for _, o := range e.Outputs {
		switch {
		case o.Change:
			r.Change = o.Script
		case first:
			r.To, r.Amount, r.Text, first = o.Script, o.Amount, "payment, as before", false
		default:
			r.More = append(r.More, txbuilder.Payee{To: o.Script, Amount: o.Amount, Text: "payment, as before"})
		}
	}
	if first { // everything went back to ourselves
		r.To, r.Change, r.All, r.Text = r.Change, nil, true, "back to yourself"
	}
}

// leastReplacement is what a replacement of a size pays at least: the fees of all that it evicts,
// and the increment for its own size.
func leastReplacement(evicted btcutil.Amount, increment txbuilder.FeeRate, vsize int64) btcutil.Amount {
	return evicted + increment.Fee(vsize)
}
