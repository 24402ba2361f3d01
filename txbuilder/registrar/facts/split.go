package facts

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/step"
)

// Split gathers the facts about a split.
func (r *Source) Split(ctx context.Context, j *job.Job) (step.SplitFacts, error) {
	tip, _, err := r.Chain.Tip(ctx)
	if err != nil {
		return step.SplitFacts{}, fmt.Errorf("chain tip: %w", err)
	}
	f := step.SplitFacts{Tip: tip, Txs: make(map[chainhash.Hash]step.TxFact), CanSign: r.Wallet.CanSign(ctx)}
	st := j.Stage(job.RoleSplit)
	if st == nil {
		return f, nil
	}
	for _, v := range st.Versions {
		at, err := r.Chain.TxStatus(ctx, v.Txid)
		if err != nil {
			return step.SplitFacts{}, fmt.Errorf("transaction %s: %w", v.Txid, err)
		}
		t := step.TxFact{InMempool: at.InMempool, Height: at.Height}
		if at.Height > 0 {
			t.Confirmations = tip - at.Height + 1
		}
		f.Txs[v.Txid] = t
	}
	return f, nil
}
