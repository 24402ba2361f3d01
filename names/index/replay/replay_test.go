package replay

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"testing"

	"blockstack/names/index/scan"
	"blockstack/testdata"
)

// TestReplayReadsNoAnswers takes everything out of a scenario file that the index must not look at,
// and gets the same document.
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
	r, err := Run(t.Context(), bytes.NewReader(raw))
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

// TestNoSpentOutputs leaves out what a transaction spends.
func TestNoSpentOutputs(t *testing.T) {
	var doc map[string]any
	if err := testdata.Unmarshal(testdata.Vectors(t, "chain/d28-magic.json"), &doc); err != nil {
		t.Fatal(err)
	}
	doc["blocks"].([]any)[1].(map[string]any)["txs"].([]any)[1].(map[string]any)["prevouts"] = []any{}
	raw, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	var missing *scan.NoSpentOutputError
	if _, err := Run(t.Context(), bytes.NewReader(raw)); !errors.As(err, &missing) || missing.Input != 0 {
		t.Errorf("no spent outputs: %v", err)
	}
}

// TestReplayTells compares the document with what the reference answered.
func TestReplayTells(t *testing.T) {
	for _, file := range []string{"chain/d01-lifecycle.json", "chain/d17-op-return-shapes.json", "chain/d30-random-e5.json"} {
		raw := testdata.Vectors(t, file)
		var want struct {
			Blocks []struct {
				Height   int32 `json:"height"`
				Expected struct {
					ConsensusHash string `json:"consensus_hash"`
					OpsHash       string `json:"ops_hash"`
					Ops           []Op   `json:"ops"`
				} `json:"expected"`
			} `json:"blocks"`
			Final struct {
				Names    []any `json:"names"`
				Accounts struct {
					Balances map[string]map[string]string `json:"balances"`
				} `json:"accounts"`
			} `json:"final"`
		}
		if err := testdata.Unmarshal(raw, &want); err != nil {
			t.Fatal(err)
		}
		got, err := Run(t.Context(), bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Blocks) != len(want.Blocks) || len(got.Names) != len(want.Final.Names) {
			t.Fatalf("%s: %d blocks, %d names", file, len(got.Blocks), len(got.Names))
		}
		for i, b := range want.Blocks {
			g := got.Blocks[i]
			if g.Height != b.Height || g.ConsensusHash != b.Expected.ConsensusHash || g.OpsHash != b.Expected.OpsHash {
				t.Errorf("%s: block %d: %+v", file, b.Height, g)
			}
			ops := slices.DeleteFunc(b.Expected.Ops, func(o Op) bool { return o.Status == "ignored" })
			if len(ops) != len(g.Ops) {
				t.Fatalf("%s: block %d: %d operations, want %d", file, b.Height, len(g.Ops), len(ops))
			}
			for j, o := range ops {
				h := g.Ops[j]
				if h.Txid != o.Txid || h.VtxIndex != o.VtxIndex || h.Status != o.Status || h.Serialized != o.Serialized || (h.Reason == "") != (h.Status == "accepted") {
					t.Errorf("%s: block %d: %+v, want %+v", file, b.Height, h, o)
				}
			}
		}
		for _, a := range got.Accounts {
			if want.Final.Accounts.Balances[a.Address][a.Token] != a.Balance {
				t.Errorf("%s: account %+v, want %s", file, a, want.Final.Accounts.Balances[a.Address][a.Token])
			}
		}
	}
}
