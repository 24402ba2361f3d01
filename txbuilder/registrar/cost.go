package registrar

import (
	"context"
	"fmt"

	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/build"
	"blockstack/txbuilder/registrar/job"
)

// What a plan costs, operation by operation, is what txbuilder.OutOfProportion looks at.

// Following is what a job that was found again still pays miners, at its planned rate, for what it
// has not signed yet or has in its copy, beside what its preorder paid.
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
	t, err := r.checks.Quote(ctx)
	if err != nil {
		return cost, err
	}
	m, err := r.build.Txs(ctx, draft, t, build.Unsigned)
	if err != nil {
		return cost, err
	}
	for _, role := range []job.Role{m.Job.Flow().Register, m.Job.Flow().Update} {
		if role == "" {
			continue
		}
		fee, err := m.FeeOf(ctx, role)
		if err != nil {
			return cost, fmt.Errorf("%s: %w", job.Words(role), err)
		}
		cost.Fee += fee
	}
	return cost, nil
}
