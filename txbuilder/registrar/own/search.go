package own

import (
	"context"
	"fmt"
	"slices"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/ports"
)

// Search looks for what scripts of ours have sent.
type Search struct {
	ports.World
	Copied *copiedOnce
	held   *heldCoins
}

// NewSearch prepares a search; from reads the copies of jobs that this journal has not written,
// nil: there are none.
func NewSearch(w ports.World, from CopiedJobs) *Search {
	return &Search{World: w, Copied: &copiedOnce{From: from}, held: new(heldCoins)}
}

// Over is the same search with another journal.
func (r *Search) Over(j ports.Journal) *Search {
	still := *r
	still.Journal = j
	return &still
}

// ownPreorders looks through index, wallet and memory pool.
func (r *Search) ownPreorders(ctx context.Context, tip int32) (*Preorders, error) {
	return r.gather(ctx, tip, nil)
}

// EveryPreorder is ownPreorders with what the copy of the journal holds: the search before anything
// is paid.
func (r *Search) EveryPreorder(ctx context.Context, tip int32) (*Preorders, error) {
	jobs, err := r.Copied.Read(ctx)
	if err != nil {
		return nil, err
	}
	return r.gather(ctx, tip, jobs)
}

// gather is either of them.
func (r *Search) gather(ctx context.Context, tip int32, copied []*job.Job) (*Preorders, error) {
	scripts, err := r.Wallet.Scripts(ctx)
	if err != nil {
		return nil, err
	}
	list, err := r.Pending(ctx, scripts, tip)
	if err != nil {
		return nil, err
	}
	if list, err = r.WithCopied(ctx, list, copied, scripts, tip); err != nil {
		return nil, err
	}
	owners := slices.Clone(scripts)
	for _, p := range list {
		if p.Copied != nil {
			owners = append(owners, p.Owner)
		}
	}
	if w, ok := r.Wallet.(ports.Owners); ok && len(list) > 0 {
		more, err := w.Owners(ctx)
		if err != nil {
			return nil, err
		}
		owners = append(slices.Clone(owners), more...)
	}
	return newOwnPreorders(r.Params, list, owners), nil
}

// Pending lists the preorders that scripts of ours have sent.
func (r *Search) Pending(ctx context.Context, scripts [][]byte, tip int32) ([]*Pending, error) {
	jobs, err := r.Journal.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	followed := job.FollowedBy(jobs)
	list := []*Pending{}
	for _, script := range scripts {
		if k := txbuilder.KindOf(script); k != txbuilder.KindP2PKH && k != txbuilder.KindP2SH {
			continue // the name system reads no other sender
		}
		sent, err := r.Names.PreordersBy(ctx, script)
		if err != nil {
			return nil, err
		}
		for _, o := range sent {
			p := &Pending{Outstanding: o}
			life := int32(0)
			if !o.Namespace {
				life = job.KindRegister.Lifetime(r.Params, tip)
			}
			if life > 0 {
				p.Until = o.Height + life
				p.Lapsed = tip+1 > p.Until
			}
			list = append(list, p)
		}
	}
	waiting, err := r.unconfirmedPreorders(ctx, scripts, tip)
	if err != nil {
		return nil, err
	}
	list = append(list, waiting...)
	for _, p := range list {
		if j := followed[p.Txid]; j != nil && j.Open() {
			p.Owned = j
		} else {
			p.Ended = j
		}
	}
	return list, nil
}

// unconfirmedPreorders are those of ours that are in no block: in the memory pool, or sent by this
// wallet and nowhere to be seen, which a miner may have all the same.
func (r *Search) unconfirmedPreorders(ctx context.Context, scripts [][]byte, tip int32) (list []*Pending, err error) {
	txs, err := r.unconfirmed(ctx)
	if err != nil {
		return nil, err
	}
	ours := make(map[string]bool)
	for _, script := range scripts {
		ours[string(script)] = true
	}
	for _, tx := range txs {
		o, is := PreorderIn(r.Params, tx, tip+1)
		if !is {
			continue
		}
		i := slices.IndexFunc(SendersOf(tx), func(s []byte) bool { return ours[string(s)] })
		if i < 0 {
			continue
		}
		if waits, err := r.inNoBlock(ctx, o.Txid); err != nil {
			return nil, err
		} else if !waits {
			continue
		}
		o.Sender = SendersOf(tx)[i]
		list = append(list, &Pending{Outstanding: o, Tx: tx})
	}
	return list, nil
}

// unconfirmed are the transactions of the memory pool, and those that the wallet remembers.
func (r *Search) unconfirmed(ctx context.Context) (txs []*wire.MsgTx, err error) {
	if pool, ok := ports.PoolOf(r.Chain); ok {
		if txs, _, err = pool.Unconfirmed(ctx); err != nil {
			return nil, fmt.Errorf("memory pool: %w", err)
		}
	}
	if w, ok := r.Wallet.(ports.Unsettled); ok {
		own, err := w.Unsettled(ctx)
		if err != nil {
			return nil, err
		}
		txs = append(slices.Clip(txs), own...)
	}
	seen := make(map[chainhash.Hash]bool, len(txs))
	return slices.DeleteFunc(slices.Clone(txs), func(tx *wire.MsgTx) bool {
		id := tx.TxHash()
		known := seen[id]
		seen[id] = true
		return known
	}), nil
}

// inNoBlock says whether neither the node nor the index has a transaction in a block. The index
// lists a preorder that it has, as long as that is of use.
func (r *Search) inNoBlock(ctx context.Context, txid chainhash.Hash) (bool, error) {
	at, err := r.Chain.TxStatus(ctx, txid)
	if err != nil {
		return false, fmt.Errorf("transaction %s: %w", txid, err)
	}
	_, read, err := r.Names.OpStatus(ctx, txid)
	if err != nil {
		return false, fmt.Errorf("operation %s: %w", txid, err)
	}
	return at.Height == 0 && !read, nil
}
