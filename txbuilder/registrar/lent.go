package registrar

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
)

// A coin that only a rival of a mined version spends is free (Reserved), and may pay for
// something else: another job, or a payment. When a reorg takes the mined version away
// again, the rival must not be sent: a node would drop that other transaction for it.

// lent are the versions of a job that spend such a coin, though other versions of the same
// transaction do not, while something else of ours that was sent spends it.
func (r *Registrar) lent(ctx context.Context, j *job.Job) (map[chainhash.Hash]bool, error) {
	extra, err := j.ExtraCoins()
	if err != nil || len(extra) == 0 {
		return nil, err
	}
	taken, err := r.takenByOthers(ctx, j)
	if err != nil {
		return nil, err
	}
	lent := make(map[chainhash.Hash]bool)
	for txid, coins := range extra {
		for _, op := range coins {
			lent[txid] = lent[txid] || taken[op]
		}
	}
	return lent, nil
}

// takenByOthers are the coins that what was sent for other jobs, and what the wallet knows
// as sent and not mined, spend.
func (r *Registrar) takenByOthers(ctx context.Context, j *job.Job) (map[wire.OutPoint]bool, error) {
	jobs, err := r.cfg.Journal.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	own, taken := make(map[chainhash.Hash]bool), make(map[wire.OutPoint]bool)
	take := func(tx *wire.MsgTx) {
		for _, in := range tx.TxIn {
			taken[in.PreviousOutPoint] = true
		}
	}
	for _, o := range jobs {
		for _, s := range o.Stages {
			for i, v := range s.Versions {
				if o.ID == j.ID {
					own[v.Txid] = true
				}
				if o.ID == j.ID || !o.Reserves() || !s.Used || i > s.Current {
					continue
				}
				tx, err := v.Tx()
				if err != nil {
					return nil, err
				}
				take(tx)
			}
		}
	}
	if w, ok := r.cfg.Wallet.(ports.Unsettled); ok {
		txs, err := w.Unsettled(ctx)
		if err != nil {
			return nil, fmt.Errorf("the wallet's unconfirmed transactions: %w", err)
		}
		for _, tx := range txs {
			if !own[tx.TxHash()] {
				take(tx)
			}
		}
	}
	return taken, nil
}
