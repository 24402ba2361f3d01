package watched

import (
	"encoding/binary"
	"fmt"

	"blockstack/storage/dbfile"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
)

// counts are the three numbers of a branch.
type counts struct{ derived, used, next uint32 }

func getCounts(tx *dbfile.Tx, b scripts.Branch) (counts, error) {
	v := tx.Bucket(labels.BucketCounts).Get(b[:])
	if v == nil {
		return counts{}, nil
	}
	if len(v) != 12 {
		return counts{}, fmt.Errorf("%w: counts of branch %x", labels.ErrMalformed, b)
	}
	c := counts{binary.BigEndian.Uint32(v), binary.BigEndian.Uint32(v[4:]), binary.BigEndian.Uint32(v[8:])}
	last := max(c.derived, 1) - 1
	if c.used > c.derived || c.next > c.derived || c.derived > maxDerived || c.derived > 0 && tx.Bucket(labels.BucketKeys).Get(b.At(last)) == nil {
		return counts{}, fmt.Errorf("%w: counts of branch %x do not fit its keys", labels.ErrMalformed, b)
	}
	return c, nil
}

func putCounts(tx *dbfile.Tx, b scripts.Branch, c counts) error {
	v := append(append(number(c.derived), number(c.used)...), number(c.next)...)
	return tx.Bucket(labels.BucketCounts).Put(b[:], v)
}

// needed is up to where a branch must at least be derived: gap keys beyond all that were used or
// handed out.
func (c counts) needed(gap uint32) uint32 { return max(c.used, c.next) + gap }

// handOutAll counts all keys of a role as handed out.
func handOutAll(tx *dbfile.Tx, role scripts.Role) error {
	k, err := getCounts(tx, scripts.RoleBranch(role))
	if err != nil {
		return err
	}
	k.next = k.derived
	return putCounts(tx, scripts.RoleBranch(role), k)
}

// MarkUsed notes that a transaction pays to a key.
func MarkUsed(tx *dbfile.Tx, k scripts.Key) error {
	if k.Role == scripts.Shared {
		return nil
	}
	b := scripts.BranchOf(k)
	n, err := getCounts(tx, b)
	if err != nil || k.Index < n.used {
		return err
	}
	n.used = k.Index + 1
	return putCounts(tx, b, n)
}

// number is a number as the rows have it.
func number(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }
