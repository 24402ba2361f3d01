package scenario

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"blockstack/names/index/scan"
	"blockstack/testdata"
)

func TestBadScenarios(t *testing.T) {
	raw := testdata.Vectors(t, "chain/d28-magic.json")
	edit := func(f func(doc map[string]any)) []byte {
		var doc map[string]any
		if err := testdata.Unmarshal(raw, &doc); err != nil {
			t.Fatal(err)
		}
		f(doc)
		out, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	blocks := func(doc map[string]any) []any { return doc["blocks"].([]any) }
	block := func(doc map[string]any, i int) map[string]any { return blocks(doc)[i].(map[string]any) }
	tx := func(doc map[string]any, i, j int) map[string]any {
		return block(doc, i)["txs"].([]any)[j].(map[string]any)
	}
	cases := map[string]struct {
		raw  []byte
		says string
	}{
		"empty":        {nil, "unexpected end"},
		"cut":          {raw[:len(raw)/2], "unexpected end"},
		"no settings":  {edit(func(d map[string]any) { delete(d, "settings") }), "settings"},
		"bad settings": {edit(func(d map[string]any) { d["settings"] = map[string]any{"network": "x"} }), "settings"},
		"no blocks":    {edit(func(d map[string]any) { d["blocks"] = []any{} }), "no blocks"},
		"gap": {edit(func(d map[string]any) {
			d["blocks"] = append(blocks(d)[:2], blocks(d)[3:]...)
		}), "no gap"},
		"other order": {edit(func(d map[string]any) {
			b := blocks(d)
			b[1], b[2] = b[2], b[1]
			block(d, 1)["height"], block(d, 2)["height"] = block(d, 2)["height"], block(d, 1)["height"]
		}), "does not follow"},
		"short header": {edit(func(d map[string]any) { block(d, 1)["header"] = "00" }), "header"},
		"other hash":   {edit(func(d map[string]any) { block(d, 1)["hash"] = strings.Repeat("00", 32) }), "hash"},
		"bad hex":      {edit(func(d map[string]any) { tx(d, 1, 1)["hex"] = "zz" }), "transaction 1"},
		"cut tx": {edit(func(d map[string]any) {
			text := tx(d, 1, 1)["hex"].(string)
			tx(d, 1, 1)["hex"] = text[:len(text)-2]
		}), "transaction 1"},
		"bad script": {edit(func(d map[string]any) {
			tx(d, 1, 1)["prevouts"].([]any)[0].(map[string]any)["script"] = "0"
		}), "prevouts[0]"},
	}
	for name, c := range cases {
		_, err := Read(bytes.NewReader(c.raw))
		if !errors.Is(err, ErrBad) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSource asks a scenario as an index asks a source of blocks.
func TestSource(t *testing.T) {
	s, err := Read(bytes.NewReader(testdata.Vectors(t, "chain/d28-magic.json")))
	if err != nil {
		t.Fatal(err)
	}
	last, tip, err := s.Tip(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for height := s.Params.FirstBlock; height <= last; height++ {
		hash, err := s.HashAt(t.Context(), height)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := s.RawBlock(t.Context(), hash)
		if err != nil {
			t.Fatal(err)
		}
		have, previous, err := scan.Hashes(raw)
		if err != nil || have != hash || height == last && hash != tip {
			t.Errorf("block at %d is %s, said to be %s, tip %s, %v", height, have, hash, tip, err)
		}
		if height > s.Params.FirstBlock {
			if before, err := s.HashAt(t.Context(), height-1); err != nil || before != previous {
				t.Errorf("block at %d follows %s, not %s, %v", height, previous, before, err)
			}
		}
	}
	for _, height := range []int32{s.Params.FirstBlock - 1, last + 1} {
		if _, err := s.HashAt(t.Context(), height); err == nil {
			t.Errorf("there is a block at %d", height)
		}
	}
}
