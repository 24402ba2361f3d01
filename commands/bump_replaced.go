package commands

import (
	"context"
	"slices"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/wallet"
	"blockstack/wallet/coins"
)

// stands is the transaction that stands for one of the wallet's now: that one, or what replaced it.
func (e *Env) stands(ctx context.Context, w *wallet.Wallet, entries []coins.Entry, txid chainhash.Hash) (chainhash.Hash, error) {
	replaced, err := w.Payments().Replaced(ctx, entries)
	if err != nil {
		return txid, err
	}
	by := make(map[chainhash.Hash]chainhash.Hash)
	for i := range replaced {
		by[replaced[i].Txid] = *replaced[i].ReplacedBy
	}
	now := txid
	for range replaced { // each is followed once at most
		next, is := by[now]
		if !is || slices.ContainsFunc(entries, func(x coins.Entry) bool { return x.Txid == now }) {
			break
		}
		now = next
	}
	if now != txid {
		e.Out.Note("%s was replaced by %s, which is taken instead", txid, now)
	}
	return now, nil
}
