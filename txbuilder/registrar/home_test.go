package registrar

import (
	"context"
	"slices"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// homeWallet is the wallet of one home: the keys, and what this home remembers of having sent.
type homeWallet struct {
	*wallet
	v *world
}

// keep remembers a transaction that the node has taken.
func (v *world) keep(tx *wire.MsgTx) {
	if v.kept == nil {
		v.kept = make(map[chainhash.Hash]*wire.MsgTx)
	}
	v.kept[tx.TxHash()] = tx
}

// Unsettled are the remembered transactions that are in no block and whose coins no block has
// spent.
func (h homeWallet) Unsettled(ctx context.Context) (list []*wire.MsgTx, err error) {
	blocks, err := h.chainBlocks(ctx)
	if err != nil {
		return nil, err
	}
	spent, mined := make(map[wire.OutPoint]bool), make(map[chainhash.Hash]bool)
	for _, b := range blocks {
		for _, tx := range b.Transactions {
			mined[tx.TxHash()] = true
			for _, in := range tx.TxIn {
				spent[in.PreviousOutPoint] = true
			}
		}
	}
	replaced := make(map[wire.OutPoint]chainhash.Hash)
	for _, tx := range h.v.btc.Sent() { // of two that spend one coin, the later one was taken
		for _, in := range tx.TxIn {
			replaced[in.PreviousOutPoint] = tx.TxHash()
		}
	}
	for txid, tx := range h.v.kept {
		if !mined[txid] && !slices.ContainsFunc(tx.TxIn, func(in *wire.TxIn) bool {
			return spent[in.PreviousOutPoint] || replaced[in.PreviousOutPoint] != txid
		}) {
			list = append(list, tx)
		}
	}
	return list, nil
}

// batch is a list of names, all for the usual owner.
func (v *world) batch(words ...string) BatchRequest {
	v.t.Helper()
	req := v.list("batch", 0)
	for _, word := range words {
		one := v.register(word)
		req.Items = append(req.Items, Item{Kind: KindRegister, Name: one.Name, Owner: one.Owner, ZoneFile: one.ZoneFile})
	}
	return req
}
