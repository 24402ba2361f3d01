package registrar

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/txbuilder/registrar/reserve"
)

// Reserved is the function Reserved, with the registrar's chain and index to say how
// deep a transaction is.
func (r *Registrar) Reserved(ctx context.Context) (reserve.Reservations, error) {
	return r.reserved(ctx)
}

func (r *Registrar) reserved(ctx context.Context) (reserve.Reservations, error) {
	tip, known := int32(0), false
	kept, err := reserve.Reserved(ctx, r.cfg.Journal, func(ctx context.Context, txid chainhash.Hash) (int32, error) {
		var err error
		if !known {
			if tip, _, err = r.cfg.Chain.Tip(ctx); err != nil {
				return 0, fmt.Errorf("chain tip: %w", err)
			}
			known = true
		}
		st, err := r.cfg.Chain.TxStatus(ctx, txid)
		if err != nil || st.Height == 0 {
			return 0, err
		}
		return max(0, tip-st.Height+1), nil
	})
	if err != nil {
		return nil, err
	}
	return kept, r.hold(ctx, kept)
}
