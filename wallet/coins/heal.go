package coins

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"blockstack/storage/dbfile"
)

// Heal holds the rows about scripts in labels.db to what is believed, writes those anew that say something else, and
// returns how many they were. Rows of owner and revealer keys that were derived on another network of the same home are
// added, and not counted. Sets of keys that are not believed stay in their bucket and count for nothing. With rescan
// the next sync looks at the chain from the birthday, if something was wrong.
func (c *Coins) Heal(ctx context.Context, rescan bool) (wrong int, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if err := c.look(); err != nil {
		return 0, err
	}
	var late int
	err = c.book.view(func(tx *dbfile.Tx) (err error) {
		wrong, late, err = c.heal(tx, false)
		return err
	})
	if err != nil || wrong+late == 0 {
		return wrong, err
	}
	c.syncing.Lock() // what a scan that is under way looks for must not change
	defer c.syncing.Unlock()
	err = c.book.update(func(tx *dbfile.Tx) (err error) {
		if wrong, _, err = c.heal(tx, true); err != nil {
			return err
		}
		if rescan && wrong > 0 {
			if err := setRescan(tx, "rows about scripts were not what the keys say"); err != nil {
				return err
			}
		}
		return c.updateShort(tx)
	})
	if err != nil {
		return wrong, fmt.Errorf("write the scripts anew: %w", err)
	}
	return wrong, c.watchNew()
}

// CheckRows counts the rows about scripts that do not say what is believed.
func (c *Coins) CheckRows(ctx context.Context) (wrong int, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if err := c.look(); err != nil {
		return 0, err
	}
	err = c.book.view(func(tx *dbfile.Tx) (err error) {
		wrong, _, err = c.heal(tx, false)
		return err
	})
	return wrong, err
}

// healer compares rows with what they should be.
type healer struct {
	write bool
	wrong int
	late  int // rows that are not there yet
}

