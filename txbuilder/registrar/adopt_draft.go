package registrar

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder/registrar/job"
)

// drafts adds what was signed elsewhere and sent past the job, as other programs do
// with a PSBT: of drafts, also replaced ones, whose
// txid is known before they are signed. Others are
// found by what they did to the name.
func (a *adopter) drafts(ctx context.Context) error {
	for _, d := range a.j.Drafted {
		txid := d.Version.Txid
		if txid == (chainhash.Hash{}) || d.Status == job.DraftSigned {
			continue
		}
		st, err := a.r.cfg.Chain.TxStatus(ctx, txid)
		if err != nil {
			return fmt.Errorf("transaction %s: %w", txid, err)
		}
		if st.Height == 0 {
			continue
		}
		tx, err := a.find(ctx, st.Height, func(tx *wire.MsgTx) bool { return tx.TxHash() == txid })
		if err != nil {
			return err
		}
		if tx == nil {
			continue
		}
		if err := a.j.Take(d.Unsigned, tx, a.f.Tip); err != nil {
			return err
		}
		a.found = true
	}
	return nil
}
