package watched

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"blockstack/storage/dbfile"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
)

// Heal holds the rows about scripts in labels.db to what is believed, writes those anew that say
// something else, and returns how many they were. Rows of owner and revealer keys that were derived
// on another network of the same home are added, and not counted. Sets of keys that are not
// believed stay in their bucket and count for nothing. With rescan the next sync looks at the chain
// from the birthday, if something was wrong.
func (c *Changes) Heal(ctx context.Context, rescan bool) (wrong int, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if err := c.keys.look(); err != nil {
		return 0, err
	}
	var late int
	err = c.keys.book.View(func(tx *dbfile.Tx) (err error) {
		wrong, late, err = c.heal(tx, false)
		return err
	})
	if err != nil || wrong+late == 0 {
		return wrong, err
	}
	err = c.write(func(tx *dbfile.Tx) (err error) { // what a scan that is under way looks for must not change
		if wrong, _, err = c.heal(tx, true); err != nil {
			return err
		}
		if rescan && wrong > 0 {
			if err := labels.MetaOf(tx).SetRescan("rows about scripts were not what the keys say"); err != nil {
				return err
			}
		}
		return updateShort(tx)
	})
	if err != nil {
		return wrong, fmt.Errorf("write the scripts anew: %w", err)
	}
	return wrong, nil
}

// CheckRows counts the rows about scripts that do not say what is believed.
func (c *Changes) CheckRows(ctx context.Context) (wrong int, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if err := c.keys.look(); err != nil {
		return 0, err
	}
	err = c.keys.book.View(func(tx *dbfile.Tx) (err error) {
		wrong, _, err = c.heal(tx, false)
		return err
	})
	return wrong, err
}

// repair compares rows with what they should be.
type repair struct {
	keys  *Keys
	write bool
	wrong int
	late  int // rows that are not there yet
}

// put makes sure that a row is there; a nil value: that it is not.
func (h *repair) put(b *dbfile.Bucket, key, want []byte) error {
	have := b.Get(key)
	if bytes.Equal(have, want) && (have == nil) == (want == nil) {
		return nil
	}
	h.wrong++
	switch {
	case !h.write:
		return nil
	case want == nil:
		return b.Delete(key)
	}
	return b.Put(key, want)
}

// follow is put for a row that may also be as it was before, nil: not there.
func (h *repair) follow(b *dbfile.Bucket, key, want, before []byte) error {
	have := b.Get(key)
	if !bytes.Equal(have, before) || (have == nil) != (before == nil) {
		return h.put(b, key, want)
	}
	h.late++
	if !h.write {
		return nil
	}
	return b.Put(key, want)
}

// heal compares all rows, and with write makes them right. late are those that are not there yet.
func (c *Changes) heal(tx *dbfile.Tx, write bool) (wrong, late int, err error) {
	h := &repair{keys: c.keys, write: write}
	err = h.all(tx)
	return h.wrong, h.late, err
}

