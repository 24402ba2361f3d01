package registrar

import (
	"bytes"
	"context"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
)

// Facts are what the chain and the index show about a job at one moment.
type Facts struct {
	// Tip is the node's; Synced says that the index stands on it.
	Tip    int32
	Synced bool
	// Txs are the job's transactions by txid.
	Txs map[chainhash.Hash]TxFact
	// Taken says that somebody else has the name; TakenFor how many blocks so.
	Taken    bool
	TakenBy  string
	TakenFor int32
	// Held says that the wanted owner has the name already.
	Held bool
	// Met says that the record shows what an owner's operation wants; Barred why
	// the index would refuse it in the next block, empty: it would not; BarredFor
	// for how many blocks that has been so.
	Met       bool
	Barred    string
	BarredFor int32
	// Stale are the versions whose consensus hash a reorg took away.
	Stale map[chainhash.Hash]bool
	// Dead are versions that can never confirm; it is only looked for when the
	// node refused one.
	Dead map[chainhash.Hash]bool
	// Cheap are versions that the node refused for their fee in this run; Unfit those
	// that it refused for a coin that is not there now.
	Cheap, Unfit map[chainhash.Hash]bool
	// Lent are versions that spend a coin which by now pays for something else of ours.
	Lent map[chainhash.Hash]bool
	// Sent are the transactions that were offered to the node in this run.
	Sent map[chainhash.Hash]bool
	// Lifetime is how many blocks a preorder can be used after its own; 0: for
	// ever.
	Lifetime int32
	// CanPublish says that there is somewhere to publish to; CanSign that the
	// wallet is unlocked.
	CanPublish, CanSign bool
}

// TxFact is where a transaction is and what the index made of it.
type TxFact struct {
	InMempool     bool
	Height        int32 // 0: in no block
	Confirmations int32
	Known         bool // the index has read the block
	Accepted      bool
	Reason        string // why not accepted
}

// verdict is a TxFact in one word.
type verdict int

const (
	absent   verdict = iota // in no block
	unread                  // in a block that the index has not read
	accepted                // it changed the state of names
	refused                 // it did not
)

func (t TxFact) verdict() verdict {
	switch {
	case t.Height == 0:
		return absent
	case !t.Known:
		return unread
	case t.Accepted:
		return accepted
	}
	return refused
}

// mined says whether a transaction of the job is in a block.
func (f *Facts) mined(txid chainhash.Hash) bool { return f.Txs[txid].Height > 0 }

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

// live says whether somebody has a name of this status.
func live(s names.Status) bool {
	return s == names.Registered || s == names.Grace || s == names.Revoked
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
