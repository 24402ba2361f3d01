package terms

import (
	"fmt"
	"math/big"

	"blockstack/names"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
)

// NamePrice is the highest price in the blocks where the preorder may land.
func (r *Checks) NamePrice(req *job.Request, ns *names.Namespace, t *Terms) (txbuilder.Price, error) {
	unit := ns.PriceUnit()
	if req.PayWith != "" && req.PayWith != unit {
		if unit == names.MicroStacks {
			return txbuilder.Price{}, fmt.Errorf("%w: names in %s are paid in STACKS", job.ErrBadRequest, ns.ID)
		}
		if creator, _ := r.CreatorPaid(ns, t.Tip+1); creator {
			return txbuilder.Price{}, fmt.Errorf("%w: names in %s are paid in bitcoin to its creator until block %d", job.ErrBadRequest, ns.ID, r.creatorUntil(ns, t.Tip+1))
		}
		unit = names.MicroStacks
	}
	best := new(big.Int)
	for _, height := range []int32{t.Tip + 1, t.Window} {
		var n names.Number
		var err error
		if unit == names.MicroStacks {
			n, err = r.Params.NamePriceStacks(req.Name.Label(), ns, height)
		} else {
			n, err = r.Params.NamePrice(req.Name.Label(), ns, height)
		}
		if err != nil {
			return txbuilder.Price{}, fmt.Errorf("%s: %w", req.Name, err)
		}
		if m := n.Minimum(); m.Cmp(best) > 0 {
			best = m
		}
	}
	return txbuilder.Price{Unit: unit, Amount: best}, nil
}

// creatorUntil is the last block in which the creator of a version-2 namespace is paid (protocol
// 9.3).
func (r *Checks) creatorUntil(ns *names.Namespace, height int32) int32 {
	_, e := r.Params.Epoch(height)
	return ns.RevealHeight + e.Rules(ns.ID).ReceiveFeesPeriod
}

// CreatorPaid says whether a registration in a block pays the creator.
func (r *Checks) CreatorPaid(ns *names.Namespace, height int32) (bool, int32) {
	until := r.creatorUntil(ns, height)
	return ns.Version == 2 && until >= height, until
}

// payee is who must be paid. What counts is the registration's block, which is not known yet, so a
// change within the blocks where it may land is refused.
func (r *Checks) payee(ns *names.Namespace, t *Terms) ([]byte, error) {
	now, until := r.CreatorPaid(ns, t.Tip+1)
	later, _ := r.CreatorPaid(ns, t.Window+r.Params.NamePreorderLifetime)
	if now != later {
		return nil, &PayeeChanging{ID: ns.ID, After: until}
	}
	to := r.Params.BurnAddress
	if now {
		to = ns.PayerAddress
	}
	script, err := r.Params.AddressScript(to)
	if err != nil {
		return nil, fmt.Errorf("payee of %s: %w", ns.ID, err)
	}
	return script, nil
}

// grantsKnown refuses a price in STACKS where nobody can tell who holds any.
func (r *Checks) grantsKnown(t *Terms) error {
	if t.Price.Unit == names.MicroStacks && r.Params.GenesisUnknown {
		return &UnknownGrants{What: "a price in STACKS"}
	}
	return nil
}
