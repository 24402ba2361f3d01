package labels

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/storage/dbfile"
)

// Freeze keeps payments from using a coin, for a reason in words. Whether there is such a coin, the
// caller knows.
func (b *Book) Freeze(ctx context.Context, op wire.OutPoint, reason string) error {
	if reason == "" {
		reason = "frozen"
	}
	if len(reason) > maxLabel {
		return fmt.Errorf("freeze %s: the reason has more than %d bytes", op, maxLabel)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return b.Update(func(tx *dbfile.Tx) error {
		return tx.Bucket(bucketFrozen).Put(outPointKey(op), []byte(reason))
	})
}

// Unfreeze lets payments use a coin again, also one that has not come yet. Coins of owner and
// revealer keys stay frozen always.
func (b *Book) Unfreeze(ctx context.Context, op wire.OutPoint) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return b.Update(func(tx *dbfile.Tx) error {
		if tx.Bucket(bucketFrozen).Get(outPointKey(op)) == nil {
			return fmt.Errorf("unfreeze %s: %w or it is not frozen", op, ErrUnknownCoin)
		}
		return tx.Bucket(bucketFrozen).Delete(outPointKey(op))
	})
}

// Frozen lists the coins that were frozen, with the reasons: also those that have not come yet, and
// those that are spent.
func (b *Book) Frozen(ctx context.Context) (map[wire.OutPoint]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	frozen := make(map[wire.OutPoint]string)
	err := b.View(func(tx *dbfile.Tx) error {
		return tx.Bucket(bucketFrozen).ForEach(func(k, v []byte) error {
			if len(k) != chainhash.HashSize+4 {
				return fmt.Errorf("%w: a frozen coin", ErrMalformed)
			}
			op := wire.OutPoint{Hash: chainhash.Hash(k[:chainhash.HashSize]), Index: binary.BigEndian.Uint32(k[chainhash.HashSize:])}
			frozen[op] = string(v)
			return nil
		})
	})
	return frozen, err
}

// Imported counts what an import of labels has changed.
type Imported struct {
	Frozen, Unfrozen int
	// Waiting are those of Frozen that the wallet has not seen: they are frozen when they come.
	Waiting int
}

// Import sets labels, and says of coins whether payments may use them, all at once or not at all.
// What is said of a coin that the wallet does not know yet is kept, and counts from the moment that
// it comes. ours are the coins that the wallet has, and whether their keys are payment keys.
func (b *Book) Import(ctx context.Context, list []Label, spendable map[wire.OutPoint]bool, reason string, ours map[wire.OutPoint]bool) (n Imported, err error) {
	if err := ctx.Err(); err != nil {
		return n, err
	}
	if err := checkLabels(list); err != nil {
		return n, err
	}
	if reason == "" || len(reason) > maxLabel {
		return n, fmt.Errorf("import labels: the reason for freezing has %d bytes, not 1 to %d", len(reason), maxLabel)
	}
	err = b.Update(func(tx *dbfile.Tx) error {
		n = Imported{}
		if err := putLabels(tx, list); err != nil {
			return err
		}
		frozen := tx.Bucket(bucketFrozen)
		for op, may := range spendable {
			key := outPointKey(op)
			payment, known := ours[op]
			switch is := frozen.Get(key) != nil; {
			case is != may, known && !payment: // owner keys' coins are frozen always
				continue
			case may:
				n.Unfrozen++
				if err := frozen.Delete(key); err != nil {
					return err
				}
			default:
				if n.Frozen++; !known {
					n.Waiting++
				}
				if err := frozen.Put(key, []byte(reason)); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return n, err
}

// FrozenFor is why payments do not touch a coin; empty: they may.
func FrozenFor(tx *dbfile.Tx, op wire.OutPoint) string {
	return string(tx.Bucket(bucketFrozen).Get(outPointKey(op)))
}

// outPointKey is a coin as the keys of rows have it: txid vout(4).
func outPointKey(op wire.OutPoint) []byte {
	return binary.BigEndian.AppendUint32(append([]byte{}, op.Hash[:]...), op.Index)
}
