package own

import (
	"bytes"
	"context"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
	"blockstack/txbuilder/registrar/reserve"
)

// The coin that must pay for a registration, or a reveal, is the change of its preorder: it comes
// from the script that the preorder commits to. It is kept for that as long as the preorder can be
// used, also when no job follows it; but not where its job has ended since somebody has the name.

// heldCoins remembers, of one block, the preorders of ours.
type heldCoins struct {
	tip  chainhash.Hash
	list []*Pending
}

// hold adds to what is kept the change of preorders that no job follows.
func (r *Search) hold(ctx context.Context, kept reserve.Reservations) error {
	tip, hash, err := r.Chain.Tip(ctx)
	if err != nil {
		return fmt.Errorf("chain tip: %w", err)
	}
	if r.held.tip != hash {
		own, err := r.ownPreorders(ctx, tip)
		if err != nil {
			return err
		}
		r.held.tip, r.held.list = hash, own.list
	}
	jobs, err := r.Journal.Jobs(ctx)
	if err != nil {
		return err
	}
	followed := job.FollowedBy(jobs)
	for _, p := range r.held.list {
		j := followed[p.Txid]
		if p.Lapsed || job.Follows(j) {
			continue
		}
		useless, err := lost(ctx, r.Names, j, p.Txid)
		if err != nil {
			return err
		}
		if !useless {
			kept.Hold(p.Change())
		}
	}
	return nil
}

// Lost says whether a preorder is of no use any more, since one of the jobs was rejected with it
// and somebody has the name.
func Lost(ctx context.Context, records ports.Records, jobs []*job.Job, preorder chainhash.Hash) (bool, error) {
	return lost(ctx, records, job.FollowedBy(jobs)[preorder], preorder)
}

// lost is Lost for the job of a preorder; nil: nobody knows what it is for.
func lost(ctx context.Context, records ports.Records, j *job.Job, preorder chainhash.Hash) (bool, error) {
	if j == nil {
		return false, nil
	}
	for _, st := range j.Stages {
		name := st.Name
		if j.Request.Kind == job.KindRegister {
			name = j.Request.Name
		}
		if name.IsZero() || !st.Has(preorder) || j.ProgressOf(name).State != job.Rejected {
			continue
		}
		rec, err := records.Record(ctx, name)
		if err != nil {
			return false, fmt.Errorf("%s: %w", name, err)
		}
		return job.Live(rec.Status), nil
	}
	return false, nil
}

// Sent is a preorder as the wallet that sent it knows it, without an index.
type Sent struct {
	ports.Outstanding
	Tx *wire.MsgTx
	// Until is the last block in which it can be used, 0: no limit.
	Until int32
}

// Change is the coin that must pay for what follows.
func (s *Sent) Change() wire.OutPoint { return wire.OutPoint{Hash: s.Txid, Index: 1} }

// UsedBy says whether a name operation is what the preorder was sent for: the registration of its
// name for its owner, or the reveal of its namespace.
func (s *Sent) UsedBy(params *names.Params, op *txbuilder.Reading) bool {
	if op == nil || op.Problem != "" || !bytes.Equal(op.Sender, s.Sender) {
		return false
	}
	switch op.Op.(type) {
	case nameop.NameRegistration:
		if s.Namespace {
			return false
		}
	case nameop.NamespaceReveal:
		if !s.Namespace {
			return false
		}
	default:
		return false
	}
	owner, err := params.ScriptAddress(op.Owner)
	if err != nil {
		return false
	}
	h, err := nameop.HashPreorder(op.Subject, s.Sender, owner)
	return err == nil && h == s.Hash
}

// SentPreorder reads a transaction of the wallet, in a block of a height or, 0, in none, as a
// preorder that can still be used in the block after a tip and that none of the jobs follows. Its
// sender is taken to be the script that has its change, as in every preorder of this program.
func SentPreorder(params *names.Params, jobs []*job.Job, tx *wire.MsgTx, height, tip int32) (*Sent, bool) {
	at := height
	if at == 0 {
		at = tip + 1
	}
	o, is := PreorderIn(params, tx, at)
	if !is || job.Follows(job.FollowedBy(jobs)[o.Txid]) {
		return nil, false
	}
	s := &Sent{Outstanding: o, Tx: tx}
	s.Height, s.Sender = height, tx.TxOut[1].PkScript
	if life := job.KindRegister.Lifetime(params, tip); life > 0 && height > 0 && !o.Namespace {
		s.Until = height + life
	}
	return s, s.Until == 0 || tip < s.Until
}

func (r *Search) Reserved(ctx context.Context) (reserve.Reservations, error) {
	tip, known := int32(0), false
	kept, err := reserve.Reserved(ctx, r.Journal, func(ctx context.Context, txid chainhash.Hash) (int32, error) {
		var err error
		if !known {
			if tip, _, err = r.Chain.Tip(ctx); err != nil {
				return 0, fmt.Errorf("chain tip: %w", err)
			}
			known = true
		}
		st, err := r.Chain.TxStatus(ctx, txid)
		if err != nil || st.Height == 0 {
			return 0, err
		}
		return max(0, tip-st.Height+1), nil
	})
	if err != nil {
		return nil, err
	}
	return kept, r.hold(ctx, kept)
}
