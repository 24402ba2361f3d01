package registrar

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// Mempool is a Chain that can say at once what its memory pool holds. A Chain need
// not be one: then it is asked about each transaction.
type Mempool interface {
	MempoolTxs(ctx context.Context) ([]chainhash.Hash, error)
}

// Sender is a Chain that can take many transactions at once, parents before children,
// and then records them together. A Chain need not be one.
type Sender interface {
	// BroadcastAll offers transactions until one is refused, and says how many were
	// taken.
	BroadcastAll(ctx context.Context, txs []*wire.MsgTx) (int, error)
}

// seriesFacts are what the chain and the index show about a series.
type seriesFacts struct {
	Tip    int32
	Synced bool
	// Orphan says that the split was never signed, Doomed that it can never confirm,
	// Missing that the journal does not have it though the series has spent its coin.
	// Root is the version of it that is in a block, zero: none; Newest the one to be
	// sent, Pooled one that waits in the memory pool.
	Orphan, Doomed, Missing bool
	Root, Newest, Pooled    chainhash.Hash
	// Txs are the series' own transactions, Names what is known of each name.
	Txs   map[chainhash.Hash]TxFact
	Names []nameFact
	Stale map[chainhash.Hash]bool
	Sent  map[chainhash.Hash]bool
	// Cheap are transactions that the node refused for their fee in this run.
	Cheap map[chainhash.Hash]bool
	// Lifetime is how many blocks a preorder can be used.
	Lifetime            int32
	CanPublish, CanSign bool
}

// nameFact is what Facts says of a single name.
type nameFact struct {
	Taken, Held bool
	TakenBy     string
	TakenFor    int32
	Barred      string
	BarredFor   int32
	Met         bool
}

// lookSeries gathers the facts about a series.
func (r *Registrar) lookSeries(ctx context.Context, j *Job, sent map[chainhash.Hash]bool) (*seriesFacts, error) {
	tip, hash, err := r.cfg.Chain.Tip(ctx)
	if err != nil {
		return nil, fmt.Errorf("chain tip: %w", err)
	}
	indexTip, indexHash, err := r.cfg.Names.Tip(ctx)
	if err != nil {
		return nil, fmt.Errorf("index tip: %w", err)
	}
	f := &seriesFacts{Tip: tip, Synced: tip == indexTip && hash == indexHash, Sent: sent, CanPublish: r.cfg.Publisher != nil,
		CanSign: r.cfg.Wallet.CanSign(ctx), Txs: make(map[chainhash.Hash]TxFact), Stale: make(map[chainhash.Hash]bool),
		Lifetime: r.lifetime(&Job{Request: Request{Kind: KindRegister}}, tip)}
	if !f.Synced {
		return f, nil
	}
	if err := r.lookRoot(ctx, j, f); err != nil {
		return nil, err
	}
	if err := r.lookLinks(ctx, j, f, indexTip); err != nil {
		return nil, err
	}
	for _, q := range j.Request.Requests() {
		n, err := r.lookName(ctx, &q, indexTip)
		if err != nil {
			return nil, err
		}
		f.Names = append(f.Names, n)
	}
	return f, nil
}

// lookRoot finds out where the split is.
func (r *Registrar) lookRoot(ctx context.Context, j *Job, f *seriesFacts) error {
	split, err := r.cfg.Journal.Job(ctx, j.Request.Series.Split)
	if errors.Is(err, ErrNoJob) {
		f.Missing = slices.ContainsFunc(j.Stages, func(st *Stage) bool { return st.Used })
		f.Orphan = !f.Missing
		return nil
	}
	if err != nil {
		return err
	}
	st := split.stage(RoleSplit)
	if st == nil {
		f.Orphan = true
		return nil
	}
	f.Newest = st.Versions[st.Current].Txid
	for _, v := range st.Versions {
		at, err := r.cfg.Chain.TxStatus(ctx, v.Txid)
		if err != nil {
			return fmt.Errorf("transaction %s: %w", v.Txid, err)
		}
		if at.Height > 0 {
			f.Root = v.Txid
		}
		if at.InMempool {
			f.Pooled = v.Txid
		}
	}
	f.Doomed = split.State == Rejected && f.Root == (chainhash.Hash{})
	return nil
}

