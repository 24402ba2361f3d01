package registrar

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
)

// doomed are the transactions of all jobs that can never confirm, as far as journal and
// wallet know: another one with enough confirmations spends a coin of theirs, or they
// spend an output of such a one.
func (r *Registrar) doomed(ctx context.Context, need int32) (map[chainhash.Hash]bool, error) {
	jobs, err := r.cfg.Journal.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	tip, _, err := r.cfg.Chain.Tip(ctx)
	if err != nil {
		return nil, fmt.Errorf("chain tip: %w", err)
	}
	txs, spent := make(map[chainhash.Hash]*wire.MsgTx), make(map[wire.OutPoint]chainhash.Hash)
	for _, j := range jobs {
		for _, s := range j.Stages {
			for _, v := range s.Versions {
				if txs[v.Txid], err = v.Tx(); err != nil {
					return nil, err
				}
				st, err := r.cfg.Chain.TxStatus(ctx, v.Txid)
				if err != nil {
					return nil, fmt.Errorf("transaction %s: %w", v.Txid, err)
				}
				if st.Height == 0 || tip-st.Height+1 < need {
					continue
				}
				for _, in := range txs[v.Txid].TxIn {
					spent[in.PreviousOutPoint] = v.Txid
				}
			}
		}
	}
	if err := r.spentElsewhere(ctx, txs, spent, tip-need+1); err != nil {
		return nil, err
	}
	return job.NeverConfirm(txs, spent), nil
}

// spentElsewhere adds the coins of transactions that others have spent, up to a height: other
// homes of this seed, or this one without a job.
func (r *Registrar) spentElsewhere(ctx context.Context, txs map[chainhash.Hash]*wire.MsgTx, spent map[wire.OutPoint]chainhash.Hash, deep int32) error {
	w, knows := r.cfg.Wallet.(ports.Spenders)
	if !knows {
		return nil
	}
	var coins []wire.OutPoint
	for _, tx := range txs {
		for _, in := range tx.TxIn {
			coins = append(coins, in.PreviousOutPoint)
		}
	}
	by, err := w.SpentBy(ctx, coins)
	if err != nil {
		return fmt.Errorf("what spent the coins of jobs: %w", err)
	}
	for op, s := range by {
		if s.Height > 0 && s.Height <= deep {
			spent[op] = s.Txid
		}
	}
	return nil
}
