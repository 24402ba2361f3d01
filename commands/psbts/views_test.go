package psbts

import (
	"encoding/hex"
	"encoding/json"
	"math/big"
	"path/filepath"
	"strings"
	"testing"

	"blockstack/commands/fault"
	"blockstack/commands/verbtest"
	"blockstack/names/nameop"
	"blockstack/txbuilder"
)

// TestOperationLines: a name operation is told before the coins, with whom a preorder makes the
// owner, its zone file and what it burns.
func TestOperationLines(t *testing.T) {
	sat := int64(7)
	v := psbtView{FeeSat: &sat, Proved: true, reading: &txbuilder.Reading{Op: nameop.NamePreorder{}},
		Op: &psbtOpView{Text: "preorder of a name", Owner: "mOwner", ZoneFile: "00ff", Ustacks: big.NewInt(1500000)}}
	want := "name operation: preorder of a name\nits owner is to be mOwner\nzone file 00ff\nBURNS 1.500000 STACKS of the account of input 0\nfee "
	if got := strings.Join(psbtLines(v), "\n"); !strings.HasPrefix(got, want) {
		t.Errorf("%s, want %s", got, want)
	}
	v.reading.Op = nameop.NameRevoke{} // whose owner is nobody to be
	if got := strings.Join(psbtLines(v), "\n"); strings.Contains(got, "is to be") {
		t.Error(got)
	}
	if viewOperation(nil, nil) != nil {
		t.Error("an operation where none is")
	}
	hostile := viewOperation(nil, &txbuilder.Reading{Subject: "a\x1b[31m.id", Job: "j\n", Problem: "p\u202e", Payee: "m"})
	if strings.ContainsAny(hostile.Subject+hostile.PreparedBy+hostile.Problem+hostile.Text, "\x1b\n\u202e") || hostile.Op != "" || hostile.PriceSat != nil {
		t.Errorf("%+v", hostile)
	}
}

// TestWhose: keys by their role and path, scripts of several keys without one.
func TestWhose(t *testing.T) {
	if got := (psbtPartView{Role: "owner", Path: "m/888'/0'/0'"}).whose(); got != "owner key m/888'/0'/0'" {
		t.Error(got)
	}
	if got := (psbtPartView{Role: "shared"}).whose(); got != "script that several keys sign" {
		t.Error(got)
	}
}

// TestViewKeys: what is unknown is null and not 0, and what is not there has no key.
func TestViewKeys(t *testing.T) {
	b, err := json.Marshal(psbtView{Inputs: []psbtPartView{{}}, Outputs: []psbtPartView{}})
	want := `{"unsigned_txid":"","inputs":[{"amount_sat":null,"ours":false}],"outputs":[],"fee_sat":null,"vsize":null,"net_sat":0,"complete":false,` +
		`"signed_inputs":0,"name_operation":false,"unknown_fields":0,"proved":false}`
	if err != nil || string(b) != want {
		t.Errorf("%s %v, want %s", b, err, want)
	}
}

// TestFinalize: a signed PSBT of others becomes a transaction, without a wallet too; one that lacks
// a signature does not.
func TestFinalize(t *testing.T) {
	v := published(t)
	for _, h := range []verbtest.Home{verbtest.Empty(t), verbtest.Empty(t).WithWallet(t)} {
		file := h.File(t, "a.psbt", v.Finish[0].PSBT)
		o := h.Run(t, Command(), "finalize", file, "--json")
		raw, _ := o.Doc["hex"].(string)
		if b, err := hex.DecodeString(raw); o.Fault != nil || err != nil || len(b) < 100 || len(o.Doc["txid"].(string)) != 64 {
			t.Errorf("%v %v", o.Fault, o.Doc)
		}
		if text := h.Run(t, Command(), "finalize", file).Out; text != raw+"\n" {
			t.Errorf("%q, want %q", text, raw)
		}
		if o := h.Run(t, Command(), "finalize", h.File(t, "b.psbt", v.Combine[0].Parts[0])); o.Fault == nil || o.Out != "" || o.Fault.Code == "internal" {
			t.Errorf("without signatures: %v %s", o.Fault, o.Out)
		}
		if o := h.Run(t, Command(), "broadcast", file); o.Fault == nil || o.Out != "" || o.Fault.Code == "internal" {
			t.Errorf("sent without a node: %v %s", o.Fault, o.Out)
		}
	}
}

// TestNoWalletForPSBT: what looks at a PSBT with the wallet's eyes says that there is none, and
// writes no file.
func TestNoWalletForPSBT(t *testing.T) {
	v := published(t)
	h := verbtest.Empty(t)
	file := h.File(t, "a.psbt", v.Combine[0].Parts[0])
	out := filepath.Join(h.Dir, "out.psbt")
	for _, words := range [][]string{{"show", file}, {"sign", file, "--out", out}, {"combine", file, "--out", out}} {
		o := h.Run(t, Command(), words...)
		if o.Exit() != fault.ExitNotFound || !strings.HasPrefix(o.Fault.Message, "no wallet at ") || o.Out != "" {
			t.Errorf("%q: %v %s", words, o.Fault, o.Out)
		}
		if list, err := filepath.Glob(out + "*"); err != nil || len(list) > 0 {
			t.Errorf("%q wrote %v %v", words, list, err)
		}
	}
}

// TestCombineWrites: to standard output as base64, to a file once and never over another.
func TestCombineWrites(t *testing.T) {
	h := verbtest.Empty(t).WithWallet(t)
	c := published(t).Combine[0]
	one, two := h.File(t, "1", c.Parts[0]), h.File(t, "2", c.Parts[1])
	o := h.Run(t, Command(), "combine", one, two, "--json")
	if o.Fault != nil || o.Doc["psbt"] != c.Combined || o.Doc["file"] != nil || o.Doc["left_out"] != nil {
		t.Errorf("%v %v, want %s", o.Fault, o.Doc, c.Combined)
	}
	if text := h.Run(t, Command(), "combine", one, two).Out; strings.TrimSpace(text) != c.Combined {
		t.Errorf("%s, want %s", text, c.Combined)
	}
	taken := h.File(t, "taken", "stays")
	if o := h.Run(t, Command(), "combine", one, two, "--out", taken); o.Fault == nil || o.Out != "" {
		t.Errorf("written over a file: %s", o.Out)
	}
	out := filepath.Join(h.Dir, "out.psbt")
	text := h.Run(t, Command(), "combine", one, two, "--out", out).Out
	if !strings.Contains(text, "file\t"+out+"\n") || !strings.Contains(text, "complete\tfalse\n") && !strings.Contains(text, "complete\ttrue\n") {
		t.Error(text)
	}
}
