package watched

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/txscript/v2"

	"blockstack/storage/dbfile"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
)

// bucketShared: index (4) -> JSON of sharedRow. It is made when it is first needed.
var bucketShared = []byte("shared")

type sharedRow struct {
	Redeem []byte `json:"redeem_script"`
	Label  string `json:"label,omitempty"`
}

// AddShared begins to watch a script. The next sync looks at the chain from the birthday. Again it
// changes at most the label.
func (c *Changes) AddShared(ctx context.Context, redeem []byte, label string) (s scripts.SharedScript, err error) {
	if err := ctx.Err(); err != nil {
		return s, err
	}
	_, keys, err := scripts.ParseShared(redeem)
	if err != nil {
		return s, err
	}
	script, err := scripts.SetScript(redeem)
	if err != nil {
		return s, fmt.Errorf("%w: %w", scripts.ErrBadScript, err)
	}
	err = c.write(func(tx *dbfile.Tx) error { // what a scan that is under way looks for must not change
		bucket, err := tx.CreateBucketIfNotExists(bucketShared)
		if err != nil {
			return err
		}
		c.keys.deriver.AddSet(redeem)
		k, known, err := c.keys.Find(tx, script)
		if err != nil {
			return err
		}
		if !known {
			if k.Index, err = nextShared(bucket); err != nil {
				return err
			}
			place := append([]byte{scripts.SharedByte, 0}, number(k.Index)...)
			if err := tx.Bucket(labels.BucketScripts).Put(script, append(place, keys[0]...)); err != nil {
				return err
			}
			if err := labels.MetaOf(tx).SetRescan("a shared script was added"); err != nil {
				return err
			}
		}
		raw, err := json.Marshal(sharedRow{Redeem: redeem, Label: label})
		if err != nil {
			return err
		}
		s, err = sharedOf(c.keys.book.Net, k.Index, raw)
		if err != nil {
			return err
		}
		return bucket.Put(number(k.Index), raw)
	})
	return s, err
}

// nextShared is the first index that is free.
func nextShared(b *dbfile.Bucket) (uint32, error) {
	last, _ := b.Last()
	if last == nil {
		return 0, nil
	}
	if len(last) != 4 {
		return 0, fmt.Errorf("%w: index of a shared script", labels.ErrMalformed)
	}
	return binary.BigEndian.Uint32(last) + 1, nil
}

// readSharedRow reads the JSON of a row.
func readSharedRow(raw []byte) (row sharedRow, err error) {
	if err := json.Unmarshal(raw, &row); err != nil {
		return row, fmt.Errorf("%w: it is no JSON: %w", labels.ErrMalformed, err)
	}
	return row, nil
}

// sharedOf reads a row.
func sharedOf(net *chaincfg.Params, index uint32, raw []byte) (scripts.SharedScript, error) {
	row, err := readSharedRow(raw)
	if err != nil {
		return scripts.SharedScript{}, fmt.Errorf("shared script %d: %w", index, err)
	}
	s := scripts.SharedScript{Index: index, Label: row.Label, Redeem: row.Redeem}
	if s.Threshold, s.Keys, err = scripts.ParseShared(row.Redeem); err != nil {
		return s, fmt.Errorf("%w: shared script %d: %w", labels.ErrMalformed, index, err)
	}
	addr, err := address.NewAddressScriptHash(row.Redeem, net)
	if err != nil {
		return s, err
	}
	s.Address = addr.EncodeAddress()
	s.Script, err = txscript.PayToAddrScript(addr)
	return s, err
}

// SharedScripts lists the scripts that several keys sign.
func (ks *Keys) SharedScripts(ctx context.Context) (list []scripts.SharedScript, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	err = ks.book.View(func(tx *dbfile.Tx) error {
		list, err = ks.sharedRows(tx)
		return err
	})
	return list, err
}

// sharedRows are the rows of the scripts that are believed.
func (ks *Keys) sharedRows(tx *dbfile.Tx) (list []scripts.SharedScript, err error) {
	b := tx.Bucket(bucketShared)
	if b == nil {
		return nil, nil
	}
	err = b.ForEach(func(k, raw []byte) error {
		if len(k) != 4 {
			return fmt.Errorf("%w: index of a shared script", labels.ErrMalformed)
		}
		s, err := sharedOf(ks.book.Net, binary.BigEndian.Uint32(k), raw)
		if err == nil && ks.deriver.Knows(s.Redeem) {
			list = append(list, s)
		}
		return err
	})
	return list, err
}