// lookLinks finds out where the transactions are. What the index has read it knows
// without the node, which is asked about the rest.
func (r *Registrar) lookLinks(ctx context.Context, j *Job, f *seriesFacts, indexTip int32) error {
	pool, listed := mempoolOf(r.cfg.Chain)
	waiting := make(map[chainhash.Hash]bool)
	if listed {
		ids, err := pool.MempoolTxs(ctx)
		if err != nil {
			return fmt.Errorf("memory pool: %w", err)
		}
		for _, id := range ids {
			waiting[id] = true
		}
	}
	for _, st := range j.Stages {
		for _, v := range st.Versions {
			op, seen, err := r.cfg.Names.OpStatus(ctx, v.Txid)
			if err != nil {
				return fmt.Errorf("operation %s: %w", v.Txid, err)
			}
			switch {
			case seen:
				f.Txs[v.Txid] = TxFact{Height: op.Height, Confirmations: f.Tip - op.Height + 1, Known: true, Accepted: op.Accepted, Reason: op.Reason}
				continue
			case listed && st.Role != RoleReturn:
				f.Txs[v.Txid] = TxFact{InMempool: waiting[v.Txid]}
			default:
				if f.Txs[v.Txid], err = r.lookTx(ctx, v.Txid, f.Tip, indexTip, true); err != nil {
					return err
				}
			}
			if f.Stale[v.Txid], err = r.stale(ctx, v, indexTip); err != nil {
				return err
			}
		}
	}
	return nil
}

// lookName finds out how a name stands.
func (r *Registrar) lookName(ctx context.Context, q *Request, tip int32) (n nameFact, err error) {
	rec, err := r.cfg.Names.Record(ctx, q.Name)
	if err != nil {
		return n, fmt.Errorf("%s: %w", q.Name, err)
	}
	if q.Kind.ofOwner() {
		f := Facts{Tip: tip, Synced: true}
		err := r.lookOwner(ctx, &f, &Job{Request: *q}, &rec)
		return nameFact{Barred: f.Barred, BarredFor: f.BarredFor, Met: f.Met}, err
	}
	switch {
	case !live(rec.Status):
	case bytes.Equal(rec.Owner, q.Owner):
		n.Held = true
	default:
		n.Taken, n.TakenBy, n.TakenFor = true, rec.OwnerAddress, tip-rec.RenewedAt+1
	}
	return n, nil
}

// reserveBatch adds what a job of a batch needs beyond what its transactions spend:
// the coin of a series that has not begun to spend it, and the coins of owners that
// were chosen for it.
func (j *Job) reserveBatch(jobs []*Job, kept Reservations) error {
	if j.Request.Kind != KindSeries || !j.Open() {
		return nil
	}
	for i := range j.Items {
		c := j.Items[i].Coin
		if c == nil || j.Items[i].State.Final() {
			continue
		}
		in, err := c.input()
		if err != nil {
			return fmt.Errorf("job %s: %w", j.ID, err)
		}
		kept.add(in.OutPoint, j, PurposeOwner)
	}
	for _, o := range jobs {
		if o.ID != j.Request.Series.Split {
			continue
		}
		for _, st := range o.Stages {
			for _, v := range st.Versions {
				tx, err := v.Tx()
				if err != nil {
					return err
				}
				if i, ok := o.output(tx, j.Request.Series.Output); ok {
					kept.add(wire.OutPoint{Hash: v.Txid, Index: uint32(i)}, j, PurposeNext)
				}
			}
		}
	}
	return nil
}

// output finds the n-th coin that a split makes in one of its versions: the same
// script and amount may be asked for more than once, and change stands anywhere.
func (j *Job) output(tx *wire.MsgTx, n int) (int, bool) {
	if j.Request.Split == nil || n >= len(j.Request.Split.Outputs) {
		return 0, false
	}
	used := make(map[int]bool)
	for k := range n + 1 {
		want, found := j.Request.Split.Outputs[k], -1
		for i, o := range tx.TxOut {
			if !used[i] && o.Value == int64(want.Amount) && bytes.Equal(o.PkScript, want.Script) {
				found = i
				break
			}
		}
		if found < 0 {
			return 0, false
		}
		if used[found] = true; k == n {
			return found, true
		}
	}
	return 0, false
}
