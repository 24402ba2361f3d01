package build

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder/registrar/job"
)

// spentByJob says whether another open job has sent a transaction that spends a coin.
func (r *Config) spentByJob(ctx context.Context, j *job.Job, op wire.OutPoint) (bool, error) {
	jobs, err := r.Journal.Jobs(ctx)
	if err != nil {
		return false, err
	}
	for _, o := range jobs {
		if o.ID == j.ID || !o.Open() {
			continue
		}
		for _, st := range o.Stages {
			tx, err := st.Versions[st.Current].Tx()
			if err != nil {
				return false, err
			}
			if st.Used && slices.ContainsFunc(tx.TxIn, func(in *wire.TxIn) bool { return in.PreviousOutPoint == op }) {
				return true, nil
			}
		}
	}
	return false, nil
}

// sharesSender says whether another open job has the same sender, and so may need a coin of it.
func (r *Config) sharesSender(ctx context.Context, j *job.Job) (bool, error) {
	jobs, err := r.Journal.Jobs(ctx)
	return slices.ContainsFunc(jobs, func(o *job.Job) bool {
		return o.ID != j.ID && o.Open() && o.Request.Kind == job.KindRegister && bytes.Equal(o.Sender, j.Sender)
	}), err
}

// spentInBlock looks for the spender of a transaction's output in the blocks since it.
func (r *Config) spentInBlock(ctx context.Context, parent *job.Version, op wire.OutPoint, tip int32) (bool, error) {
	at, err := r.Facts.Tx(ctx, parent.Txid, tip, tip, true)
	if err != nil || at.Height == 0 {
		return false, err
	}
	for height := at.Height; height <= tip; height++ {
		block, err := r.Chain.BlockAt(ctx, height)
		if err != nil {
			return false, fmt.Errorf("block %d: %w", height, err)
		}
		for _, tx := range block.Transactions {
			for _, in := range tx.TxIn {
				if in.PreviousOutPoint == op {
					return true, nil
				}
			}
		}
	}
	return false, nil
}
