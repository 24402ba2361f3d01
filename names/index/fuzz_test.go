package index

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"blockstack/names"
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
		s, err := ReadScenario(bytes.NewReader(raw))
		if err != nil {
			if !errors.Is(err, ErrBadScenario) {
				t.Fatalf("not a bad scenario: %v", err)
			}
			return
		}
		if len(s.blocks) > 100 || s.Params.ImportKeys > 1000 {
			return
		}
		b := newBatch(memory{})
		schedule := rules.NewSchedule(s.Params)
		for i, block := range s.blocks {
			ops, err := readBlock(s.Params, s.first+int32(i), block.raw, spentOutputs(t.Context(), s, block.hash))
			if err != nil {
				return
			}
			out, err := rules.Apply(s.Params, &view{p: s.Params, rows: b}, schedule, s.first+int32(i), ops)
			if err != nil {
				t.Fatalf("apply: %v", err)
			}
			if err := b.connect(block.hash, out, true); err != nil {
				t.Fatalf("connect: %v", err)
			}
		}
	})
}

// FuzzRows reads hostile rows: each gives ErrCorrupt, or a row that is written back the same.
func FuzzRows(f *testing.F) {
	s, err := ReadScenario(bytes.NewReader(testdata.Vectors(f, "chain/d23-epochs.json")))
	if err != nil {
		f.Fatal(err)
	}
	x := openTemp(f, s.Params, Options{})
	follow(f, x, s)
	kinds := map[bucket]byte{bSpaces: 1, bPreorders: 2, bAccounts: 3, bRings: 4, bOps: 5, bBlocks: 6, bUndo: 7}
	err = x.read(func(st stored) error {
		for b, kind := range kinds {
			n := 0
			err := st.each(b, nil, func(_, v []byte) (bool, error) {
				f.Add(kind, append([]byte(nil), v...))
				if row, err := decodeOpRow(s.Params, 700, 1, v); b == bOps && err == nil && row.Name != nil {
					f.Add(byte(0), encodeName(row.Name))
				}
				n++
				return n < 12, nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, kind byte, raw []byte) {
		again, err := decodeAndEncode(s.Params, kind, raw)
		if err != nil {
			if !errors.Is(err, ErrCorrupt) {
				t.Fatalf("not ErrCorrupt: %v", err)
			}
			return
		}
		twice, err := decodeAndEncode(s.Params, kind, again)
		if err != nil || !bytes.Equal(again, twice) {
			t.Fatalf("written as %x, read back as %x, %v", again, twice, err)
		}
	})
}

// decodeAndEncode reads a row of a kind and writes it again.
func decodeAndEncode(p *names.Params, kind byte, raw []byte) ([]byte, error) {
	switch kind {
	case 0:
		r, err := decodeNameRow("a.b", raw)
		if err != nil {
			return nil, err
		}
		return encodeName(r), nil
	case 1:
		r, err := decodeNamespaceRow("b", raw)
		if err != nil {
			return nil, err
		}
		return encodeNamespace(r), nil
	case 2:
		r, err := decodePreorderSet(names.PreorderHash{}, raw)
		if err != nil {
			return nil, err
		}
		return encodePreorders(r), nil
	case 3:
		r, err := decodeAccountRow("a", "b", raw)
		if err != nil {
			return nil, err
		}
		return encodeAccount(r), nil
	case 4:
		r, err := decodeRingRow("a", raw)
		if err != nil {
			return nil, err
		}
		return encodeRing(r), nil
	case 5:
		r, err := decodeOpRow(p, 700, 1, raw)
		if err != nil {
			return nil, err
		}
		r.Serialize(p)
		at := r.At
		if r.Name != nil {
			at = r.Name.At
		}
		row, err := nameOfOpRow(r.Subject, at, raw)
		switch {
		case err != nil && !errors.Is(err, ErrCorrupt):
			return nil, err
		case err != nil && r.Name != nil && at.Txid == r.At.Txid:
			return nil, fmt.Errorf("name-row not found: %v", err)
		case err == nil && !bytes.Equal(encodeName(row), encodeName(r.Name)):
			return nil, errors.New("another name-row")
		}
		return encodeOp(r), nil
	case 6:
		r, err := decodeBlockRow(raw)
		if err != nil {
			return nil, err
		}
		return encodeBlock(r), nil
	}
	list, err := decodeUndo(raw)
	if err != nil {
		return nil, err
	}
	return encodeUndo(list), nil
}
