package watched

import (
	"encoding/binary"
	"fmt"

	"github.com/btcsuite/btcd/btcec/v2"

	"blockstack/storage/dbfile"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
)

// maxDerived bounds the length of a row of keys.
const maxDerived = 1 << 20

// rowSize is the length of a value of the bucket "scripts": branch, index, public key.
const rowSize = 2 + 4 + 33

// extendPayment derives the keys of a payment branch up to n.
func extendPayment(tx *dbfile.Tx, d *scripts.Deriver, b scripts.Branch, n uint32) error {
	c, err := getCounts(tx, b)
	if err != nil || n <= c.derived || d.Account(b.Kind()) == nil {
		return err
	}
	for i := c.derived; i < n; i++ {
		if err := putKey(tx, d, b, i); err != nil {
			return err
		}
	}
	c.derived = n
	return putCounts(tx, b, c)
}

// extendRole appends keys to the row of owner or revealer keys. The first has index from, which
// must not leave a hole.
func extendRole(tx *dbfile.Tx, d *scripts.Deriver, role scripts.Role, from uint32, pubs []*btcec.PublicKey) error {
	b := scripts.RoleBranch(role)
	c, err := getCounts(tx, b)
	if err != nil {
		return err
	}
	if have := min(c.derived, d.Length(role)); from > have {
		return fmt.Errorf("%s keys %d to %d are missing", role, have, from)
	}
	d.Extend(role, from, pubs)
	for i := range pubs {
		index := from + uint32(i)
		if err := putKey(tx, d, b, index); err != nil {
			return err
		}
		c.derived = max(c.derived, index+1)
	}
	return putCounts(tx, b, c)
}

// putKey writes the rows of a key.
func putKey(tx *dbfile.Tx, d *scripts.Deriver, b scripts.Branch, index uint32) error {
	if index >= maxDerived {
		return fmt.Errorf("key %d is beyond the limit of %d", index, maxDerived)
	}
	k, err := d.Key(b, index)
	if scripts.IsInvalidChild(err) {
		return nil // BIP 32: such an index is skipped
	}
	if err != nil {
		return err
	}
	if err := tx.Bucket(labels.BucketKeys).Put(b.At(index), k.Script); err != nil {
		return err
	}
	return tx.Bucket(labels.BucketScripts).Put(k.Script, append(b.At(index), k.PubKey...))
}

// rowOf is the place that labels.db has for a script.
func rowOf(tx *dbfile.Tx, script []byte) (at scripts.Place, ok bool, err error) {
	if len(script) == 0 || len(script) > 64 {
		return at, false, nil
	}
	v := tx.Bucket(labels.BucketScripts).Get(script)
	if v == nil {
		return at, false, nil
	}
	if len(v) != rowSize {
		return at, false, fmt.Errorf("%w: key of script %x", labels.ErrMalformed, script)
	}
	return scripts.Place{Branch: scripts.Branch(v[:2]), Index: binary.BigEndian.Uint32(v[2:])}, true, nil
}
