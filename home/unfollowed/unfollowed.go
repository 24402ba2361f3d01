// Package unfollowed finds preorders of ours that no job follows: their change must be kept for
// what has to follow them, since the register operation is only accepted from the script that the
// preorder's change went to.
//
// What the wallet knows of its own transactions is enough to see them, so they are seen also where
// there is no index yet, or no node. The index, where there is one, says which of them are used up.
package unfollowed

import (
	"context"
	"maps"
	"slices"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/names/index"
	"blockstack/txbuilder"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet/coins"
)

// Wallet is what the wallet knows of itself.
type Wallet interface {
	Coins(ctx context.Context) ([]coins.Coin, error)
	Txs(ctx context.Context, ids []chainhash.Hash) (map[chainhash.Hash]*wire.MsgTx, error)
	History(ctx context.Context) ([]coins.Entry, error)
}

// Finder looks for them.
type Finder struct {
	Rules *names.Params
	Jobs  []*registrar.Job
	Tip   int32        // of the wallet
	Index *index.Index // nil: there is none, or another process has it
}

// Candidates are transactions of ours whose change nobody keeps yet, with their heights: what else
// is looked at depends on whether there are any.
func Candidates(ctx context.Context, w Wallet, kept registrar.Reservations) (map[chainhash.Hash]int32, error) {
	list, err := w.Coins(ctx)
	if err != nil {
		return nil, err
	}
	heights := make(map[chainhash.Hash]int32)
	for _, c := range list {
		if _, is := kept[c.OutPoint]; c.OutPoint.Index == 1 && !is {
			heights[c.OutPoint.Hash] = max(0, c.Height)
		}
	}
	return heights, nil
}

// Keep adds the change of those candidates that are preorders which no job follows to what is
// reserved.
func (f *Finder) Keep(ctx context.Context, w Wallet, candidates map[chainhash.Hash]int32, kept registrar.Reservations) error {
	txs, err := w.Txs(ctx, slices.Collect(maps.Keys(candidates)))
	if err != nil {
		return err
	}
	for id, tx := range txs {
		p, is := registrar.SentPreorder(f.Rules, f.Jobs, tx, candidates[id], f.Tip)
		if !is {
			continue
		}
		waits, err := f.waits(ctx, p)
		if err != nil {
			return err
		}
		if waits {
			kept.Hold(p.Change())
		}
	}
	return nil
}

// List lists those that can still be used.
func (f *Finder) List(ctx context.Context, w Wallet) (list []*registrar.Sent, err error) {
	entries, err := w.History(ctx)
	if err != nil {
		return nil, err
	}
	for i := range entries {
		en := &entries[i]
		p, is := registrar.SentPreorder(f.Rules, f.Jobs, en.Tx, max(0, en.Height), f.Tip)
		if !is || en.Spent == 0 || f.Index == nil && f.spent(entries, p) {
			continue
		}
		waits, err := f.waits(ctx, p)
		if err != nil {
			return nil, err
		}
		if waits {
			list = append(list, p)
		}
	}
	return list, nil
}

// Uses says whether the first output of change of a transaction is that of a preorder, and an
// operation is what that was sent for.
func (f *Finder) Uses(tx *wire.MsgTx, op *txbuilder.Reading) bool {
	p, is := registrar.SentPreorder(f.Rules, nil, tx, 0, f.Tip)
	return is && p.UsedBy(f.Rules, op)
}

// waits says whether a preorder waits for what follows it.
func (f *Finder) waits(ctx context.Context, p *registrar.Sent) (bool, error) {
	if f.Index == nil || p.Height == 0 {
		return true, nil
	}
	tip, err := f.Index.Tip(ctx)
	if err != nil || tip.Height < p.Height {
		return true, err
	}
	rows, err := f.Index.PreordersBySender(ctx, p.Sender)
	for _, row := range rows {
		if row.At.Txid == p.Txid {
			lost, err := registrar.Lost(ctx, f.Index, f.Jobs, p.Txid)
			return !lost, err
		}
	}
	return false, err
}

// spent says whether the change of a preorder was spent by something other than the next preorder:
// then, as far as the wallet alone can tell, it was used.
func (f *Finder) spent(entries []coins.Entry, p *registrar.Sent) bool {
	for i := range entries {
		for _, in := range entries[i].Tx.TxIn {
			if in.PreviousOutPoint != p.Change() {
				continue
			}
			_, next := registrar.SentPreorder(f.Rules, nil, entries[i].Tx, max(0, entries[i].Height), f.Tip)
			return !next
		}
	}
	return false
}
