package jobrun

import (
	"context"

	"blockstack/commands/fault"
	"blockstack/commands/session"
	"blockstack/wallet/scripts"
)

// NeedsKeys refuses what a wallet without keys cannot do, before a plan is shown and anything is
// asked.
func NeedsKeys(ctx context.Context, e *session.Session, o Options) error {
	return ServiceOf(e, o.NoMine).NeedsKeys(ctx, o.PSBT != "" || o.DryRun)
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
