package facts

import (
	"context"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
	"blockstack/txbuilder/registrar/step"
)

// OtherVersion is what a job waits for whose transaction spends what a version of another open
// job's made, when a reorg took that version away and another one of it is under way. Once that has
// its confirmations, the job signs something else. Nil: it is not so.
func (r *Source) OtherVersion(ctx context.Context, j *job.Job, txid chainhash.Hash) (*job.Wait, error) {
	jobs, err := r.Journal.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	parents := make(map[chainhash.Hash]bool)
	for _, st := range j.Stages {
		for _, v := range st.Versions {
			if v.Txid != txid {
				continue
			}
			tx, err := v.Tx()
			if err != nil {
				return nil, err
			}
			for _, in := range tx.TxIn {
				parents[in.PreviousOutPoint.Hash] = true
			}
		}
	}
	for _, o := range jobs {
		if o.ID == j.ID || !o.Open() {
			continue
		}
		for _, st := range o.Stages {
			now := st.Versions[st.Current]
			if !st.Used || parents[now.Txid] || !slices.ContainsFunc(st.Versions, func(v *job.Version) bool { return parents[v.Txid] }) {
				continue
			}
			return &job.Wait{For: fmt.Sprintf("the %s of %s to be settled, which was replaced, and with it the coin that pays here", job.Words(st.Role), o.Request.Subject()),
				Blocks: j.Request.Confirmations, Txid: &now.Txid}, nil
		}
	}
	return nil, nil
}

// Vanished adds to the dead the versions of a job that is being cancelled which spend a coin that
// has been nowhere in the chain for some time, though the journal does not know why. Nothing is
// signed in their place; should one of them confirm after all, the job goes on.
func (r *Source) Vanished(ctx context.Context, j *job.Job, dead map[chainhash.Hash]bool) error {
	tip, _, err := r.Chain.Tip(ctx)
	if err != nil {
		return fmt.Errorf("chain tip: %w", err)
	}
	if st := j.Stage(job.RoleReturn); tip-st.Since < j.Request.Confirmations+step.BumpAfter {
		return nil
	}
	for _, st := range j.Stages {
		for _, v := range st.Versions {
			tx, err := v.Tx()
			if err != nil {
				return err
			}
			for _, in := range tx.TxIn {
				made, err := r.Chain.TxStatus(ctx, in.PreviousOutPoint.Hash)
				if err != nil {
					return fmt.Errorf("transaction %s: %w", in.PreviousOutPoint.Hash, err)
				}
				if made.Height == 0 && !made.InMempool {
					dead[v.Txid] = true
				}
			}
		}
	}
	return nil
}

// Doomed are the transactions of all jobs that can never confirm, as far as journal and wallet
// know: another one with enough confirmations spends a coin of theirs, or they spend an output of
// such a one.
func (r *Source) Doomed(ctx context.Context, need int32) (map[chainhash.Hash]bool, error) {
	jobs, err := r.Journal.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	tip, _, err := r.Chain.Tip(ctx)
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
				st, err := r.Chain.TxStatus(ctx, v.Txid)
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

// spentElsewhere adds the coins of transactions that others have spent, up to a height: other homes
// of this seed, or this one without a job.
func (r *Source) spentElsewhere(ctx context.Context, txs map[chainhash.Hash]*wire.MsgTx, spent map[wire.OutPoint]chainhash.Hash, deep int32) error {
	w, knows := r.Wallet.(ports.Spenders)
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

// A coin that only a rival of a mined version spends is free (Reserved), and may pay for something
// else: another job, or a payment. When a reorg takes the mined version away again, the rival must
// not be sent: a node would drop that other transaction for it.

// lent are the versions of a job that spend such a coin, though other versions of the same
// transaction do not, while something else of ours that was sent spends it.
func (r *Source) lent(ctx context.Context, j *job.Job) (map[chainhash.Hash]bool, error) {
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

// takenByOthers are the coins that what was sent for other jobs, and what the wallet knows as sent
// and not mined, spend.
func (r *Source) takenByOthers(ctx context.Context, j *job.Job) (map[wire.OutPoint]bool, error) {
	jobs, err := r.Journal.Jobs(ctx)
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
	if w, ok := r.Wallet.(ports.Unsettled); ok {
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
