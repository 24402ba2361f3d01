package jobrun

import (
	"context"
	"fmt"

	"blockstack/commands/fault"
	"blockstack/commands/session"
	"blockstack/names"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet/scripts"
)

// NeedsKeys refuses what a wallet without keys cannot do, before a plan is shown and anything is asked.
func NeedsKeys(ctx context.Context, e *session.Session, o Options) error {
	if o.PSBT != "" || o.DryRun {
		return nil
	}
	w, err := e.Wallet(ctx)
	if err != nil || !w.WatchOnly() {
		return err
	}
	return fault.New("watch_only", "this wallet is watch-only: it can look, not sign").
		Hint("write a PSBT for the machine that has the keys: --psbt FILE")
}

// needsSigners refuses to sign for an owner of several keys with this wallet alone.
func needsSigners(ctx context.Context, e *session.Session, owner []byte, o Options) error {
	if o.PSBT != "" || o.DryRun {
		return nil
	}
	w, err := e.Wallet(ctx)
	if err != nil {
		return err
	}
	redeem, err := w.RedeemScript(ctx, owner)
	if err != nil || redeem == nil {
		return err
	}
	m, keys, err := scripts.ParseShared(redeem)
	if err != nil {
		return err
	}
	return fault.Usage("the name belongs to %d keys together, and %d of them must sign", len(keys), m).
		Hint("write a PSBT for them: --psbt FILE")
}

// ofPublicRegistry reports whether the rules are those of the public registry: names that many people had, on Bitcoin's main network.
func ofPublicRegistry(e *session.Session, rules *names.Params) bool {
	return e.Config.Network == "mainnet" && rules.Magic == names.Mainnet().Magic
}

// Caution adds what the user should know about the registry to the risks of a plan.
func Caution(ctx context.Context, e *session.Session, est *registrar.Estimate) error {
	rules, err := e.Registry(ctx)
	if err != nil {
		return err
	}
	if h := est.ExactUntil; h != nil {
		est.Risks = append(est.Risks,
			fmt.Sprintf("the index is exact up to block %d only: what this plan relies on may not be what others see", *h),
			"operations quote the consensus hash of a recent block; where that of this index is not the one that others have, they refuse the operation, and what it pays is lost")
	}
	if ofPublicRegistry(e, rules) {
		est.Risks = append(est.Risks, "these names were moved to another chain in 2021; others may not honour a registration made on Bitcoin")
	}
	return nil
}

// ConfirmBurn asks before money is spent on a name that others may not honour.
func ConfirmBurn(ctx context.Context, e *session.Session, est *registrar.Estimate) error {
	rules, err := e.Registry(ctx)
	if err != nil || est.Burn == 0 && est.Given == 0 && (est.BurnTokens == nil || est.BurnTokens.Sign() == 0) {
		return err
	}
	what := est.Request.Subject()
	switch {
	case est.ExactUntil != nil:
		return e.ConfirmDangerous(ctx, "spend bitcoin on "+what+", which others are likely to refuse", what)
	case ofPublicRegistry(e, rules):
		return e.ConfirmDangerous(ctx, "spend bitcoin on "+what+", which others may not honour", what)
	}
	return nil
}
