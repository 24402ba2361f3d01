package estimate

import (
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
)

// Costs are those of the operations of a plan. A registration is one with its preorder, a launch
// one with all its transactions; each name of an import is one.
func (e *Estimate) Costs() []txbuilder.Cost {
	all := txbuilder.Cost{Fee: e.Fee, Moved: e.Burn + e.Given}
	if e.Request.Kind == job.KindImport {
		return txbuilder.Alike(len(e.Request.Import.Names), all)
	}
	return []txbuilder.Cost{all}
}

// OpCosts are those of the names of a batch; each has its part of the first transaction, and of
// what owners get.
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