// put makes sure that a row is there; a nil value: that it is not.
func (h *healer) put(b *dbfile.Bucket, key, want []byte) error {
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
func (h *healer) follow(b *dbfile.Bucket, key, want, before []byte) error {
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

// heal compares all rows, and with write makes them right.
func (c *Coins) heal(tx *dbfile.Tx, write bool) (wrong, late int, err error) {
	h := &healer{write: write}
	p := c.scripts.believed()
	if err := h.healMeta(tx, p); err != nil {
		return 0, 0, err
	}
	keys, scripts := map[string][]byte{}, map[string][]byte{}
	isLate := map[string]bool{} // keys of rows
	for _, b := range branches() {
		had, n, err := c.healCounts(tx, h, b)
		if err != nil {
			return 0, 0, err
		}
		for i := range n {
			k, err := c.scripts.key(b, i)
			if isInvalidChild(err) {
				continue
			}
			if err != nil {
				return 0, 0, err
			}
			keys[string(b.at(i))] = k.Script
			scripts[string(k.Script)] = append(b.at(i), k.PubKey...)
			late := b.role() != Payment && i >= had
			isLate[string(b.at(i))], isLate[string(k.Script)] = late, late
		}
	}
	if err := c.healSets(tx, h, p.Sets, scripts); err != nil {
		return 0, 0, err
	}
	for _, rows := range []struct {
		bucket []byte
		want   map[string][]byte
	}{{bucketKeys, keys}, {bucketScripts, scripts}} {
		b := tx.Bucket(rows.bucket)
		var foreign [][]byte
		err := b.ForEach(func(k, v []byte) error {
			if _, ok := rows.want[string(k)]; !ok && (write || !c.ahead(rows.bucket, k, v)) {
				foreign = append(foreign, bytes.Clone(k))
			}
			return nil
		})
		if err != nil {
			return 0, 0, err
		}
		for _, k := range foreign {
			if err := h.put(b, k, nil); err != nil {
				return 0, 0, err
			}
		}
		for k, v := range rows.want {
			put := h.put
			if isLate[k] {
				put = func(b *dbfile.Bucket, key, want []byte) error { return h.follow(b, key, want, nil) }
			}
			if err := put(b, []byte(k), v); err != nil {
				return 0, 0, err
			}
		}
	}
	return h.wrong, h.late, nil
}

// ahead says whether a row is about an owner or revealer key beyond those that are believed. An agent derives such keys,
// and a wallet that is locked afterwards does not look at them.
func (c *Coins) ahead(bucket, key, value []byte) bool {
	row := key
	if string(bucket) == string(bucketScripts) {
		row = value
	}
	if len(row) < 6 {
		return false
	}
	role := branch(row[:2]).role()
	return (role == Owner || role == Revealer) && binary.BigEndian.Uint32(row[2:6]) >= c.scripts.length(role)
}

// healMeta compares the account keys and what follows from the root key.
func (h *healer) healMeta(tx *dbfile.Tx, p Public) error {
	for _, kind := range Kinds() {
		var want []byte
		if key := p.Accounts[kind]; key != nil {
			want = []byte(key.String())
		}
		if err := h.put(tx.Bucket(bucketAccounts), []byte{byte(kind.Purpose())}, want); err != nil {
			return err
		}
	}
	if p.Gap > 0 {
		if err := h.put(tx.Bucket(bucketMeta), metaGap, u32(p.Gap)); err != nil {
			return err
		}
	}
	if p.SealedKey == nil {
		return nil
	}
	if err := h.put(tx.Bucket(bucketMeta), metaSealed, p.SealedKey); err != nil {
		return err
	}
	return h.put(tx.Bucket(bucketMeta), metaFingerprint, u32(p.Fingerprint))
}

// healCounts compares the numbers of a branch and returns how many of its keys the rows should know already, and how many are watched.
func (c *Coins) healCounts(tx *dbfile.Tx, h *healer, b branch) (had, watched uint32, err error) {
	n, err := c.counts(tx, b)
	if errors.Is(err, ErrMalformed) { // what was handed out is not known any more
		n, err = counts{used: c.scripts.used(b)}, nil
	}
	if err != nil {
		return 0, 0, err
	}
	had = n.derived
	switch gap := c.gap(tx); {
	case b.role() != Payment && !h.write && n.derived > c.scripts.length(b.role()):
		return n.derived, c.scripts.length(b.role()), nil // see ahead
	case b.role() != Payment:
		n.derived = c.scripts.length(b.role())
	case c.scripts.account(b.kind()) == nil:
		return 0, 0, nil
	case n.derived == 0 || n.derived > 2*n.needed(gap)+2*gap: // no scan asks for so many
		n.derived = n.needed(gap) + gap
	}
	if n == (counts{}) {
		return 0, 0, nil
	}
	row := func(derived uint32) []byte { return append(append(u32(derived), u32(n.used)...), u32(n.next)...) }
	counts := tx.Bucket(bucketCounts)
	switch {
	case had >= n.derived || b.role() == Payment:
		return had, n.derived, h.put(counts, b[:], row(n.derived))
	case had == 0:
		return had, n.derived, h.follow(counts, b[:], row(n.derived), nil)
	}
	return had, n.derived, h.follow(counts, b[:], row(n.derived), row(had))
}

// healSets makes sure that every set of keys has its rows, and adds the rows that it must have among scripts.
func (c *Coins) healSets(tx *dbfile.Tx, h *healer, sets [][]byte, scripts map[string][]byte) error {
	have := map[string]uint32{}
	next := uint32(0)
	bucket := tx.Bucket(bucketShared)
	if bucket != nil {
		var err error
		if next, err = nextShared(bucket); err != nil {
			return err
		}
		list, err := c.sharedRows(tx)
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
				if err := bucket.Put(u32(index), raw); err != nil {
					return err
				}
			}
		}
		_, keys, err := ParseShared(redeem)
		if err != nil {
			return err
		}
		script, err := setScript(redeem)
		if err != nil {
			return err
		}
		scripts[string(script)] = append(branch{sharedByte, 0}.at(index), keys[0]...)
	}
	return nil
}
