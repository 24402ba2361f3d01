package index

import (
	"path"
	"strconv"
	"testing"

	"blockstack/names"
	"blockstack/names/index/store"
	"blockstack/names/state"
	"blockstack/testdata"
)

// expectedLegacy is the part of a scenario file of the older form that holds the reference's
// answers.
type expectedLegacy struct {
	Blocks []struct {
		Height        int32    `json:"height"`
		ConsensusHash string   `json:"consensus_hash"`
		OpsHash       string   `json:"ops_hash"`
		Serialized    []string `json:"serialized_ops"`
		Txs           []struct {
			Txid     string `json:"txid"`
			TxIndex  int32  `json:"txindex"`
			Parsed   bool   `json:"parsed"`
			Accepted bool   `json:"accepted"`
			Label    string `json:"label"`
		} `json:"txs"`
	} `json:"blocks"`
	Consensus       map[string]string `json:"consensus_hashes"`
	ConsensusSparse map[string]string `json:"consensus_hashes_sparse"`
	Final           struct {
		Accounts   []map[string]any `json:"accounts"`
		Names      []map[string]any `json:"name_records"`
		Namespaces []map[string]any `json:"namespaces"`
		Preorders  []map[string]any `json:"preorders"`
	} `json:"final_state"`
}

// TestVectorsLegacyChain replays the chains of the older form.
func TestVectorsLegacyChain(t *testing.T) {
	for _, file := range testdata.Files(t, "protocol/chain_*.json") {
		t.Run(path.Base(file), func(t *testing.T) {
			t.Parallel()
			raw := testdata.Vectors(t, file)
			var want expectedLegacy
			if err := testdata.Unmarshal(raw, &want); err != nil {
				t.Fatal(err)
			}
			x := followScenario(t, raw)
			cases := compareLegacyBlocks(t, x, &want)
			cases += compareLegacyConsensus(t, x, want.Consensus) + compareLegacyConsensus(t, x, want.ConsensusSparse)
			cases += compareLegacyFinal(t, x, &want)
			testdata.Cases(t, file, cases)
		})
	}
}

func compareLegacyBlocks(t *testing.T, x *Index, want *expectedLegacy) (cases int) {
	for _, b := range want.Blocks {
		block, ops, err := x.Block(t.Context(), b.Height)
		if err != nil {
			t.Fatal(err)
		}
		if block.OpsHash.String() != b.OpsHash || block.Consensus.String() != b.ConsensusHash {
			t.Errorf("block %d: ops hash %s, consensus hash %s, want %s and %s", b.Height, block.OpsHash, block.Consensus,
				b.OpsHash, b.ConsensusHash)
		}
		states := make(map[string]*state.OpRow)
		var serialized []string
		for i := range ops {
			states[ops[i].At.Txid.String()] = &ops[i]
			if text := x.Serialize(&ops[i]); text != nil {
				serialized = append(serialized, string(text))
			}
		}
		for _, tx := range b.Txs {
			cases++
			op := states[tx.Txid]
			parsed := op != nil && op.Status != state.Unparsed
			accepted := op != nil && x.Serialize(op) != nil
			if parsed != tx.Parsed || accepted != tx.Accepted || op != nil && op.At.Index != tx.TxIndex {
				t.Errorf("block %d, transaction %d (%s): parsed %t, accepted %t, want %t, %t", b.Height, tx.TxIndex, tx.Label,
					parsed, accepted, tx.Parsed, tx.Accepted)
			}
		}
		if len(serialized) != len(b.Serialized) {
			t.Errorf("block %d: %d serialized operations, want %d", b.Height, len(serialized), len(b.Serialized))
			continue
		}
		for i, text := range b.Serialized {
			cases++
			if serialized[i] != text {
				t.Errorf("block %d: operation %d:\n%s, want\n%s", b.Height, i, serialized[i], text)
			}
		}
	}
	return cases
}

func compareLegacyConsensus(t *testing.T, x *Index, want map[string]string) (cases int) {
	for text, hash := range want {
		height, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			t.Fatal(err)
		}
		cases++
		if got, err := x.ConsensusHash(t.Context(), int32(height)); err != nil || got.String() != hash {
			t.Errorf("consensus hash at height %d: %s (%v), want %s", height, got, err, hash)
		}
	}
	return cases
}

func compareLegacyFinal(t *testing.T, x *Index, want *expectedLegacy) (cases int) {
	wrapped := expectedChain{Final: new(expectedFinal)}
	wrapped.Final.Preorders = want.Final.Preorders
	wrapped.Final.Accounts.Transactions = want.Final.Accounts
	cases += comparePreorders(t, x, &wrapped)
	cases += compareAccounts(t, x, nil, &wrapped)
	err := x.query(t.Context(), func(v *store.Reader, _ Tip) error {
		for _, w := range want.Final.Names {
			cases++
			row, err := v.Name(text(w["name"]))
			if err != nil || row == nil {
				t.Errorf("%s: not there (%v)", w["name"], err)
				continue
			}
			compareFields(t, row.Name, nameFields(x.p, row), w)
		}
		for _, w := range want.Final.Namespaces {
			cases++
			row, err := v.Namespace(text(w["namespace_id"]))
			if err != nil || row == nil {
				t.Errorf("%s: not there (%v)", w["namespace_id"], err)
				continue
			}
			compareFields(t, row.ID, spaceFields(x.p, row), w)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	all, err := x.Names(t.Context(), "", names.Name{}, 0)
	if err != nil || len(all) != len(want.Final.Names) {
		t.Errorf("%d names (%v), want %d", len(all), err, len(want.Final.Names))
	}
	return cases
}
