package program

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"blockstack/commands/scripttest"
)

// TestInterop runs the transcripts in testdata/interop/script, in which programs by others take
// part: `make interop` installs them. In them there are also
//
//	validated ANSWER HISTORY   the node's answer (chain.js) has every transaction of our history, of every kind we make
//
// and $INTEROP, the folder of those programs.
func TestInterop(t *testing.T) {
	if os.Getenv("INTEROP") == "" {
		t.Skip("INTEROP is not set; run make interop")
	}
	dir, err := filepath.Abs("../../../testdata/interop")
	if err != nil {
		t.Fatal(err)
	}
	params := scripttest.Params(t, scripttest.Program(t), []string{filepath.Join(dir, "script", "chain.txtar")}, "")
	params.Cmds["validated"] = scriptValidated
	setup := params.Setup
	params.Setup = func(env *testscript.Env) error {
		env.Setenv("INTEROP", dir)
		env.Setenv("NODE_PATH", os.Getenv("NODE_PATH"))
		return setup(env)
	}
	testscript.Run(t, params)
}

// chainAnswer is what the other node read.
type chainAnswer struct {
	Height, Blocks    int
	TaprootSignatures int `json:"taproot_signatures"`
	Refused           []string
	Txs               map[string]struct {
		Height       int
		Sane, RBF    bool
		FeeSat       int64  `json:"fee_sat"`
		OpReturn     string `json:"op_return"`
		Spends, Pays []string
	}
}

// scriptValidated compares what another node read with what we think we did.
func scriptValidated(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: validated ANSWER HISTORY")
	}
	var answer chainAnswer
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &answer))
	var history struct {
		Transactions []struct {
			Txid       string
			FeeSat     *int64 `json:"fee_sat"`
			Height     *int
			ReplacedBy string `json:"replaced_by"`
		}
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &history))
	if len(answer.Refused) > 0 || answer.Blocks != answer.Height+1 {
		ts.Fatalf("the other node read %d blocks of %d: %v", answer.Blocks, answer.Height+1, answer.Refused)
	}
	spends, pays, ops := map[string]int{}, map[string]int{}, map[string]int{}
	ours, replaced := 0, 0
	for _, tx := range history.Transactions {
		theirs, found := answer.Txs[tx.Txid]
		switch {
		case tx.ReplacedBy != "" && found:
			ts.Fatalf("%s is in a block of the other node, and replaced here", tx.Txid)
		case tx.ReplacedBy != "":
			replaced++
			continue
		case tx.FeeSat == nil && found: // somebody paid us
			continue
		case !found:
			ts.Fatalf("the other node does not know %s", tx.Txid)
		case !theirs.Sane:
			ts.Fatalf("%s is not sane to the other node", tx.Txid)
		case theirs.FeeSat != *tx.FeeSat:
			ts.Fatalf("%s: fee %d, to the other node %d", tx.Txid, *tx.FeeSat, theirs.FeeSat)
		case tx.Height != nil && theirs.Height != *tx.Height:
			ts.Fatalf("%s: height %d, to the other node %d", tx.Txid, *tx.Height, theirs.Height)
		case !theirs.RBF:
			ts.Fatalf("%s: does not signal that it can be replaced", tx.Txid)
		}
		ours++
		for _, kind := range theirs.Spends {
			spends[kind]++
		}
		for _, kind := range theirs.Pays {
			pays[kind]++
		}
		// OP_RETURN, one push, "id" or the sandbox's magic bytes, and the letter of the operation.
		if raw, err := hex.DecodeString(theirs.OpReturn); err == nil && len(raw) > 4 {
			push := raw[2:]
			if raw[1] == 0x4c {
				push = raw[3:]
			}
			ops[string(push[2])]++
		}
	}
	ts.Logf("interop: bcoin synced %d blocks, %d transactions of ours; spent %v; paid %v; operations %v; %d taproot signatures checked",
		answer.Blocks, ours, spends, pays, ops, answer.TaprootSignatures)
	for _, want := range []struct {
		what  string
		have  map[string]int
		kinds []string
	}{
		{"inputs", spends, []string{"pubkeyhash", "scripthash", "witnesspubkeyhash", "taproot"}},
		{"outputs", pays, []string{"pubkeyhash", "scripthash", "witnesspubkeyhash", "taproot", "nulldata"}},
		{"operations", ops, strings.Split("*&!?:+>~;", "")},
	} {
		for _, kind := range want.kinds {
			if want.have[kind] == 0 {
				ts.Fatalf("no %s of kind %s in %v", want.what, kind, sorted(want.have))
			}
		}
	}
	if answer.TaprootSignatures == 0 {
		ts.Fatalf("no taproot signature was checked")
	}
}

func sorted(m map[string]int) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return slices.Compact(keys)
}
