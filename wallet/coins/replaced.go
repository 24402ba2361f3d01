package coins

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/storage/dbfile"
)

// bucketReplaced is made when it is first written to.
var bucketReplaced = []byte("replaced")

// maxReplaced is how many replaced transactions are remembered; the oldest are forgotten first.
const maxReplaced = 1000

// Replaced is a transaction of ours that was never mined, because another one took a coin of it.
type Replaced struct {
	Tx   *wire.MsgTx
	By   chainhash.Hash
	Time time.Time // when that was recorded
}

// replacedRow is a replaced transaction as labels.db has it.
type replacedRow struct {
	By   string `json:"by"`
	Time int64  `json:"time"`
	Tx   []byte `json:"tx"`
}

// putReplaced remembers a transaction that another one replaces.
func putReplaced(btx *dbfile.Tx, tx *wire.MsgTx, by chainhash.Hash) error {
	b, err := btx.CreateBucketIfNotExists(bucketReplaced)
	if err != nil {
		return err
	}
	var raw bytes.Buffer
	if err := tx.Serialize(&raw); err != nil {
		return err
	}
	v, err := json.Marshal(replacedRow{By: by.String(), Time: time.Now().Unix(), Tx: raw.Bytes()})
	if err != nil {
		return err
	}
	hash := tx.TxHash()
	if err := b.Put(hash[:], v); err != nil {
		return err
	}
	list, err := replacedTxs(btx)
	if err != nil || len(list) <= maxReplaced {
		return err
	}
	for _, r := range list[:len(list)-maxReplaced] {
		hash := r.Tx.TxHash()
		if err := b.Delete(hash[:]); err != nil {
			return err
		}
	}
	return nil
}

// replacedTxs lists the replaced transactions, oldest first.
func replacedTxs(btx *dbfile.Tx) (list []Replaced, err error) {
	b := btx.Bucket(bucketReplaced)
	if b == nil {
		return nil, nil
	}
	err = b.ForEach(func(k, v []byte) error {
		var row replacedRow
		r := Replaced{Tx: new(wire.MsgTx)}
		err := json.Unmarshal(v, &row)
		if err == nil {
			err = r.Tx.Deserialize(bytes.NewReader(row.Tx))
		}
		if err == nil {
			err = chainhash.Decode(&r.By, row.By)
		}
		if err != nil {
			return fmt.Errorf("%w: replaced transaction %x: %w", ErrMalformed, k, err)
		}
		r.Time = time.Unix(row.Time, 0).UTC()
		list = append(list, r)
		return nil
	})
	slices.SortStableFunc(list, func(a, b Replaced) int { return a.Time.Compare(b.Time) })
	return list, err
}

// Replaced are the transactions of ours that others replaced, newest first: as entries of the history that moved nothing.
// One that is in the history after all, since the chain decided for it, is not among them.
func (m *Payments) Replaced(ctx context.Context, history []Entry) ([]Entry, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	known := make(map[chainhash.Hash]*Entry, len(history))
	for i := range history {
		known[history[i].Txid] = &history[i]
	}
	var out []Entry
	err := m.c.book.view(func(btx *dbfile.Tx) error {
		list, err := replacedTxs(btx)
		if err != nil {
			return err
		}
		sent, err := sentTxs(btx)
		if err != nil {
			return err
		}
		for _, tx := range sent { // another home of the same seed, or a node, knew the rival first
			if rival := rivalOf(tx, history); rival != nil && known[tx.TxHash()] == nil {
				list = append(list, Replaced{Tx: tx, By: rival.Txid, Time: rival.Time})
			}
		}
		for _, r := range slices.Backward(list) {
			e := Entry{Txid: r.Tx.TxHash(), Tx: r.Tx, Height: -1, Time: r.Time, ReplacedBy: &r.By}
			if known[e.Txid] != nil {
				continue
			}
			e.Label = getLabel(btx, LabelTx, e.Txid.String())
			for i, o := range r.Tx.TxOut {
				out := Output{Index: uint32(i), Amount: btcutil.Amount(o.Value), Script: o.PkScript, Address: scriptAddress(m.c.net, o.PkScript)}
				if out.Key, out.Ours, err = m.c.keyOf(btx, o.PkScript); err != nil {
					return err
				}
				e.Outputs = append(e.Outputs, out)
			}
			out = append(out, e)
		}
		return nil
	})
	return out, err
}

// rivalOf finds the entry of a history that spends a coin of a transaction and is not that one; nil: there is none.
func rivalOf(tx *wire.MsgTx, history []Entry) *Entry {
	for i := range history {
		if conflict(tx, history[i].Tx) {
			return &history[i]
		}
	}
	return nil
}
