package payments

import (
	"bytes"

	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/payments/paid"
)

// Summary is what a payment does, in numbers.
type Summary struct {
	Amount, Fee, Change btcutil.Amount
	FeeKnown            bool
	Rate                txbuilder.FeeRate
	VSize               int64
	Inputs              []wire.OutPoint
	Payees              []PaidPayee
}

// PaidPayee is one payee of a summary.
type PaidPayee struct {
	Name, Address string
	How           How
	Amount        btcutil.Amount
	Label         string
	Before        string // the address where the name was paid last, if that was elsewhere
	ExactUntil    *int32
}

// Summary says what a plan does.
func (p *Plan) Summary() Summary {
	tx := p.Tx.Packet.UnsignedTx
	sum := Summary{Amount: p.Amount(), Fee: p.Tx.Fee, FeeKnown: true, Change: p.Tx.ChangeValue(), Rate: p.Tx.Rate(), VSize: p.Tx.VSize, Inputs: spentBy(tx)}
	for _, q := range p.Payees {
		v := PaidPayee{Address: q.Address, How: q.How, Label: q.Label, Amount: valueOf(tx, q.Script, p.Tx.Change), ExactUntil: q.ExactUntil}
		if !q.Name.IsZero() {
			v.Name = q.Name.String()
		}
		if q.Before != nil {
			v.Before = q.Before.Address
		}
		sum.Payees = append(sum.Payees, v)
	}
	return sum
}

// summaryOf says what a transaction that pays a record does.
func summaryOf(r *paid.Record, e *paid.Entry) Summary {
	sum := Summary{VSize: VSize(e.Tx), FeeKnown: e.FeeKnown, Change: e.Change(), Inputs: spentBy(e.Tx)}
	if e.FeeKnown {
		sum.Fee, sum.Rate = e.Fee, txbuilder.RateOf(e.Fee, sum.VSize)
	}
	for _, t := range r.Targets {
		q := PaidPayee{Name: t.Name, Address: t.Address, How: ByAddress, Label: t.Label, Amount: valueOf(e.Tx, t.Script, -1)}
		sum.Payees = append(sum.Payees, q)
		sum.Amount += q.Amount
	}
	return sum
}

// spentBy lists what a transaction spends.
func spentBy(tx *wire.MsgTx) (list []wire.OutPoint) {
	for _, in := range tx.TxIn {
		list = append(list, in.PreviousOutPoint)
	}
	return list
}

// VSize is the size that a signed transaction pays for.
func VSize(tx *wire.MsgTx) int64 {
	return (blockchain.GetTransactionWeight(btcutil.NewTx(tx)) + 3) / 4
}

// outputOf finds the output that pays a script, apart from the change; -1: there is none.
func outputOf(tx *wire.MsgTx, script []byte, change int) int {
	for i, o := range tx.TxOut {
		if i != change && bytes.Equal(o.PkScript, script) {
			return i
		}
	}
	return -1
}

// valueOf is what that output holds.
func valueOf(tx *wire.MsgTx, script []byte, change int) btcutil.Amount {
	if i := outputOf(tx, script, change); i >= 0 {
		return btcutil.Amount(tx.TxOut[i].Value)
	}
	return 0
}
