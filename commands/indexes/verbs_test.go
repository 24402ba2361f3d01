package indexes

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/verbtest"
	"blockstack/testdata"
)

const lifecycle = "chain/d01-lifecycle.json"

// reference is what the reference says of a recorded chain.
type reference struct {
	Blocks []struct {
		Height   int
		Expected struct {
			Consensus string `json:"consensus_hash"`
		}
	}
}

func answers(t *testing.T) (r reference) {
	t.Helper()
	if err := json.Unmarshal(testdata.Vectors(t, lifecycle), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// TestRefusedWords: what each verb refuses before it opens anything.
func TestRefusedWords(t *testing.T) {
	for _, c := range []struct {
		command *cli.Command
		says    map[string]string
	}{
		{indexSyncCommand(), map[string]string{"": "--offline forbids to read blocks", "now": "takes no arguments"}},
		{indexStatusCommand(), map[string]string{"now": "takes no arguments", "": "no name rules are known for regtest"}},
		{indexVerifyCommand(), map[string]string{"700": "takes no arguments"}},
		{indexReplayCommand(), map[string]string{"": "missing FILE", "a b": "takes 1 argument, got 2"}},
		{indexConsensusCommand(), map[string]string{
			"700 --all": "--all lists every height", "x": "HEIGHT is \"x\"", "1.5": "HEIGHT is \"1.5\"", "1e3": "HEIGHT is", "99999999999": "HEIGHT is", "1 2": "takes 1 argument, got 2",
		}},
		{indexExportCommand(), map[string]string{
			"--what everything": `--what is "everything", not names, namespaces or accounts`, "--format xml": `--format is "xml", not jsonl or csv`,
			"--format csv --json": "contradict each other",
		}},
	} {
		verbtest.Refused(t, c.command, c.says)
	}
}

// TestConsensus: the hash of each height is that of the reference, one by one and all together.
func TestConsensus(t *testing.T) {
	h, want := verbtest.Recorded(t, testdata.Vectors(t, lifecycle)), answers(t)
	var all strings.Builder
	for _, b := range want.Blocks {
		fmt.Fprintf(&all, "%d %s\n", b.Height, b.Expected.Consensus)
	}
	if o := h.Run(t, indexConsensusCommand(), "--all"); o.Fault != nil || !strings.HasSuffix(o.Out, all.String()) {
		t.Errorf("%v\n%s\nwant\n%s", o.Fault, o.Out, all.String())
	}
	last := want.Blocks[len(want.Blocks)-1]
	for _, words := range [][]string{{"--json"}, {"--json", fmt.Sprint(last.Height)}} {
		if o := h.Run(t, indexConsensusCommand(), words...); o.Doc["consensus_hash"] != last.Expected.Consensus || o.Doc["height"] != float64(last.Height) {
			t.Errorf("%q: %v %v", words, o.Fault, o.Doc)
		}
	}
	if o := h.Run(t, indexConsensusCommand(), fmt.Sprint(last.Height+1)); o.Exit() != fault.ExitNotFound || o.Out != "" {
		t.Errorf("a height that is to come: %v %s", o.Fault, o.Out)
	}
}

// TestStatusAndVerify: how far the index is, and that it agrees with itself.
func TestStatusAndVerify(t *testing.T) {
	h, want := verbtest.Recorded(t, testdata.Vectors(t, lifecycle)), answers(t)
	last := want.Blocks[len(want.Blocks)-1]
	o := h.Run(t, indexStatusCommand(), "--json")
	if o.Fault != nil || o.Doc["height"] != float64(last.Height) || o.Doc["consensus_hash"] != last.Expected.Consensus || o.Doc["node_height"] != nil || o.Doc["network"] != "regtest" ||
		o.Doc["file"] != filepath.Join(h.Dir, "regtest", "index.db") || o.Doc["exact_until_height"] != nil {
		t.Errorf("%v %v", o.Fault, o.Doc)
	}
	if text := h.Run(t, indexStatusCommand()).Out; !strings.Contains(text, "consensus hash\t"+last.Expected.Consensus+"\n") || strings.Contains(text, "node height") {
		t.Error(text)
	}
	o = h.Run(t, indexVerifyCommand(), "--json")
	if o.Fault != nil || o.Doc["agrees"] != true || o.Doc["consensus_hash"] != last.Expected.Consensus || o.Doc["operations"].(float64) < 20 {
		t.Errorf("%v %v", o.Fault, o.Doc)
	}
	file := filepath.Join(h.Dir, "regtest", "index.db")
	b, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(file, b[:len(b)/2], 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []*cli.Command{indexStatusCommand(), indexVerifyCommand()} {
		if o := h.Run(t, c); o.Fault == nil || o.Fault.Code != "damaged" || len(o.Fault.Hints) == 0 {
			t.Errorf("%s of half a file: %v", c.Name, o.Fault)
		}
	}
}

// TestExport: each row of names, namespaces and accounts, as JSON lines with a schema each, and as
// CSV with one header.
func TestExport(t *testing.T) {
	tokens := verbtest.Recorded(t, testdata.Vectors(t, "chain/d21-token-transfers.json"))
	lived := verbtest.Recorded(t, testdata.Vectors(t, lifecycle))
	for _, c := range []struct {
		h         verbtest.Home
		what, key string
		rows      int
		header    string
	}{
		{lived, "names", "name", 5, "name,status,owner_address,owner_script,zonefile_hash,first_registered_height,renewed_at_height,expires_at_height,last_txid"},
		{lived, "namespaces", "namespace", 1, "namespace,version,status,reveal_height,ready_height,lifetime_blocks,coefficient,base,buckets,no_vowel_discount,non_alpha_discount,revealer_address,payer_address"},
		{tokens, "accounts", "address", 12, "address,token,balance,lock_send_height"},
	} {
		o := c.h.Run(t, indexExportCommand(), "--what", c.what)
		rows := strings.Split(strings.TrimSpace(o.Out), "\n")
		if o.Fault != nil || len(rows) != c.rows {
			t.Errorf("%s: %v, %d rows\n%s", c.what, o.Fault, len(rows), o.Out)
		}
		asCSV := c.h.Run(t, indexExportCommand(), "--what", c.what, "--format", "csv").Out
		records, err := csv.NewReader(strings.NewReader(asCSV)).ReadAll()
		if err != nil || len(records) != c.rows+1 || strings.Join(records[0], ",") != c.header {
			t.Fatalf("%s: %v\n%s", c.what, err, asCSV)
		}
		for i, row := range rows {
			doc := map[string]any{}
			if err := json.Unmarshal([]byte(row), &doc); err != nil || doc["schema"] != "blockstack/index.export/v1" || doc[c.key] != records[i+1][0] {
				t.Errorf("%s: %v %s, in CSV %q", c.what, err, row, records[i+1])
			}
		}
	}
}

// TestReplay: a chain out of a file gives the reference's hashes, without a home; what is no chain
// is an error that names the file.
func TestReplay(t *testing.T) {
	h, want := verbtest.Empty(t), answers(t)
	o := h.Run(t, indexReplayCommand(), h.File(t, "chain.json", string(testdata.Vectors(t, lifecycle))))
	var doc struct {
		Schema string
		Blocks []struct {
			Height    int
			Consensus string `json:"consensus_hash"`
		}
	}
	if err := json.Unmarshal([]byte(o.Out), &doc); err != nil || o.Fault != nil || doc.Schema != "blockstack/index.replay/v1" || len(doc.Blocks) != len(want.Blocks) {
		t.Fatalf("%v %v %d blocks", err, o.Fault, len(doc.Blocks))
	}
	for i, b := range doc.Blocks {
		if b.Height != want.Blocks[i].Height || b.Consensus != want.Blocks[i].Expected.Consensus {
			t.Errorf("block %d: %s, want %s", b.Height, b.Consensus, want.Blocks[i].Expected.Consensus)
		}
	}
	for _, text := range []string{"", "{", `{"blocks":[]}`, "[]"} {
		path := h.File(t, "bad.json", text)
		if o := h.Run(t, indexReplayCommand(), path); o.Fault == nil || !strings.HasPrefix(o.Fault.Message, path+": ") || o.Out != "" {
			t.Errorf("%q: %v %s", text, o.Fault, o.Out)
		}
	}
	if o := h.Run(t, indexReplayCommand(), filepath.Join(h.Dir, "none")); o.Exit() != fault.ExitNotFound {
		t.Errorf("%v", o.Fault)
	}
}
