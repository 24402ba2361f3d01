package index

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"blockstack/testdata"
)

// TestReplayReadsNoAnswers takes everything out of a scenario file that the index must not look at, and gets the same document.
func TestReplayReadsNoAnswers(t *testing.T) {
	for _, file := range []string{"chain/d01-lifecycle.json", "chain/d30-random-e5.json", "protocol/chain_epoch3_to_4_tokens.json"} {
		raw := testdata.Vectors(t, file)
		want := replayJSON(t, raw)
		var doc map[string]any
		if err := testdata.Unmarshal(raw, &doc); err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"final", "final_state", "wallets", "title", "id", "reference", "funding_block", "consensus_hashes",
			"consensus_hashes_sparse", "description", "produced_by"} {
			delete(doc, key)
		}
		for _, b := range doc["blocks"].([]any) {
			block := b.(map[string]any)
			for _, key := range []string{"expected", "serialized_ops", "ops_hash", "consensus_hash"} {
				delete(block, key)
			}
			for _, tx := range block["txs"].([]any) {
				for _, key := range []string{"note", "label", "parsed", "accepted", "txid"} {
					delete(tx.(map[string]any), key)
				}
			}
		}
		bare, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		if got := replayJSON(t, bare); !bytes.Equal(got, want) {
			t.Errorf("%s: the answers were read", file)
		}
	}
}

func replayJSON(t *testing.T, raw []byte) []byte {
	t.Helper()
	r, err := Replay(t.Context(), bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestReplayLeavesNothing looks at the folder for temporary files.
func TestReplayLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	replayJSON(t, testdata.Vectors(t, "chain/d28-magic.json"))
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

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
		_, err := Replay(t.Context(), bytes.NewReader(c.raw))
		if !errors.Is(err, ErrBadScenario) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	missing := edit(func(d map[string]any) { tx(d, 1, 1)["prevouts"] = []any{} })
	var no *NoSpentOutputError
	if _, err := Replay(t.Context(), bytes.NewReader(missing)); !errors.As(err, &no) || no.Input != 0 {
		t.Errorf("no spent outputs: %v", err)
	}
}
