package index

import (
	"bytes"
	"fmt"
	"path"
	"strings"
	"testing"

	"blockstack/testdata"
)

// expectedChain is the part of a scenario file that holds the reference's answers.
type expectedChain struct {
	Blocks []struct {
		Height   int32 `json:"height"`
		Expected struct {
			ConsensusHash string       `json:"consensus_hash"`
			OpsHash       string       `json:"ops_hash"`
			Ops           []expectedOp `json:"ops"`
		} `json:"expected"`
	} `json:"blocks"`
	Final *expectedFinal `json:"final"` // nil: the file is about blocks alone
}

type expectedFinal struct {
	LastBlock  int32               `json:"last_block"`
	Names      []expectedRecord    `json:"names"`
	Namespaces []expectedRecord    `json:"namespaces"`
	Preorders  []map[string]any    `json:"outstanding_preorders"`
	Accounts   expectedAccounts    `json:"accounts"`
	Tokens     map[string][]histOp `json:"token_history"`
}

type expectedOp struct {
	Txid       string `json:"txid"`
	VtxIndex   int32  `json:"vtxindex"`
	Status     string `json:"status"`
	Opcode     string `json:"opcode"`
	Serialized string `json:"serialized"`
}

type expectedRecord struct {
	Record  map[string]any `json:"record"`
	State   map[string]any `json:"state"`
	History []histOp       `json:"history"`
}

type histOp struct {
	BlockID  int32          `json:"block_id"`
	VtxIndex int32          `json:"vtxindex"`
	Txid     string         `json:"txid"`
	Op       string         `json:"op"`
	Opcode   string         `json:"opcode"`
	Value    any            `json:"value_hash"`
	Data     map[string]any `json:"history_data"`
}

type expectedAccounts struct {
	Balances     map[string]map[string]string `json:"balances"`
	Transactions []map[string]any             `json:"transactions"`
}

// TestVectorsChain replays every recorded chain and compares everything that the reference answered.
func TestVectorsChain(t *testing.T) {
	for _, file := range testdata.Files(t, "chain/*.json") {
		t.Run(path.Base(file), func(t *testing.T) {
			t.Parallel()
			checkChain(t, file, testdata.Vectors(t, file))
		})
	}
}

// TestVectorsBlockFiles does the same for the chain that a real node mined; other suites read its files.
func TestVectorsBlockFiles(t *testing.T) {
	for _, file := range testdata.Files(t, "blockfiles/*.json") {
		t.Run(path.Base(file), func(t *testing.T) { checkChain(t, file, testdata.Vectors(t, file)) })
	}
}

func checkChain(t *testing.T, file string, raw []byte) {
	var want expectedChain
	if err := testdata.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	x := followScenario(t, raw)
	got, err := x.replayed(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cases := compareBlocks(t, got, &want)
	if want.Final != nil {
		cases += compareNames(t, x, &want)
		cases += compareNamespaces(t, x, &want)
		cases += comparePreorders(t, x, &want)
		cases += compareAccounts(t, x, got, &want)
	}
	testdata.Cases(t, file, cases)
}

// followScenario makes an index of a scenario file.
func followScenario(t *testing.T, raw []byte) *Index {
	t.Helper()
	s, err := ReadScenario(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	x := openTemp(t, s.Params, Options{})
	if err := x.Follow(t.Context(), s, nil); err != nil {
		t.Fatal(err)
	}
	return x
}

func compareBlocks(t *testing.T, got *Replayed, want *expectedChain) (cases int) {
	if len(got.Blocks) != len(want.Blocks) {
		t.Fatalf("%d blocks, want %d", len(got.Blocks), len(want.Blocks))
	}
	for i, b := range want.Blocks {
		var listed []expectedOp
		for _, op := range b.Expected.Ops {
			if op.Status != "ignored" {
				listed = append(listed, op)
			}
		}
		g := got.Blocks[i]
		cases += 2 + len(b.Expected.Ops)
		if len(listed) != len(g.Ops) {
			t.Errorf("block %d: %d operations, want %d", b.Height, len(g.Ops), len(listed))
			continue
		}
		for j, op := range listed {
			o := g.Ops[j]
			if o.Txid != op.Txid || o.VtxIndex != op.VtxIndex || o.Status != op.Status || o.Serialized != op.Serialized {
				t.Errorf("block %d, transaction %d: have %s (%s)\n%s\nwant %s\n%s", b.Height, op.VtxIndex, o.Status, o.Reason,
					o.Serialized, op.Status, op.Serialized)
			}
			if op.Opcode != "" && o.Opcode != op.Opcode {
				t.Errorf("block %d, transaction %d: %s, want %s", b.Height, op.VtxIndex, o.Opcode, op.Opcode)
			}
			if (o.Reason == "") != (o.Status == "accepted") {
				t.Errorf("block %d, transaction %d: %s with reason %q", b.Height, op.VtxIndex, o.Status, o.Reason)
			}
		}
		if g.Height != b.Height || g.OpsHash != b.Expected.OpsHash || g.ConsensusHash != b.Expected.ConsensusHash {
			t.Errorf("block %d: ops hash %s, consensus hash %s, want %s and %s", g.Height, g.OpsHash, g.ConsensusHash,
				b.Expected.OpsHash, b.Expected.ConsensusHash)
		}
	}
	return cases
}

// text is a JSON value as the comparison sees it: null and "" are the same, numbers and booleans are their text.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case bool:
		if v {
			return "1"
		}
		return "0"
	}
	return strings.TrimSuffix(fmt.Sprint(v), ".0")
}
