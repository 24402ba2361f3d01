package index

import (
	"bytes"
	"fmt"
	"path"
	"strings"
	"testing"

	"blockstack/names/index/scenario"
	"blockstack/names/state"
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

// TestVectorsChain replays every recorded chain and compares everything that the reference
// answered.
func TestVectorsChain(t *testing.T) {
	for _, file := range testdata.Files(t, "chain/*.json") {
		t.Run(path.Base(file), func(t *testing.T) {
			t.Parallel()
			checkChain(t, file, testdata.Vectors(t, file))
		})
	}
}

// TestVectorsBlockFiles does the same for the chain that a real node mined; other suites read its
// files.
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
	cases := compareBlocks(t, x, &want)
	if want.Final != nil {
		cases += compareNames(t, x, &want)
		cases += compareNamespaces(t, x, &want)
		cases += comparePreorders(t, x, &want)
		cases += compareAccounts(t, x, balances(t, x), &want)
	}
	testdata.Cases(t, file, cases)
}

// followScenario makes an index of a scenario file.
func followScenario(t *testing.T, raw []byte) *Index {
	t.Helper()
	s, err := scenario.Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	x := openTemp(t, s.Params, Options{})
	if err := x.Follow(t.Context(), s, nil); err != nil {
		t.Fatal(err)
	}
	return x
}

func compareBlocks(t *testing.T, x *Index, want *expectedChain) (cases int) {
	tip, err := x.Tip(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if have := int(tip.Height-x.p.FirstBlock) + 1; have != len(want.Blocks) {
		t.Fatalf("%d blocks, want %d", have, len(want.Blocks))
	}
	for i, b := range want.Blocks {
		var listed []expectedOp
		for _, op := range b.Expected.Ops {
			if op.Status != "ignored" {
				listed = append(listed, op)
			}
		}
		g, ops, err := x.Block(t.Context(), x.p.FirstBlock+int32(i))
		if err != nil {
			t.Fatal(err)
		}
		cases += 2 + len(b.Expected.Ops)
		if len(listed) != len(ops) {
			t.Errorf("block %d: %d operations, want %d", b.Height, len(ops), len(listed))
			continue
		}
		for j, op := range listed {
			o, serialized := ops[j], string(x.Serialize(&ops[j]))
			if o.At.Txid.String() != op.Txid || o.At.Index != op.VtxIndex || o.Status.String() != op.Status || serialized != op.Serialized {
				t.Errorf("block %d, transaction %d: have %s (%v)\n%s\nwant %s\n%s", b.Height, op.VtxIndex, o.Status, o.Err(),
					serialized, op.Status, op.Serialized)
			}
			if op.Opcode != "" && o.OpName != op.Opcode {
				t.Errorf("block %d, transaction %d: %s, want %s", b.Height, op.VtxIndex, o.OpName, op.Opcode)
			}
			if (o.Err() == nil) != (op.Status == "accepted") || o.Err() != nil && o.Err().Error() == "" {
				t.Errorf("block %d, transaction %d: %s with reason %v", b.Height, op.VtxIndex, o.Status, o.Err())
			}
		}
		if x.p.FirstBlock+int32(i) != b.Height || g.OpsHash.String() != b.Expected.OpsHash || g.Consensus.String() != b.Expected.ConsensusHash {
			t.Errorf("block %d: ops hash %s, consensus hash %s, want %s and %s", b.Height, g.OpsHash, g.Consensus,
				b.Expected.OpsHash, b.Expected.ConsensusHash)
		}
	}
	return cases
}

// balances are what accounts hold, by address and token.
func balances(t *testing.T, x *Index) map[string]string {
	t.Helper()
	have := make(map[string]string)
	err := x.AccountsAndPatches(t.Context(), func(r state.AccountRow) error {
		have[r.Address+" "+r.Unit] = r.Balance().String()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return have
}

// text is a JSON value as the comparison sees it: null and "" are the same, numbers and booleans
// are their text.
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
