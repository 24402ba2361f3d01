package registrar

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
)

// senderCoin is the coin that the transaction after a preorder spends: the preorder's
// change; or another coin of the same script, where a block shows that the change was
// spent while no journal kept it, as a payment from another machine does, or another job
// spends it, as the next preorder of a list does whose journal was lost. Any other
// spender that is in no block yet may be the very transaction that is wanted, so then
// there is no other coin.
func (m *maker) senderCoin(ctx context.Context, parent *job.Version, tx *wire.MsgTx) (txbuilder.Input, error) {
	change := txbuilder.InputOf(tx, parent.Next)
	credits, err := m.r.cfg.Wallet.CoinsAt(ctx, m.j.Sender)
	if err != nil {
		return txbuilder.Input{}, fmt.Errorf("coins of the preorder's sender: %w", err)
	}
	for _, c := range credits {
		if c.OutPoint == change.OutPoint {
			return change, nil
		}
	}
	gone, err := m.spentByJob(ctx, change.OutPoint)
	if err == nil && !gone {
		gone, err = m.spentInBlock(ctx, parent, change.OutPoint)
	}
	if err != nil || !gone {
		return change, err
	}
	reserved, err := m.r.reserved(ctx)
	if err != nil {
		return txbuilder.Input{}, err
	}
	best := -1
	for i, c := range credits {
		if _, taken := reserved[c.OutPoint]; !taken && (best < 0 || c.Amount > credits[best].Amount) {
			best = i
		}
	}
	if best < 0 {
		addr, err := m.r.cfg.Params.ScriptAddress(m.j.Sender)
		if err != nil {
			return txbuilder.Input{}, err
		}
		return txbuilder.Input{}, &NoSenderCoin{Sender: addr, What: m.j.Request.Subject()}
	}
	prev, err := m.r.cfg.Wallet.PrevTx(ctx, credits[best].OutPoint)
	if err != nil {
		return txbuilder.Input{}, fmt.Errorf("previous transaction of %s: %w", credits[best].OutPoint, err)
	}
	return txbuilder.Input{OutPoint: credits[best].OutPoint, Tx: prev}, nil
}

// spentByJob says whether another open job has sent a transaction that spends a coin.
func (m *maker) spentByJob(ctx context.Context, op wire.OutPoint) (bool, error) {
	jobs, err := m.r.cfg.Journal.Jobs(ctx)
	if err != nil {
		return false, err
	}
	for _, o := range jobs {
		if o.ID == m.j.ID || !o.Open() {
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

// sharesSender says whether another open job has the same sender, and so may need a coin
// of it.
func (m *maker) sharesSender(ctx context.Context) (bool, error) {
	jobs, err := m.r.cfg.Journal.Jobs(ctx)
	return slices.ContainsFunc(jobs, func(o *job.Job) bool {
		return o.ID != m.j.ID && o.Open() && o.Request.Kind == job.KindRegister && bytes.Equal(o.Sender, m.j.Sender)
	}), err
}

// spentInBlock looks for the spender of a transaction's output in the blocks since it.
func (m *maker) spentInBlock(ctx context.Context, parent *job.Version, op wire.OutPoint) (bool, error) {
	at, err := m.r.lookTx(ctx, parent.Txid, m.t.tip, m.t.tip, true)
	if err != nil || at.Height == 0 {
		return false, err
	}
	for height := at.Height; height <= m.t.tip; height++ {
		block, err := m.r.cfg.Chain.BlockAt(ctx, height)
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
