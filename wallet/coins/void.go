package coins

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/walletdb"
	"github.com/btcsuite/btcwallet/wtxmgr"

	"blockstack/storage/dbfile"
)

// A transaction of ours is void when a coin of ours that it spends has gone from the chain and from the memory pool: a
// reorg took the receipt away for good. It can never be mined while that is so. It is kept, shown as void and counts for
// nothing: neither as spent nor as received, and its other coins are free. When the receipt comes back, it counts again.
// Only a sync that has reached the tip decides it.

// The buckets that are made when they are first written to; doc.go has their rows.
var (
	bucketInputs = []byte("inputs")
	bucketVoid   = []byte("void")
)

// standing is what a sync finds out about the transactions that are kept.
type standing struct {
	inputs map[chainhash.Hash][]uint32 // which inputs spend coins of ours, of those that the tracker has now
	void   map[chainhash.Hash]bool
}

// place brings a kept transaction into the tracker, unless it is there, another took its coins, or it is void. open: it is
// unconfirmed and can be mined.
func (st *standing) place(s *wtxmgr.Store, ns walletdb.ReadWriteBucket, tx *wire.MsgTx, keys map[uint32]Key, known []uint32, p pool) (open bool, err error) {
	hash := tx.TxHash()
	d, err := s.TxDetails(ns, &hash)
	if err != nil {
		return false, err
	}
	if d != nil && (d.Block.Height >= 0 || len(d.Debits) >= len(known)) {
		for _, in := range d.Debits {
			st.inputs[hash] = append(st.inputs[hash], in.Index)
		}
		return d.Block.Height < 0, nil
	}
	if d == nil {
		if rival, err := spentByOther(s, ns, tx); err != nil || rival {
			return false, err
		}
	}
	gone, err := lostCoin(s, ns, tx, known, p)
	if err != nil {
		return false, err
	}
	switch {
	case gone && d != nil:
		st.void[hash] = true
		return false, s.RemoveUnminedTx(ns, &d.TxRecord)
	case gone:
		st.void[hash] = true
		return false, nil
	case d != nil:
		return true, nil
	}
	return true, insertUnmined(s, ns, tx, keys)
}

// lostCoin says whether a coin of ours that a transaction spends is no more. known are the inputs that spend ours; empty:
// that is not known, and all must be missing, from a pool that can be read, too.
func lostCoin(s *wtxmgr.Store, ns walletdb.ReadBucket, tx *wire.MsgTx, known []uint32, p pool) (bool, error) {
	if p.ids[tx.TxHash()] {
		return false, nil
	}
	missing := 0
	for i, in := range tx.TxIn {
		d, err := s.TxDetails(ns, &in.PreviousOutPoint.Hash)
		if err != nil {
			return false, err
		}
		if d != nil {
			continue
		}
		for _, k := range known {
			if k == uint32(i) {
				return true, nil
			}
		}
		missing++
	}
	return len(known) == 0 && p.known && missing == len(tx.TxIn), nil
}

// save writes what has changed.
func (c *Coins) save(st *standing) error {
	changes := func(tx *dbfile.Tx, write bool) (n int, err error) {
		put := func(name, key, value []byte) {
			if err != nil || (value == nil) == (lookIn(tx, name, key) == nil) {
				return
			}
			n++
			if !write {
				return
			}
			var b *dbfile.Bucket
			if b, err = tx.CreateBucketIfNotExists(name); err != nil {
				return
			}
			if value == nil {
				err = b.Delete(key)
			} else {
				err = b.Put(key, value)
			}
		}
		for hash, list := range st.inputs {
			var v []byte
			for _, i := range list {
				v = binary.BigEndian.AppendUint32(v, i)
			}
			if v != nil {
				put(bucketInputs, hash[:], v)
			}
		}
		now := binary.BigEndian.AppendUint64(nil, uint64(time.Now().Unix()))
		for hash := range st.void {
			put(bucketVoid, hash[:], now)
		}
		old, verr := voidSince(tx)
		for hash := range old {
			if !st.void[hash] {
				put(bucketVoid, hash[:], nil)
			}
		}
		return n, errors.Join(err, verr)
	}
	n := 0
	err := c.book.view(func(tx *dbfile.Tx) (err error) { n, err = changes(tx, false); return err })
	if err != nil || n == 0 {
		return err
	}
	return c.book.update(func(tx *dbfile.Tx) error { _, err := changes(tx, true); return err })
}

// ownInputs are the inputs of a kept transaction that spend coins of ours, as far as they were ever seen.
func ownInputs(tx *dbfile.Tx, hash chainhash.Hash) ([]uint32, error) {
	v := lookIn(tx, bucketInputs, hash[:])
	if len(v)%4 != 0 {
		return nil, fmt.Errorf("%w: inputs of transaction %s", ErrMalformed, hash)
	}
	var list []uint32
	for ; len(v) > 0; v = v[4:] {
		list = append(list, binary.BigEndian.Uint32(v))
	}
	return list, nil
}

// voidSince are the transactions that are void, and since when that is known.
func voidSince(tx *dbfile.Tx) (map[chainhash.Hash]time.Time, error) {
	b := tx.Bucket(bucketVoid)
	if b == nil {
		return nil, nil
	}
	list := make(map[chainhash.Hash]time.Time)
	err := b.ForEach(func(k, v []byte) error {
		if len(k) != chainhash.HashSize || len(v) != 8 {
			return fmt.Errorf("%w: a void transaction", ErrMalformed)
		}
		list[chainhash.Hash(k)] = time.Unix(int64(binary.BigEndian.Uint64(v)), 0).UTC()
		return nil
	})
	return list, err
}

// forgetSent deletes what is kept of a transaction of ours.
func forgetSent(tx *dbfile.Tx, hash chainhash.Hash) error {
	err := tx.Bucket(bucketSent).Delete(hash[:])
	for _, name := range [][]byte{bucketInputs, bucketVoid} {
		if b := tx.Bucket(name); b != nil {
			err = errors.Join(err, b.Delete(hash[:]))
		}
	}
	return err
}

// live reads sentTxs without those that are void.
func (c *Coins) live() (list []*wire.MsgTx, err error) {
	err = c.book.view(func(tx *dbfile.Tx) error {
		all, err := sentTxs(tx)
		if err != nil {
			return err
		}
		void, err := voidSince(tx)
		for _, t := range all {
			if _, is := void[t.TxHash()]; !is {
				list = append(list, t)
			}
		}
		return err
	})
	return list, err
}

// voids are the entries of the history for void transactions, unless the tracker has them after all.
func (c *Coins) voids(ctx context.Context, known map[chainhash.Hash]bool) (list []Entry, err error) {
	err = c.book.view(func(tx *dbfile.Tx) error {
		since, err := voidSince(tx)
		if err != nil || len(since) == 0 {
			return err
		}
		all, err := sentTxs(tx)
		if err != nil {
			return err
		}
		for _, t := range all {
			hash := t.TxHash()
			at, is := since[hash]
			if !is || known[hash] {
				continue
			}
			e := Entry{Txid: hash, Tx: t, Height: -1, Time: at, Void: true}
			e.Outputs = c.outputs(t)
			list = append(list, e)
		}
		return ctx.Err()
	})
	return list, err
}
