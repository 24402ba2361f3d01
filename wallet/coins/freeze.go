package coins

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/storage/dbfile"
)

// Freeze keeps payments from using a coin, for a reason in words.
func (c *Coins) Freeze(ctx context.Context, op wire.OutPoint, reason string) error {
	if reason == "" {
		reason = "frozen"
	}
	if len(reason) > maxLabel {
		return fmt.Errorf("freeze %s: the reason has more than %d bytes", op, maxLabel)
	}
	list, err := c.List(ctx)
	if err != nil {
		return err
	}
	for _, coin := range list {
		if coin.OutPoint == op {
			return c.book.update(func(tx *dbfile.Tx) error {
				return tx.Bucket(bucketFrozen).Put(outPointKey(op), []byte(reason))
			})
		}
	}
	return fmt.Errorf("freeze %s: %w", op, ErrUnknownCoin)
}

// Unfreeze lets payments use a coin again, also one that has not come yet. Coins of
// owner and revealer keys stay frozen always.
func (c *Coins) Unfreeze(ctx context.Context, op wire.OutPoint) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return c.book.update(func(tx *dbfile.Tx) error {
		if tx.Bucket(bucketFrozen).Get(outPointKey(op)) == nil {
			return fmt.Errorf("unfreeze %s: %w or it is not frozen", op, ErrUnknownCoin)
		}
		return tx.Bucket(bucketFrozen).Delete(outPointKey(op))
	})
}

// Frozen lists the coins that were frozen, with the reasons: also those that have
// not come yet, and those that are spent.
func (c *Coins) Frozen(ctx context.Context) (map[wire.OutPoint]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	frozen := make(map[wire.OutPoint]string)
	err := c.book.view(func(tx *dbfile.Tx) error {
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
	// Waiting are those of Frozen that the wallet has not seen: they are frozen
	// when they come.
	Waiting int
}

// ImportLabels sets labels, and says of coins whether payments may use them, all at
// once or not at all. What is said of a coin that the wallet does not know yet is
// kept, and counts from the moment that it comes.
func (c *Coins) ImportLabels(ctx context.Context, list []Label, spendable map[wire.OutPoint]bool, reason string) (Imported, error) {
	var n Imported
	if err := checkLabels(list); err != nil {
		return n, err
	}
	if reason == "" || len(reason) > maxLabel {
		return n, fmt.Errorf("import labels: the reason for freezing has %d bytes, not 1 to %d", len(reason), maxLabel)
	}
	have, err := c.List(ctx)
	if err != nil {
		return n, err
	}
	role := make(map[wire.OutPoint]Role, len(have))
	for i := range have {
		role[have[i].OutPoint] = have[i].Key.Role
	}
	err = c.book.update(func(tx *dbfile.Tx) error {
		n = Imported{}
		if err := putLabels(tx, list); err != nil {
			return err
		}
		frozen := tx.Bucket(bucketFrozen)
		for op, may := range spendable {
			key := outPointKey(op)
			whose, known := role[op]
			switch is := frozen.Get(key) != nil; {
			case is != may, known && whose != Payment: // owner keys' coins are frozen always
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
