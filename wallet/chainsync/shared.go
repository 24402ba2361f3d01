package chainsync

import (
	"context"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcwallet/chain"
	"github.com/btcsuite/btcwallet/walletdb"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/wallet/scripts"
	"blockstack/wallet/tracker"
	"blockstack/wallet/watched"
)

// sharedAddresses are the addresses that link watches beside btcwallet's.
func sharedAddresses(ctx context.Context, keys *watched.Keys, net *chaincfg.Params) ([]address.Address, error) {
	list, err := keys.SharedScripts(ctx)
	if err != nil {
		return nil, err
	}
	var out []address.Address
	for _, s := range list {
		addr, err := address.NewAddressScriptHash(s.Redeem, net)
		if err != nil {
			return nil, err
		}
		out = append(out, addr)
	}
	return out, nil
}

// recordShared puts the transactions of a notification that pay shared scripts into the books
// before btcwallet hears of them: it would not see these outputs, and a spend of one in the same
// block would find nothing to spend.
func (l *link) recordShared(n any) error {
	if l.shared == nil {
		return nil
	}
	switch n := n.(type) {
	case chain.RelevantTx:
		return l.recordSharedTx(n.TxRecord, n.Block)
	case chain.FilteredBlockConnected:
		for _, rec := range n.RelevantTxs {
			if err := l.recordSharedTx(rec, n.Block); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *link) recordSharedTx(rec *wtxmgr.TxRecord, block *wtxmgr.BlockMeta) error {
	keys, err := l.shared(&rec.MsgTx)
	if err != nil {
		return err
	}
	pays := false
	for _, k := range keys {
		pays = pays || k.Role == scripts.Shared
	}
	if !pays {
		return nil
	}
	if !l.send(barrier{}) { // what came before is dealt with
		return nil
	}
	return walletdb.Update(l.db, func(tx walletdb.ReadWriteTx) error {
		ns := tx.ReadWriteBucket(tracker.TxBucket)
		if block == nil {
			if _, err := tracker.RemoveConflicts(l.w.TxStore, ns, &rec.MsgTx); err != nil {
				return err
			}
		}
		known, err := l.w.TxStore.InsertTxCheckIfExists(ns, rec, block)
		if err != nil || known {
			return err
		}
		for i, k := range keys {
			if err := l.w.TxStore.AddCredit(ns, rec, block, i, k.Role == scripts.Payment && k.Branch == scripts.Change); err != nil {
				return err
			}
		}
		return nil
	})
}

// withShared adds the addresses of shared scripts to a list.
func (l *link) withShared(addrs []address.Address) []address.Address {
	return append(append([]address.Address{}, addrs...), l.also...)
}

// NotifyReceived asks for payments to shared scripts, too.
func (l *link) NotifyReceived(addrs []address.Address) error {
	return l.Interface.NotifyReceived(l.withShared(addrs))
}
