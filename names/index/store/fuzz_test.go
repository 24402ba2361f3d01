package store_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"path/filepath"
	"testing"

	"github.com/btcsuite/btcd/wire/v2"
	bolt "go.etcd.io/bbolt"

	"blockstack/names/index"
	"blockstack/names/index/scan"
	"blockstack/names/index/scenario"
	"blockstack/names/index/store"
	"blockstack/names/rules"
	"blockstack/testdata"
)

// FuzzScenario reads hostile scenario files and replays those that are none.
func FuzzScenario(f *testing.F) {
	for _, file := range []string{"chain/d28-magic.json", "chain/d33-odd-transactions.json", "protocol/chain_epoch4_to_5.json"} {
		raw := testdata.Vectors(f, file)
		var doc map[string]any
		if err := testdata.Unmarshal(raw, &doc); err != nil {
			f.Fatal(err)
		}
		if blocks, ok := doc["blocks"].([]any); ok && len(blocks) > 2 {
			for _, b := range blocks {
				delete(b.(map[string]any), "expected")
			}
			doc["blocks"] = blocks[:2]
		}
		for _, key := range []string{"final", "final_state", "wallets", "funding_block", "consensus_hashes"} {
			delete(doc, key)
		}
		short, err := json.Marshal(doc)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(short)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := scenario.Read(bytes.NewReader(raw))
		if err != nil {
			if !errors.Is(err, scenario.ErrBad) {
				t.Fatalf("not a bad scenario: %v", err)
			}
			return
		}
		last, _, err := s.Tip(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if last-s.Params.FirstBlock >= 100 || s.Params.ImportKeys > 1000 {
			return
		}
		b := store.NewBatch(nil)
		schedule := rules.NewSchedule(s.Params)
		for height := s.Params.FirstBlock; height <= last; height++ {
			hash, err := s.HashAt(t.Context(), height)
			if err != nil {
				t.Fatal(err)
			}
			raw, err := s.RawBlock(t.Context(), hash)
			if err != nil {
				t.Fatal(err)
			}
			ops, err := scan.Operations(s.Params, height, raw, func(tx *wire.MsgTx, index, input int) (*wire.TxOut, error) {
				outs, err := s.SpentBy(t.Context(), hash, index)
				if err == nil && len(outs) != len(tx.TxIn) {
					err = scan.ErrNoSpentOutput
				}
				if err != nil {
					return nil, err
				}
				return outs[input], nil
			})
			if err != nil {
				return
			}
			out, err := rules.Apply(s.Params, b.State(s.Params), schedule, height, ops)
			if err != nil {
				t.Fatalf("apply: %v", err)
			}
			if err := b.Connect(hash, out, true); err != nil {
				t.Fatalf("connect: %v", err)
			}
		}
	})
}

// FuzzRows reads hostile rows: each gives ErrCorrupt, or a row that is written back the same.
func FuzzRows(f *testing.F) {
	s, err := scenario.Read(bytes.NewReader(testdata.Vectors(f, "chain/d23-epochs.json")))
	if err != nil {
		f.Fatal(err)
	}
	path := filepath.Join(f.TempDir(), "index.db")
	x, err := index.Open(path, s.Params, index.Options{})
	if err != nil {
		f.Fatal(err)
	}
	if err := errors.Join(x.Follow(f.Context(), s, nil), x.Close()); err != nil {
		f.Fatal(err)
	}
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		f.Fatal(err)
	}
	err = db.View(func(tx *bolt.Tx) error {
		for bucket, kind := range store.RowKinds {
			n := 0
			for c, k, v := first(tx.Bucket([]byte(bucket))); k != nil && n < 12; k, v = c.Next() {
				row := bytes.Clone(v[:len(v)-4]) // without the checksum
				f.Add(kind, row)
				if name, ok := store.NameRowIn(s.Params, row); ok && bucket == "ops" {
					f.Add(byte(0), name)
				}
				n++
			}
		}
		return nil
	})
	if err := errors.Join(err, db.Close()); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, kind byte, raw []byte) {
		again, err := store.DecodeAndEncode(s.Params, kind, raw)
		if err != nil {
			if !errors.Is(err, store.ErrCorrupt) {
				t.Fatalf("not ErrCorrupt: %v", err)
			}
			return
		}
		twice, err := store.DecodeAndEncode(s.Params, kind, again)
		if err != nil || !bytes.Equal(again, twice) {
			t.Fatalf("written as %x, read back as %x, %v", again, twice, err)
		}
	})
}

// first is a cursor over a bucket, at its first row.
func first(b *bolt.Bucket) (c *bolt.Cursor, k, v []byte) {
	c = b.Cursor()
	k, v = c.First()
	return c, k, v
}
