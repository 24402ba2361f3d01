package registrar

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
)

// What a plan costs, operation by operation, is what txbuilder.OutOfProportion looks at.

// Costs are those of the operations of a plan. A registration is one with its preorder, a
// launch one with all its transactions; each name of an import is one.
func (e *Estimate) Costs() []txbuilder.Cost {
	all := txbuilder.Cost{Fee: e.Fee, Moved: e.Burn + e.Given}
	if e.Request.Kind == job.KindImport {
		return txbuilder.Alike(len(e.Request.Import.Names), all)
	}
	return []txbuilder.Cost{all}
}

// OpCosts are those of the names of a batch; each has its part of the first transaction, and
// of what owners get.
func (b *Batch) OpCosts() []txbuilder.Cost {
	n := 0
	for i := range b.Series {
		n += len(b.Series[i].Series.Items)
	}
	shares := txbuilder.Alike(n, txbuilder.Cost{Fee: b.SplitFee, Moved: b.Given})
	var ops []txbuilder.Cost
	for i, c := range b.Costs {
		if b.Refused[i] == nil && len(ops) < len(shares) {
			share := shares[len(ops)]
			ops = append(ops, txbuilder.Cost{Fee: c.Fee + share.Fee, Moved: c.Burn + share.Moved})
		}
	}
	return ops
}

// Following is what a job that was found again still pays miners, at its planned rate, for
// what it has not signed yet or has in its copy, beside what its preorder paid.
func Following(ctx context.Context, r *Registrar, j *job.Job) (cost txbuilder.Cost, err error) {
	if j.Price != nil {
		if sat, err := (txbuilder.Price{Unit: j.Price.Unit, Amount: j.Price.Amount}).Sat(); err == nil {
			cost.Moved = sat // a price in STACKS moves no bitcoin
		}
	}
	draft, err := job.Clone(j)
	if err != nil {
		return cost, err
	}
	t, err := r.quote(ctx)
	if err != nil {
		return cost, err
	}
	m, err := r.maker(ctx, draft, t, unsigned)
	if err != nil {
		return cost, err
	}
	for _, role := range []job.Role{m.j.Flow().Register, m.j.Flow().Update} {
		if role == "" {
			continue
		}
		fee, err := m.feeOf(ctx, role)
		if err != nil {
			return cost, fmt.Errorf("%s: %w", job.Words(role), err)
		}
		cost.Fee += fee
	}
	return cost, nil
}

// feeOf is the fee of a transaction that follows a preorder: that of the version to be sent,
// or of one at the planned rate that a coin of the sender pays, which is enough for any.
func (m *maker) feeOf(ctx context.Context, role job.Role) (btcutil.Amount, error) {
	if st := m.j.Stage(role); st != nil && len(st.Versions) > 0 {
		return st.Versions[min(st.Current, len(st.Versions)-1)].Fee, nil
	}
	coins := wire.NewMsgTx(2)
	coins.AddTxIn(wire.NewTxIn(&wire.OutPoint{Index: 1}, nil, nil))
	coins.AddTxOut(wire.NewTxOut(btcutil.MaxSatoshi/2, m.j.Sender))
	in := []txbuilder.Input{txbuilder.InputOf(coins, 0)}
	if role == job.RoleUpdate { // the owner's coin first; it comes back
		coins.AddTxOut(wire.NewTxOut(int64(txbuilder.DustLimit(m.j.Request.Owner)), m.j.Request.Owner))
		in = []txbuilder.Input{txbuilder.InputOf(coins, 1), txbuilder.InputOf(coins, 0)}
	}
	for i := range in {
		var err error
		if in[i].Redeem, err = m.redeem(ctx, coins.TxOut[in[i].Index].PkScript); err != nil {
			return 0, err
		}
	}
	if err := m.follow(ctx, role, txbuilder.Funding{Rate: m.j.Request.Rate, Inputs: in, Closed: true}, coins.TxHash()); err != nil {
		return 0, err
	}
	return m.j.Stage(role).Versions[0].Fee, nil
}
