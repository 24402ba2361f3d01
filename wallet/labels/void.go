package labels

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/storage/dbfile"
)

// The buckets that are made when they are first written to; doc.go has their rows.
var (
	bucketInputs = []byte("inputs")
	bucketVoid   = []byte("void")
)

// OwnInputs are the inputs of a kept transaction that spend coins of ours, as far as they were ever
// seen.
func OwnInputs(tx *dbfile.Tx, hash chainhash.Hash) ([]uint32, error) {
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

// VoidSince are the transactions that are void, and since when that is known.
func VoidSince(tx *dbfile.Tx) (map[chainhash.Hash]time.Time, error) {
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

// ForgetSent deletes what is kept of a transaction of ours.
func ForgetSent(tx *dbfile.Tx, hash chainhash.Hash) error {
	err := tx.Bucket(bucketSent).Delete(hash[:])
	for _, name := range [][]byte{bucketInputs, bucketVoid} {
		if b := tx.Bucket(name); b != nil {
			err = errors.Join(err, b.Delete(hash[:]))
		}
	}
	return err
}

// Live reads SentTxs without those that are void.
func Live(b *Book) (list []*wire.MsgTx, err error) {
	err = b.View(func(tx *dbfile.Tx) error {
		all, err := SentTxs(tx)
		if err != nil {
			return err
		}
		void, err := VoidSince(tx)
		for _, t := range all {
			if _, is := void[t.TxHash()]; !is {
				list = append(list, t)
			}
		}
		return err
	})
	return list, err
}

// KeptState is what a sync finds out about the transactions that are kept.
type KeptState struct {
	Inputs map[chainhash.Hash][]uint32 // which inputs spend coins of ours, of those that the tracker has now
	Void   map[chainhash.Hash]bool
}

// Save writes what has changed.
func (st *KeptState) Save(b *Book) error {
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
		for hash, list := range st.Inputs {
			var v []byte
			for _, i := range list {
				v = binary.BigEndian.AppendUint32(v, i)
			}
			if v != nil {
				put(bucketInputs, hash[:], v)
			}
		}
		now := binary.BigEndian.AppendUint64(nil, uint64(time.Now().Unix()))
		for hash := range st.Void {
			put(bucketVoid, hash[:], now)
		}
		old, verr := VoidSince(tx)
		for hash := range old {
			if !st.Void[hash] {
				put(bucketVoid, hash[:], nil)
			}
		}
		return n, errors.Join(err, verr)
	}
	n := 0
	err := b.View(func(tx *dbfile.Tx) (err error) { n, err = changes(tx, false); return err })
	if err != nil || n == 0 {
		return err
	}
	return b.Update(func(tx *dbfile.Tx) error { _, err := changes(tx, true); return err })
}
