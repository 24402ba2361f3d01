package registrar

import (
	"bytes"
	"context"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/step"
)

// look gathers the facts about a job.
func (r *Registrar) look(ctx context.Context, j *job.Job, sent map[chainhash.Hash]bool) (step.Facts, error) {
	tip, hash, err := r.cfg.Chain.Tip(ctx)
	if err != nil {
		return step.Facts{}, fmt.Errorf("chain tip: %w", err)
	}
	indexTip, indexHash, err := r.cfg.Names.Tip(ctx)
	if err != nil {
		return step.Facts{}, fmt.Errorf("index tip: %w", err)
	}
	f := step.Facts{
		Tip: tip, Synced: tip == indexTip && hash == indexHash, Sent: sent,
		Txs:        make(map[chainhash.Hash]step.TxFact),
		Stale:      make(map[chainhash.Hash]bool),
		CanPublish: r.cfg.Publisher != nil, CanSign: j.Request.External || r.cfg.Wallet.CanSign(ctx),
		Lifetime: r.lifetime(j, tip),
	}
	for _, s := range j.Stages {
		for _, v := range s.Versions {
			if s.Role.IsImport() && !s.Used && f.Synced { // of the many, the node is asked about those that were sent
				f.Txs[v.Txid], err = r.readTx(ctx, v.Txid, tip)
			} else {
				f.Txs[v.Txid], err = r.lookTx(ctx, v.Txid, tip, indexTip, f.Synced)
			}
			if err != nil {
				return step.Facts{}, err
			}
			if f.Txs[v.Txid].Height > 0 || !f.Synced {
				continue
			}
			if f.Stale[v.Txid], err = r.stale(ctx, v, indexTip); err != nil {
				return step.Facts{}, err
			}
		}
	}
	if j.Open() {
		if f.Lent, err = r.lent(ctx, j); err != nil {
			return step.Facts{}, err
		}
	}
	if !j.Request.Kind.HasName() {
		return f, nil
	}
	rec, err := r.cfg.Names.Record(ctx, j.Request.Name)
	if err != nil {
		return step.Facts{}, fmt.Errorf("%s: %w", j.Request.Name, err)
	}
	switch {
	case j.Request.Kind.OfOwner():
		return f, r.lookOwner(ctx, &f, j, &rec)
	case !job.Live(rec.Status):
	case bytes.Equal(rec.Owner, j.Request.Owner):
		f.Held = f.Synced
	default:
		f.Taken, f.TakenBy, f.TakenFor = true, rec.OwnerAddress, indexTip-rec.RenewedAt+1
	}
	return f, nil
}

// lookTx asks the node and the index about one transaction.
func (r *Registrar) lookTx(ctx context.Context, txid chainhash.Hash, tip, indexTip int32, synced bool) (step.TxFact, error) {
	st, err := r.cfg.Chain.TxStatus(ctx, txid)
	if err != nil {
		return step.TxFact{}, fmt.Errorf("transaction %s: %w", txid, err)
	}
	op, seen, err := r.cfg.Names.OpStatus(ctx, txid)
	if err != nil {
		return step.TxFact{}, fmt.Errorf("operation %s: %w", txid, err)
	}
	t := step.TxFact{InMempool: st.InMempool, Height: st.Height}
	if t.Height == 0 && seen && synced {
		// A node without a full transaction index forgets; the name index does not.
		t.Height, t.InMempool = op.Height, false
	}
	if t.Height == 0 {
		return t, nil
	}
	t.Confirmations = tip - t.Height + 1
	switch {
	case seen && op.Height == t.Height:
		t.Known, t.Accepted, t.Reason = true, op.Accepted, op.Reason
	case synced:
		t.Known, t.Reason = true, "the name index does not see it as an operation"
	}
	return t, nil
}

// readTx asks the index alone, which has read every block.
func (r *Registrar) readTx(ctx context.Context, txid chainhash.Hash, tip int32) (step.TxFact, error) {
	op, seen, err := r.cfg.Names.OpStatus(ctx, txid)
	if err != nil || !seen {
		return step.TxFact{}, err
	}
	return step.TxFact{Height: op.Height, Confirmations: tip - op.Height + 1, Known: true, Accepted: op.Accepted, Reason: op.Reason}, nil
}

// lifetime is how long the job's preorder can be used, by the rules of the next
// block. Namespace preorders never lapse (protocol 16.3). Before preorders
// expire by their own rule they lapse with the lifetime of a name.
func (r *Registrar) lifetime(j *job.Job, tip int32) int32 {
	if j.Request.Kind != job.KindRegister {
		return 0
	}
	if _, e := r.cfg.Params.Epoch(tip + 1); e.Features.Has(names.FeaturePreorderExpire) {
		return r.cfg.Params.NamePreorderLifetime
	}
	return 0
}
