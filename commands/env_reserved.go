package commands

import (
	"context"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/commands/voice"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet"
	"blockstack/wallet/coins"
)

// keepForJobs tells the wallet which coins the jobs of a journal need, and preorders that no job follows, and returns who needs which.
func (e *Env) keepForJobs(ctx context.Context, w *wallet.Wallet, journal registrar.Journal) (registrar.Reservations, error) {
	kept, err := registrar.Reserved(ctx, journal, walletDepth(w))
	if err != nil {
		return nil, err
	}
	if err := e.keepForPreorders(ctx, w, journal, kept); err != nil {
		return nil, err
	}
	w.Reserve(func(op wire.OutPoint) bool { _, is := kept[op]; return is })
	return kept, nil
}

// walletDepth says how deep a transaction of a job is, as far as the wallet has seen blocks: it follows everything that spends a
// coin of its own, and needs no node to say so. Its history is read when it is first asked for.
func walletDepth(w *wallet.Wallet) registrar.Depth {
	var depths map[chainhash.Hash]int32
	return func(ctx context.Context, txid chainhash.Hash) (int32, error) {
		if depths == nil {
			entries, err := w.History(ctx)
			if err != nil {
				return 0, err
			}
			depths = make(map[chainhash.Hash]int32, len(entries))
			for i := range entries {
				depths[entries[i].Txid] = max(0, entries[i].Confirmations)
			}
		}
		return depths[txid], nil
	}
}

// untilText says in words what ends a reservation.
func untilText(until string) string {
	switch registrar.Ending(until) {
	case registrar.UntilOver:
		return "the job is over"
	case registrar.UntilUsed:
		return "the preorder is used or lapses"
	}
	return until
}

// holderOf says who holds a reserved coin, and what ends that: a time, job_over or spent.
func (e *Env) holderOf(c *coins.Coin) (holder, until string) {
	if c.Hold != nil {
		return c.Hold.Holder, voice.Time(c.Hold.Until)
	}
	r, known := e.reserved[c.OutPoint]
	if !known {
		return "", ""
	}
	if r.Purpose == registrar.PurposeFollow {
		return "a preorder that no job follows", string(r.Until)
	}
	return "job " + string(r.Holder), string(r.Until)
}
