package chainsync

import (
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/walletdb"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/storage/dbfile"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
	"blockstack/wallet/tracker"
	"blockstack/wallet/watched"
)

// A transaction of ours is void when a coin of ours that it spends has gone from the chain and from
// the memory pool: a reorg took the receipt away for good. It can never be mined while that is so.
// It is kept, shown as void and counts for nothing: neither as spent nor as received, and its other
// coins are free. When the receipt comes back, it counts again. Only a sync that has reached the
// tip decides it.

// kept is a transaction of ours with what is known of it.
type kept struct {
	tx   *wire.MsgTx
	keys map[uint32]scripts.Key // of its outputs that are ours
	ours []uint32               // its inputs that spend coins of ours, as far as they were ever seen
}

// place brings a kept transaction into the tracker, unless it is there, another took its coins, or
// it is void. open: it is unconfirmed and can be mined.
func place(st *labels.KeptState, s *wtxmgr.Store, ns walletdb.ReadWriteBucket, k kept, p pool) (open bool, err error) {
	hash := k.tx.TxHash()
	d, err := s.TxDetails(ns, &hash)
	if err != nil {
		return false, err
	}
	if d != nil && (d.Block.Height >= 0 || len(d.Debits) >= len(k.ours)) {
		for _, in := range d.Debits {
			st.Inputs[hash] = append(st.Inputs[hash], in.Index)
		}
		return d.Block.Height < 0, nil
	}
	if d == nil {
		if rival, err := tracker.SpentByOther(s, ns, k.tx); err != nil || rival {
			return false, err
		}
	}
	gone, err := lostCoin(s, ns, k, p)
	if err != nil {
		return false, err
	}
	switch {
	case gone && d != nil:
		st.Void[hash] = true
		return false, s.RemoveUnminedTx(ns, &d.TxRecord)
	case gone:
		st.Void[hash] = true
		return false, nil
	case d != nil:
		return true, nil
	}
	return true, tracker.InsertUnmined(s, ns, k.tx, k.keys)
}

// lostCoin says whether a coin of ours that a transaction spends is no more. Where its inputs that
// spend ours are not known, all must be missing, from a pool that can be read, too.
func lostCoin(s *wtxmgr.Store, ns walletdb.ReadBucket, k kept, p pool) (bool, error) {
	if p.ids[k.tx.TxHash()] {
		return false, nil
	}
	missing := 0
	for i, in := range k.tx.TxIn {
		d, err := s.TxDetails(ns, &in.PreviousOutPoint.Hash)
		if err != nil {
			return false, err
		}
		if d != nil {
			continue
		}
		for _, own := range k.ours {
			if own == uint32(i) {
				return true, nil
			}
		}
		missing++
	}
	return len(k.ours) == 0 && p.known && missing == len(k.tx.TxIn), nil
}

// resend offers our own unconfirmed transactions to the node again, and records those that the
// tracker has lost, unless they are void. A refusal changes nothing here: the transaction is signed
// and may be mined by somebody at any time.
func resend(book *labels.Book, ks *watched.Keys, l *link, p pool) error {
	sent, err := labels.Sent(book)
	if err != nil || len(sent) == 0 {
		return err
	}
	byHash := make(map[chainhash.Hash]*wire.MsgTx)
	for _, tx := range sent {
		byHash[tx.TxHash()] = tx
	}
	if err := dropForged(book, l, byHash); err != nil {
		return err
	}
	st := &labels.KeptState{Inputs: make(map[chainhash.Hash][]uint32), Void: make(map[chainhash.Hash]bool)}
	for _, tx := range wtxmgr.DependencySort(byHash) {
		k := kept{tx: tx}
		if k.keys, err = ks.OwnOutputs(tx); err != nil {
			return err
		}
		if err := book.View(func(btx *dbfile.Tx) (err error) { k.ours, err = labels.OwnInputs(btx, tx.TxHash()); return err }); err != nil {
			return err
		}
		open := false // unconfirmed, and no other has taken its coins
		err = walletdb.Update(l.db, func(dbtx walletdb.ReadWriteTx) (err error) {
			open, err = place(st, l.w.TxStore, dbtx.ReadWriteBucket(tracker.TxBucket), k, p)
			return err
		})
		if err != nil {
			return fmt.Errorf("record transaction %s again: %w", tx.TxHash(), err)
		}
		if open && !p.ids[tx.TxHash()] {
			_, err := l.Interface.SendRawTransaction(tx, false)
			l.note(err)
		}
	}
	return st.Save(book)
}

// dropForged forgets kept transactions that are not signed. tracker.ErrRebuild: there was one, and
// what it did to the tracker must be undone.
func dropForged(book *labels.Book, l *link, sent map[chainhash.Hash]*wire.MsgTx) error {
	var gone []chainhash.Hash
	err := walletdb.View(l.db, func(dbtx walletdb.ReadTx) error {
		for hash, tx := range sent {
			is, err := tracker.Forged(l.w.TxStore, dbtx.ReadBucket(tracker.TxBucket), tx)
			if err != nil {
				return err
			}
			if is {
				gone = append(gone, hash)
			}
		}
		return nil
	})
	if err != nil || len(gone) == 0 {
		return err
	}
	err = book.Update(func(btx *dbfile.Tx) error {
		for _, hash := range gone {
			if err := labels.ForgetSent(btx, hash); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("forget what is not signed: %w", err)
	}
	return fmt.Errorf("%w: labels.db has the transaction %s as ours, which is not signed: another program has written it; it counts for nothing", tracker.ErrRebuild, gone[0])
}
