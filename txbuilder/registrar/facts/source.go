package facts

import (
	"bytes"
	"context"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
	"blockstack/txbuilder/registrar/step"
)

// MinedVersion is the version of a transaction that is in a block.
func (r *Source) MinedVersion(ctx context.Context, j *job.Job, role job.Role, tip int32) (*job.Version, *wire.MsgTx, error) {
	for _, v := range j.Stage(role).Versions {
		st, err := r.Tx(ctx, v.Txid, tip, tip, true)
		if err != nil {
			return nil, nil, err
		}
		if st.Height > 0 {
			tx, err := v.Tx()
			return v, tx, err
		}
	}
	return nil, nil, fmt.Errorf("%w: %s left the chain meanwhile", job.ErrIndexBehind, job.Words(role))
}

// Source gathers facts about jobs.
type Source struct {
	ports.World
	// Publishes says that there is somewhere to put zone files.
	Publishes bool
}

// GoodWith is good for a draft and for those that wait with it and spend it.
func (r *Source) GoodWith(ctx context.Context, j *job.Job, d *job.Draft, f step.Facts) (bool, error) {
	good, err := r.Good(ctx, d, f, f.Tip)
	if d.Role != job.RoleMove || d.Version.Txid == (chainhash.Hash{}) {
		return good, err
	}
	for _, o := range j.Drafts() {
		if err == nil && good && o.Version.Parent == d.Version.Txid {
			good, err = r.Good(ctx, o, f, f.Tip)
		}
	}
	return good, err
}

// Good says whether a draft would still count if it were signed now.
func (r *Source) Good(ctx context.Context, d *job.Draft, f step.Facts, indexTip int32) (bool, error) {
	v := &d.Version
	if v.Window == 0 {
		return f.Tip-v.Signed <= step.DraftLife, nil
	}
	if f.Tip+step.ReplaceMargin >= v.Window && f.Tip > v.Signed {
		return false, nil
	}
	stale, err := r.stale(ctx, v, indexTip)
	return !stale, err
}

// Single gathers the facts about a job.
func (r *Source) Single(ctx context.Context, j *job.Job, sent map[chainhash.Hash]bool) (step.Facts, error) {
	tip, hash, err := r.Chain.Tip(ctx)
	if err != nil {
		return step.Facts{}, fmt.Errorf("chain tip: %w", err)
	}
	indexTip, indexHash, err := r.Names.Tip(ctx)
	if err != nil {
		return step.Facts{}, fmt.Errorf("index tip: %w", err)
	}
	f := step.Facts{
		Tip: tip, Synced: tip == indexTip && hash == indexHash, Sent: sent,
		Txs:        make(map[chainhash.Hash]step.TxFact),
		Stale:      make(map[chainhash.Hash]bool),
		CanPublish: r.Publishes, CanSign: j.Request.External || r.Wallet.CanSign(ctx),
		Lifetime: j.Request.Kind.Lifetime(r.Params, tip),
	}
	for _, s := range j.Stages {
		for _, v := range s.Versions {
			if s.Role.IsImport() && !s.Used && f.Synced { // of the many, the node is asked about those that were sent
				f.Txs[v.Txid], err = r.readTx(ctx, v.Txid, tip)
			} else {
				f.Txs[v.Txid], err = r.Tx(ctx, v.Txid, tip, indexTip, f.Synced)
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
	rec, err := r.Names.Record(ctx, j.Request.Name)
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

// Tx asks the node and the index about one transaction.
func (r *Source) Tx(ctx context.Context, txid chainhash.Hash, tip, indexTip int32, synced bool) (step.TxFact, error) {
	st, err := r.Chain.TxStatus(ctx, txid)
	if err != nil {
		return step.TxFact{}, fmt.Errorf("transaction %s: %w", txid, err)
	}
	op, seen, err := r.Names.OpStatus(ctx, txid)
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
func (r *Source) readTx(ctx context.Context, txid chainhash.Hash, tip int32) (step.TxFact, error) {
	op, seen, err := r.Names.OpStatus(ctx, txid)
	if err != nil || !seen {
		return step.TxFact{}, err
	}
	return step.TxFact{Height: op.Height, Confirmations: tip - op.Height + 1, Known: true, Accepted: op.Accepted, Reason: op.Reason}, nil
}

// SyncedTip is the tip that node and index agree on.
func (r *Source) SyncedTip(ctx context.Context) (int32, error) {
	return ports.AgreedTip(ctx, r.Chain, r.Names)
}
