package registrar

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// doomed are the transactions of all jobs that can never confirm, as far as the
// journal knows: another one with enough confirmations spends a coin of theirs, or
// they spend an output of such a one.
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
	return neverConfirm(txs, spent), nil
}

// neverConfirm are those of some transactions that cannot be in a block any more: another one has
// spent a coin of theirs for good, or they spend an output of such a one.
func neverConfirm(txs map[chainhash.Hash]*wire.MsgTx, spent map[wire.OutPoint]chainhash.Hash) map[chainhash.Hash]bool {
	dead := make(map[chainhash.Hash]bool)
	for grown := true; grown; {
		grown = false
		for txid, tx := range txs {
			for _, in := range tx.TxIn {
				by, taken := spent[in.PreviousOutPoint]
				if !dead[txid] && (taken && by != txid || dead[in.PreviousOutPoint.Hash]) {
					dead[txid], grown = true, true
				}
			}
		}
	}
	return dead
}
