package coins

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/btcsuite/btcd/btcec/v2"

	"blockstack/storage/dbfile"
)

// maxDerived bounds the length of a row of keys.
const maxDerived = 1 << 20

// rowSize is the length of a value of the bucket "scripts": branch, index, public key.
const rowSize = 2 + 4 + 33

// extendPayment derives the keys of a payment branch up to n.
func extendPayment(tx *dbfile.Tx, d *deriver, b branch, n uint32) error {
	c, err := getCounts(tx, b)
	if err != nil || n <= c.derived || d.account(b.kind()) == nil {
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

// extendRole appends keys to the row of owner or revealer keys. The first has
// index from, which must not leave a hole.
func extendRole(tx *dbfile.Tx, d *deriver, role Role, from uint32, pubs []*btcec.PublicKey) error {
	b := roleBranch(role)
	c, err := getCounts(tx, b)
	if err != nil {
		return err
	}
	if have := min(c.derived, d.length(role)); from > have {
		return fmt.Errorf("%s keys %d to %d are missing", role, have, from)
	}
	d.extend(role, from, pubs)
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
func putKey(tx *dbfile.Tx, d *deriver, b branch, index uint32) error {
	if index >= maxDerived {
		return fmt.Errorf("key %d is beyond the limit of %d", index, maxDerived)
	}
	k, err := d.key(b, index)
	if isInvalidChild(err) {
		return nil // BIP 32: such an index is skipped
	}
	if err != nil {
		return err
	}
	if err := tx.Bucket(bucketKeys).Put(b.at(index), k.Script); err != nil {
		return err
	}
	return tx.Bucket(bucketScripts).Put(k.Script, append(b.at(index), k.PubKey...))
}

// derived is how many keys of a branch are watched: the number of labels.db, and of a role no more than are believed.
func (c *Coins) derived(tx *dbfile.Tx, b branch) (uint32, error) {
	n, err := getCounts(tx, b)
	if role := b.role(); role == Owner || role == Revealer {
		return min(n.derived, c.scripts.length(role)), err
	}
	return n.derived, err
}

// keyAt is the key at an index of a branch, derived. ErrNeedKeys: so many are not watched.
func (c *Coins) keyAt(tx *dbfile.Tx, b branch, index uint32) (Key, error) {
	n, err := c.derived(tx, b)
	if err != nil {
		return Key{}, err
	}
	if index >= n {
		return Key{}, fmt.Errorf("%s key %d: %w", b.role(), index, ErrNeedKeys)
	}
	return c.scripts.key(b, index)
}

// keyOf finds a script among ours. labels.db says at which place to look; whether the key there has this script is found
// out by deriving it.
func (c *Coins) keyOf(tx *dbfile.Tx, script []byte) (Key, bool, error) {
	if k, ok := c.scripts.derived(script); ok {
		return k, true, nil
	}
	at, ok, err := rowOf(tx, script)
	if err != nil || !ok {
		return Key{}, false, err
	}
	if at.branch.role() == Shared {
		redeem, ok := c.scripts.set(script)
		if !ok {
			return Key{}, false, nil
		}
		return c.setKey(at.index, script, redeem)
	}
	k, err := c.scripts.key(at.branch, at.index)
	if err != nil || !bytes.Equal(k.Script, script) {
		return Key{}, false, ignoreMissing(err)
	}
	return k, true, nil
}

// searched is keyOf that does not need the row: it derives all keys that are watched.
func (c *Coins) searched(tx *dbfile.Tx, script []byte) (Key, bool, error) {
	k, ok, err := c.keyOf(tx, script)
	if err != nil || ok {
		return k, ok, err
	}
	if redeem, ok := c.scripts.set(script); ok {
		return c.setKey(0, script, redeem)
	}
	for _, b := range branches() {
		n, err := c.derived(tx, b)
		if err != nil {
			return k, false, err
		}
		for i := range n {
			k, err := c.scripts.key(b, i)
			if err = ignoreMissing(err); err != nil {
				return k, false, err
			}
			if bytes.Equal(k.Script, script) {
				return k, true, nil
			}
		}
	}
	return Key{}, false, nil
}

// ignoreMissing takes a key that follows from nothing for one that is not ours.
func ignoreMissing(err error) error {
	if isInvalidChild(err) || isMissing(err) {
		return nil
	}
	return err
}

// setKey is the key of a script that several keys sign: the first of them.
func (c *Coins) setKey(index uint32, script, redeem []byte) (Key, bool, error) {
	_, keys, err := ParseShared(redeem)
	if err != nil {
		return Key{}, false, err
	}
	return Key{Role: Shared, Kind: P2SH, Index: index, PubKey: keys[0], Script: bytes.Clone(script), Address: scriptAddress(c.net, script)}, true, nil
}

// rowOf is the place that labels.db has for a script.
func rowOf(tx *dbfile.Tx, script []byte) (at place, ok bool, err error) {
	if len(script) == 0 || len(script) > 64 {
		return at, false, nil
	}
	v := tx.Bucket(bucketScripts).Get(script)
	if v == nil {
		return at, false, nil
	}
	if len(v) != rowSize {
		return at, false, fmt.Errorf("%w: key of script %x", ErrMalformed, script)
	}
	return place{branch(v[:2]), binary.BigEndian.Uint32(v[2:])}, true, nil
}