// all compares all rows.
func (h *repair) all(tx *dbfile.Tx) error {
	ks := h.keys
	p := ks.deriver.Believed()
	if err := h.healMeta(tx, p); err != nil {
		return err
	}
	keys, byScript := map[string][]byte{}, map[string][]byte{}
	isLate := map[string]bool{} // keys of rows
	for _, b := range scripts.Branches() {
		had, n, err := h.healCounts(tx, b)
		if err != nil {
			return err
		}
		for i := range n {
			k, err := ks.deriver.Key(b, i)
			if scripts.IsInvalidChild(err) {
				continue
			}
			if err != nil {
				return err
			}
			keys[string(b.At(i))] = k.Script
			byScript[string(k.Script)] = append(b.At(i), k.PubKey...)
			late := b.Role() != scripts.Payment && i >= had
			isLate[string(b.At(i))], isLate[string(k.Script)] = late, late
		}
	}
	if err := h.healSets(tx, p.Sets, byScript); err != nil {
		return err
	}
	for _, rows := range []struct {
		bucket []byte
		want   map[string][]byte
	}{{labels.BucketKeys, keys}, {labels.BucketScripts, byScript}} {
		b := tx.Bucket(rows.bucket)
		var foreign [][]byte
		err := b.ForEach(func(k, v []byte) error {
			if _, ok := rows.want[string(k)]; !ok && (h.write || !h.ahead(rows.bucket, k, v)) {
				foreign = append(foreign, bytes.Clone(k))
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, k := range foreign {
			if err := h.put(b, k, nil); err != nil {
				return err
			}
		}
		for k, v := range rows.want {
			put := h.put
			if isLate[k] {
				put = func(b *dbfile.Bucket, key, want []byte) error { return h.follow(b, key, want, nil) }
			}
			if err := put(b, []byte(k), v); err != nil {
				return err
			}
		}
	}
	return nil
}

// ahead says whether a row is about an owner or revealer key beyond those that are believed. An
// agent derives such keys, and a wallet that is locked afterwards does not look at them.
func (h *repair) ahead(bucket, key, value []byte) bool {
	row := key
	if string(bucket) == string(labels.BucketScripts) {
		row = value
	}
	if len(row) < 6 {
		return false
	}
	role := scripts.Branch(row[:2]).Role()
	return (role == scripts.Owner || role == scripts.Revealer) && binary.BigEndian.Uint32(row[2:6]) >= h.keys.deriver.Length(role)
}

// healMeta compares the account keys and what follows from the root key.
func (h *repair) healMeta(tx *dbfile.Tx, p scripts.Public) error {
	for _, kind := range scripts.Kinds() {
		var want []byte
		if key := p.Accounts[kind]; key != nil {
			want = []byte(key.String())
		}
		if err := h.put(tx.Bucket(labels.BucketAccounts), []byte{byte(kind.Purpose())}, want); err != nil {
			return err
		}
	}
	m := labels.MetaOf(tx)
	for _, row := range m.Rows(p.Gap, p.SealedKey, p.Fingerprint) {
		if err := h.put(m.Bucket(), row.Key, row.Value); err != nil {
			return err
		}
	}
	return nil
}

// healCounts compares the numbers of a branch and returns how many of its keys the rows should know
// already, and how many are watched.
func (h *repair) healCounts(tx *dbfile.Tx, b scripts.Branch) (had, watched uint32, err error) {
	n, err := h.keys.counts(tx, b)
	if errors.Is(err, labels.ErrMalformed) { // what was handed out is not known any more
		n, err = counts{used: h.keys.deriver.Used(b)}, nil
	}
	if err != nil {
		return 0, 0, err
	}
	had = n.derived
	switch gap := h.keys.gap(tx); {
	case b.Role() != scripts.Payment && !h.write && n.derived > h.keys.deriver.Length(b.Role()):
		return n.derived, h.keys.deriver.Length(b.Role()), nil // see ahead
	case b.Role() != scripts.Payment:
		n.derived = h.keys.deriver.Length(b.Role())
	case h.keys.deriver.Account(b.Kind()) == nil:
		return 0, 0, nil
	case n.derived == 0 || n.derived > 2*n.needed(gap)+2*gap: // no scan asks for so many
		n.derived = n.needed(gap) + gap
	}
	if n == (counts{}) {
		return 0, 0, nil
	}
	row := func(derived uint32) []byte {
		return append(append(number(derived), number(n.used)...), number(n.next)...)
	}
	counts := tx.Bucket(labels.BucketCounts)
	switch {
	case had >= n.derived || b.Role() == scripts.Payment:
		return had, n.derived, h.put(counts, b[:], row(n.derived))
	case had == 0:
		return had, n.derived, h.follow(counts, b[:], row(n.derived), nil)
	}
	return had, n.derived, h.follow(counts, b[:], row(n.derived), row(had))
}

// healSets makes sure that every set of keys has its rows, and adds the rows that it must have
// among those by script.
func (h *repair) healSets(tx *dbfile.Tx, sets [][]byte, byScript map[string][]byte) error {
	have := map[string]uint32{}
	next := uint32(0)
	bucket := tx.Bucket(bucketShared)
	if bucket != nil {
		var err error
		if next, err = nextShared(bucket); err != nil {
			return err
		}
		list, err := h.keys.sharedRows(tx)
		if err != nil {
			return err
		}
		for _, s := range list {
			have[string(s.Redeem)] = s.Index
		}
	}
	for _, redeem := range sets {
		index, ok := have[string(redeem)]
		if !ok {
			h.wrong++
			index = next
			next++
			if h.write {
				raw, err := json.Marshal(sharedRow{Redeem: redeem})
				if err != nil {
					return err
				}
				if bucket, err = tx.CreateBucketIfNotExists(bucketShared); err != nil {
					return err
				}
				if err := bucket.Put(number(index), raw); err != nil {
					return err
				}
			}
		}
		_, keys, err := scripts.ParseShared(redeem)
		if err != nil {
			return err
		}
		script, err := scripts.SetScript(redeem)
		if err != nil {
			return err
		}
		byScript[string(script)] = append(scripts.Branch{scripts.SharedByte, 0}.At(index), keys[0]...)
	}
	return nil
}
