package registrar

import (
	"bytes"
	"context"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
)

// look gathers the facts about a job.
func (r *Registrar) look(ctx context.Context, j *Job, sent map[chainhash.Hash]bool) (Facts, error) {
	tip, hash, err := r.cfg.Chain.Tip(ctx)
	if err != nil {
		return Facts{}, fmt.Errorf("chain tip: %w", err)
	}
	indexTip, indexHash, err := r.cfg.Names.Tip(ctx)
	if err != nil {
		return Facts{}, fmt.Errorf("index tip: %w", err)
	}
	f := Facts{
		Tip: tip, Synced: tip == indexTip && hash == indexHash, Sent: sent,
		Txs:        make(map[chainhash.Hash]TxFact),
		Stale:      make(map[chainhash.Hash]bool),
		CanPublish: r.cfg.Publisher != nil, CanSign: j.Request.External || r.cfg.Wallet.CanSign(ctx),
		Lifetime: r.lifetime(j, tip),
	}
	for _, s := range j.Stages {
		for _, v := range s.Versions {
			if s.Role.isImport() && !s.Used && f.Synced { // of the many, the node is asked about those that were sent
				f.Txs[v.Txid], err = r.readTx(ctx, v.Txid, tip)
			} else {
				f.Txs[v.Txid], err = r.lookTx(ctx, v.Txid, tip, indexTip, f.Synced)
			}
			if err != nil {
				return Facts{}, err
			}
			if f.Txs[v.Txid].Height > 0 || !f.Synced {
				continue
			}
			if f.Stale[v.Txid], err = r.stale(ctx, v, indexTip); err != nil {
				return Facts{}, err
			}
		}
	}
	if j.Open() {
		if f.Lent, err = r.lent(ctx, j); err != nil {
			return Facts{}, err
		}
	}
	if !j.Request.Kind.hasName() {
		return f, nil
	}
	rec, err := r.cfg.Names.Record(ctx, j.Request.Name)
	if err != nil {
		return Facts{}, fmt.Errorf("%s: %w", j.Request.Name, err)
	}
	switch {
	case j.Request.Kind.ofOwner():
		return f, r.lookOwner(ctx, &f, j, &rec)
	case !live(rec.Status):
	case bytes.Equal(rec.Owner, j.Request.Owner):
		f.Held = f.Synced
	default:
		f.Taken, f.TakenBy, f.TakenFor = true, rec.OwnerAddress, indexTip-rec.RenewedAt+1
	}
	return f, nil
}

// lookTx asks the node and the index about one transaction.
func (r *Registrar) lookTx(ctx context.Context, txid chainhash.Hash, tip, indexTip int32, synced bool) (TxFact, error) {
	st, err := r.cfg.Chain.TxStatus(ctx, txid)
	if err != nil {
		return TxFact{}, fmt.Errorf("transaction %s: %w", txid, err)
	}
	op, seen, err := r.cfg.Names.OpStatus(ctx, txid)
	if err != nil {
		return TxFact{}, fmt.Errorf("operation %s: %w", txid, err)
	}
	t := TxFact{InMempool: st.InMempool, Height: st.Height}
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
func (r *Registrar) readTx(ctx context.Context, txid chainhash.Hash, tip int32) (TxFact, error) {
	op, seen, err := r.cfg.Names.OpStatus(ctx, txid)
	if err != nil || !seen {
		return TxFact{}, err
	}
	return TxFact{Height: op.Height, Confirmations: tip - op.Height + 1, Known: true, Accepted: op.Accepted, Reason: op.Reason}, nil
}

// lifetime is how long the job's preorder can be used, by the rules of the next
// block. Namespace preorders never lapse (protocol 16.3). Before preorders
// expire by their own rule they lapse with the lifetime of a name.
func (r *Registrar) lifetime(j *Job, tip int32) int32 {
	if j.Request.Kind != KindRegister {
		return 0
	}
	if _, e := r.cfg.Params.Epoch(tip + 1); e.Features.Has(names.FeaturePreorderExpire) {
		return r.cfg.Params.NamePreorderLifetime
	}
	return 0
}
