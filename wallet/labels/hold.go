package labels

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/storage/dbfile"
)

// bucketHeld is made when it is first written to.
var bucketHeld = []byte("held")

// Hold keeps a coin for a payment that was prepared and is signed elsewhere.
type Hold struct {
	OutPoint wire.OutPoint
	Holder   string
	Until    time.Time
}

// heldRow is a hold as labels.db has it.
type heldRow struct {
	Holder string `json:"holder"`
	Until  int64  `json:"until"`
}

// HolderOf names a prepared payment by the id of its unsigned transaction.
func HolderOf(unsigned chainhash.Hash) string { return "payment " + unsigned.String() }

// Holds are the coins that prepared payments wait for. They outlive the process.
type Holds struct{ book *Book }

// NewHolds are those of a book.
func NewHolds(b *Book) *Holds { return &Holds{b} }

// List lists the holds that count at a time.
func (h *Holds) List(ctx context.Context, now time.Time) (list []Hold, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	err = h.book.View(func(tx *dbfile.Tx) error {
		list, err = holdsAt(tx, now)
		return err
	})
	return list, err
}

// Release lets payments use coins again that a prepared payment waits for. ErrNotHeld: one of them
// is not held; then none is released.
func (h *Holds) Release(ctx context.Context, coins []wire.OutPoint) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return h.book.Update(func(tx *dbfile.Tx) error {
		for _, op := range coins {
			held, err := HeldFor(tx, op, time.Now())
			if err != nil {
				return err
			}
			if held == nil {
				return fmt.Errorf("release %s: %w", op, ErrNotHeld)
			}
			if err := tx.Bucket(bucketHeld).Delete(outPointKey(op)); err != nil {
				return err
			}
		}
		return nil
	})
}

// hold keeps what a transaction spends, and takes out what has run out.
func hold(btx *dbfile.Tx, tx *wire.MsgTx, holder string, until, now time.Time) error {
	b, err := btx.CreateBucketIfNotExists(bucketHeld)
	if err != nil {
		return err
	}
	if err := dropHolds(b, func(h Hold) bool { return !now.Before(h.Until) }); err != nil {
		return err
	}
	raw, err := json.Marshal(heldRow{holder, until.Unix()})
	if err != nil {
		return err
	}
	for _, in := range tx.TxIn {
		op := in.PreviousOutPoint
		held, err := HeldFor(btx, op, now)
		if err != nil {
			return err
		}
		if held != nil && held.Holder != holder {
			return fmt.Errorf("hold %s: %w for %s", op, ErrHeld, held.Holder)
		}
		if err := b.Put(outPointKey(op), raw); err != nil {
			return err
		}
	}
	return nil
}

// releaseHolder ends all holds of a holder.
func releaseHolder(btx *dbfile.Tx, holder string) error {
	b := btx.Bucket(bucketHeld)
	if b == nil {
		return nil
	}
	return dropHolds(b, func(h Hold) bool { return h.Holder == holder })
}

// dropHolds takes holds out.
func dropHolds(b *dbfile.Bucket, is func(Hold) bool) error {
	var gone [][]byte
	err := b.ForEach(func(k, v []byte) error {
		h, err := readHold(k, v)
		if err == nil && is(h) {
			gone = append(gone, bytes.Clone(k))
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, k := range gone {
		if err := b.Delete(k); err != nil {
			return err
		}
	}
	return nil
}

// HeldFor finds the hold of a coin that counts at a time; nil: there is none.
func HeldFor(tx *dbfile.Tx, op wire.OutPoint, now time.Time) (*Hold, error) {
	key := outPointKey(op)
	v := lookIn(tx, bucketHeld, key)
	if v == nil {
		return nil, nil
	}
	h, err := readHold(key, v)
	if err != nil || !now.Before(h.Until) {
		return nil, err
	}
	return &h, nil
}

// holdsAt lists the holds that count at a time.
func holdsAt(tx *dbfile.Tx, now time.Time) (list []Hold, err error) {
	b := tx.Bucket(bucketHeld)
	if b == nil {
		return nil, nil
	}
	err = b.ForEach(func(k, v []byte) error {
		h, err := readHold(k, v)
		if err == nil && now.Before(h.Until) {
			list = append(list, h)
		}
		return err
	})
	return list, err
}

func readHold(k, v []byte) (Hold, error) {
	var row heldRow
	if len(k) != chainhash.HashSize+4 || json.Unmarshal(v, &row) != nil {
		return Hold{}, fmt.Errorf("%w: a held coin", ErrMalformed)
	}
	h := Hold{Holder: row.Holder, Until: time.Unix(row.Until, 0).UTC()}
	copy(h.OutPoint.Hash[:], k)
	h.OutPoint.Index = binary.BigEndian.Uint32(k[chainhash.HashSize:])
	return h, nil
}
