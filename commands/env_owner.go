package commands

import (
	"context"

	"github.com/btcsuite/btcwallet/wtxmgr"
)

// CoinsAt lists the confirmed coins of one script that are not frozen, also of an owner, whose coins never pay.
func (w jobWallet) CoinsAt(ctx context.Context, script []byte) ([]wtxmgr.Credit, error) {
	all, err := w.Wallet.CoinsAt(ctx, script)
	if err != nil {
		return nil, err
	}
	var credits []wtxmgr.Credit
	for _, c := range all {
		if c.Confirmations > 0 && c.Frozen == "" && !c.Immature {
			credits = append(credits, c.Credit)
		}
	}
	return credits, nil
}
