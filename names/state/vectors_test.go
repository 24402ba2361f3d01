package state

import (
	"encoding/hex"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/testdata"
)

type merkleCase struct {
	Hashes []string `json:"hashes"`
	Leaves []string `json:"leaves"`
	Root   string   `json:"root"`
}

type snapshotCase struct {
	Consensus  names.ConsensusHash   `json:"consensus_hash"`
	OpsHash    string                `json:"ops_hash"`
	Previous   []names.ConsensusHash `json:"previous_consensus_hashes"`
	Serialized []string              `json:"serialized"`
	Ops        []string              `json:"serialized_ops"`
}

func readFile[T any](t *testing.T, file string) T {
	t.Helper()
	var v T
	if err := testdata.Unmarshal(testdata.Vectors(t, file), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func checkMerkle(t *testing.T, c merkleCase) {
	t.Helper()
	var items []string
	for _, h := range append(c.Hashes, c.Leaves...) {
		items = append(items, string(unhex(t, h)))
	}
	if got := hex.EncodeToString([]byte(merkleRoot(items))); got != c.Root {
		t.Errorf("merkle root of %d: %s, want %s", len(items), got, c.Root)
	}
}

func checkSnapshot(t *testing.T, c snapshotCase, ops []string) {
	t.Helper()
	if ops != nil {
		var texts [][]byte
		for _, s := range ops {
			texts = append(texts, []byte(s))
		}
		if got := HashOps(texts).String(); got != c.OpsHash {
			t.Errorf("ops hash of %d: %s, want %s", len(ops), got, c.OpsHash)
		}
	}
	if !c.Consensus.IsZero() {
		if got := HashConsensus(OpsHash(unhex(t, c.OpsHash)), c.Previous); got != c.Consensus {
			t.Errorf("consensus hash %s, want %s", got, c.Consensus)
		}
	}
}

func TestVectorsHashFunctions(t *testing.T) {
	const file = "functions/functions.json"
	v := readFile[struct {
		Merkle    []merkleCase   `json:"merkle_root"`
		Ops       []snapshotCase `json:"ops_hash"`
		Consensus []snapshotCase `json:"consensus_hash"`
		Heights   []struct {
			First  int32   `json:"first_block"`
			Height int32   `json:"height"`
			Mixed  []int32 `json:"heights_mixed_in"`
		} `json:"previous_heights"`
		Floats []struct {
			Hex  string `json:"double_hex"`
			Text string `json:"text"`
		} `json:"float_text"`
	}](t, file)
	for _, c := range v.Merkle {
		checkMerkle(t, c)
	}
	for _, c := range v.Ops {
		checkSnapshot(t, c, c.Serialized)
	}
	for _, c := range v.Consensus {
		checkSnapshot(t, c, nil)
	}
	for _, c := range v.Heights {
		if got := EarlierHeights(c.First, c.Height); !slices.Equal(got, c.Mixed) {
			t.Errorf("heights mixed into %d: %v, want %v", c.Height, got, c.Mixed)
		}
	}
	for _, c := range v.Floats {
		f, err := strconv.ParseFloat(c.Hex, 64)
		if err != nil {
			t.Fatal(err)
		}
		if got := feeText(f); got != c.Text {
			t.Errorf("text of %s: %s, want %s", c.Hex, got, c.Text)
		}
	}
	testdata.Cases(t, file, len(v.Merkle)+len(v.Ops)+len(v.Consensus)+len(v.Heights)+len(v.Floats))
}

func TestVectorsConsensus(t *testing.T) {
	const file = "protocol/consensus.json"
	v := readFile[struct {
		Merkle    []merkleCase                   `json:"merkle"`
		Snapshots []snapshotCase                 `json:"snapshots"`
		Empty     map[string]names.ConsensusHash `json:"empty_chain"`
		EmptyOps  string                         `json:"empty_ops_hash"`
	}](t, file)
	for _, c := range v.Merkle {
		checkMerkle(t, c)
	}
	for _, c := range v.Snapshots {
		if c.Ops == nil {
			c.Ops = []string{}
		}
		checkSnapshot(t, c, c.Ops)
	}
	if got := HashOps(nil).String(); got != v.EmptyOps {
		t.Errorf("ops hash of an empty block: %s, want %s", got, v.EmptyOps)
	}
	p := names.Mainnet()
	chain := make(map[int32]names.ConsensusHash)
	for h := p.FirstBlock; ; h++ {
		want, listed := v.Empty[strconv.Itoa(int(h))]
		if !listed {
			break
		}
		var earlier []names.ConsensusHash
		for _, e := range EarlierHeights(p.FirstBlock, h) {
			earlier = append(earlier, chain[e])
		}
		if chain[h] = HashConsensus(HashOps(nil), earlier); chain[h] != want {
			t.Fatalf("consensus hash of an empty chain at %d: %s, want %s", h, chain[h], want)
		}
	}
	testdata.Cases(t, file, len(v.Merkle)+len(v.Snapshots)+len(chain))
}

func TestVectorsImportFees(t *testing.T) {
	const file = "protocol/encodings.json"
	v := readFile[struct {
		Fees []struct{ Text, Value string } `json:"import_fee_text"`
	}](t, file)
	for _, c := range v.Fees {
		f, err := strconv.ParseFloat(c.Value, 64)
		if err != nil {
			t.Fatal(err)
		}
		if got := feeText(f); got != c.Text {
			t.Errorf("text of %s: %s, want %s", c.Value, got, c.Text)
		}
	}
	testdata.Cases(t, file, len(v.Fees))
}

// TestVectorsMainnetBlocks serializes what nodes of the public chain reported.
func TestVectorsMainnetBlocks(t *testing.T) {
	const file = "protocol/mainnet.json"
	v := readFile[struct {
		Block struct {
			Operations []map[string]any `json:"operations"`
			Serialized []string         `json:"serialized"`
			OpsHash    string           `json:"ops_hash"`
		} `json:"operations_in_block_462592"`
		ID struct {
			Preorder   map[string]any      `json:"preorder"`
			Serialized string              `json:"serialized_preorder"`
			OpsHash    string              `json:"ops_hash_if_only_operation_of_block_373601"`
			Consensus  names.ConsensusHash `json:"consensus_hash_373601_if_only_operation"`
		} `json:"namespace_id"`
		Genesis struct {
			Heights   []int32             `json:"heights"`
			Consensus names.ConsensusHash `json:"consensus_hash"`
		} `json:"genesis_consensus_hash"`
	}](t, file)
	p := names.Mainnet()
	var texts [][]byte
	for i, m := range v.Block.Operations {
		text := reportedRow(t, m).Serialize(p)
		if len(v.Block.Serialized) > 0 && string(text) != v.Block.Serialized[i] {
			t.Errorf("operation %d:\n%s, want\n%s", i, text, v.Block.Serialized[i])
		}
		texts = append(texts, text)
	}
	if got := HashOps(texts).String(); got != v.Block.OpsHash {
		t.Errorf("ops hash %s, want %s", got, v.Block.OpsHash)
	}
	text := reportedRow(t, v.ID.Preorder).Serialize(p)
	ops := HashOps([][]byte{text})
	if string(text) != v.ID.Serialized || ops.String() != v.ID.OpsHash || HashConsensus(ops, nil) != v.ID.Consensus {
		t.Errorf("preorder of the namespace id: %s, hashes %s and %s", text, ops, HashConsensus(ops, nil))
	}
	for _, h := range v.Genesis.Heights {
		if p.InitialConsensus[h] != v.Genesis.Consensus {
			t.Errorf("consensus hash at %d: %s", h, p.InitialConsensus[h])
		}
	}
	testdata.Cases(t, file, len(texts)+1+len(v.Genesis.Heights))
}

// reportedRow makes an operation of what a node reported.
func reportedRow(t *testing.T, m map[string]any) *OpRow {
	t.Helper()
	fee := func() int64 {
		v, err := strconv.ParseInt(reported(m["op_fee"]), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	n := func(field string) int32 {
		if m[field] == nil {
			return 0
		}
		v, err := strconv.ParseInt(reported(m[field]), 10, 32)
		if err != nil {
			t.Fatal(err)
		}
		return int32(v)
	}
	b := func(field string) []byte { return unhex(t, reported(m[field])) }
	txid, err := chainhash.NewHashFromStr(reported(m["txid"]))
	if err != nil {
		t.Fatal(err)
	}
	act := Action(reported(m["op"]))
	row := &OpRow{Status: Accepted, Opcode: nameop.Opcode(act[0])}
	at := Place{Height: n("block_number"), Index: n("vtxindex"), Txid: *txid}
	if act == ActPreorder || act == ActNamespacePreorder {
		row.Preorder = &PreorderRow{
			Hash: names.PreorderHash(b("preorder_hash")), Consensus: names.ConsensusHash(b("consensus_hash")), Sender: b("sender"),
			PubKey: b("sender_pubkey"), Fee: fee(), At: at, Namespace: act == ActNamespacePreorder,
		}
		return row
	}
	row.Name = &NameRow{
		Name: reported(m["name"]), Owner: b("sender"), PubKey: b("sender_pubkey"), HasValue: m["value_hash"] != nil,
		CreatedAt: n("block_number"), PreorderedAt: n("preorder_block_number"), FirstRegistered: n("first_registered"),
		LastRenewed: n("last_renewed"), Revoked: m["revoked"] == true, Fee: Fee{Sat: fee()}, Tokens: new(big.Int),
		Importer: b("importer"), Act: act, At: at,
	}
	if row.Name.HasValue {
		row.Name.Value = names.ZoneFileHash(b("value_hash"))
	}
	if m["consensus_hash"] != nil {
		row.Name.Consensus, row.Name.HasConsensus = names.ConsensusHash(b("consensus_hash")), true
	}
	return row
}

// reported is a value that a node reported, nothing for null.
func reported(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}
