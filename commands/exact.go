package commands

import (
	"context"
	"fmt"

	"blockstack/names"
	"blockstack/names/index"
	"blockstack/txbuilder/registrar"
)

// certain is the last height at which what an index knows is certain, where that is not its tip's; nil: it is.
func certain(tip index.Tip) *int32 {
	if tip.ExactUntil >= tip.Height {
		return nil
	}
	return &tip.ExactUntil
}

// exactUntil is certain of the tip of an index.
func exactUntil(ctx context.Context, x *index.Index) (*int32, error) {
	tip, err := x.Tip(ctx)
	return certain(tip), err
}

// setExact puts the last height at which an answer is certain into its document, where that is not the answer's own.
func setExact(doc map[string]any, until *int32) {
	if until != nil {
		doc["exact_until_height"] = *until
	}
}

// isPublic reports whether the rules are those of the public registry: names that many people had, on Bitcoin's main network.
func (e *Env) isPublic(rules *names.Params) bool {
	return e.Config.Network == "mainnet" && rules.Magic == names.Mainnet().Magic
}

// caution adds what the user should know about the registry to the risks of a plan.
func (e *Env) caution(ctx context.Context, est *registrar.Estimate) error {
	rules, err := e.Registry(ctx)
	if err != nil {
		return err
	}
	if h := est.ExactUntil; h != nil {
		est.Risks = append(est.Risks,
			fmt.Sprintf("the index is exact up to block %d only: what this plan relies on may not be what others see", *h),
			"operations quote the consensus hash of a recent block; where that of this index is not the one that others have, they refuse the operation, and what it pays is lost")
	}
	if e.isPublic(rules) {
		est.Risks = append(est.Risks, "these names were moved to another chain in 2021; others may not honour a registration made on Bitcoin")
	}
	return nil
}

// confirmBurn asks before money is spent on a name that others may not honour.
func (e *Env) confirmBurn(ctx context.Context, est *registrar.Estimate) error {
	rules, err := e.Registry(ctx)
	if err != nil || est.Burn == 0 && est.Given == 0 && (est.BurnTokens == nil || est.BurnTokens.Sign() == 0) {
		return err
	}
	what := est.Request.Subject()
	switch {
	case est.ExactUntil != nil:
		return e.ConfirmDangerous(ctx, "spend bitcoin on "+what+", which others are likely to refuse", what)
	case e.isPublic(rules):
		return e.ConfirmDangerous(ctx, "spend bitcoin on "+what+", which others may not honour", what)
	}
	return nil
}
