package labels

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

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

// PutReplaced remembers a transaction that another one replaces.
func PutReplaced(btx *dbfile.Tx, tx *wire.MsgTx, by chainhash.Hash) error {
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
	list, err := ReplacedTxs(btx)
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

// ReplacedTxs lists the replaced transactions, oldest first.
func ReplacedTxs(btx *dbfile.Tx) (list []Replaced, err error) {
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
