package psbts

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"blockstack/commands/fault"
	"blockstack/commands/verbtest"
	"blockstack/testdata"
	"blockstack/txbuilder"
	"blockstack/wallet/watched"
)

// vectors are PSBTs of BIP 174: copies that are combined, and signed ones that are finished.
type vectors struct {
	Combine []struct {
		Parts    []string
		Combined string
	}
	Finish []struct {
		PSBT string
	}
}

func published(t *testing.T) (v vectors) {
	t.Helper()
	if err := json.Unmarshal(testdata.Vectors(t, "psbt/psbt.json"), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestRefusedWords: what is refused before a file is read.
func TestRefusedWords(t *testing.T) {
	verbtest.Refused(t, Command(), map[string]string{
		"show": "missing FILE", "sign": "missing FILE", "combine": "missing FILE", "finalize": "missing FILE", "broadcast": "missing FILE",
		"show a b": "takes 1 argument, got 2", "sign a --out": "--out needs a value", "finalize a --out b": "unknown flag --out",
	})
	h := verbtest.Empty(t)
	for _, verb := range []string{"show", "sign", "combine", "finalize", "broadcast"} {
		for _, text := range []string{"", "psbt", "cHNidP8=", "0200000001"} {
			o := h.Run(t, Command(), verb, h.File(t, "bad.psbt", text))
			if o.Fault == nil || o.Out != "" || o.Fault.Code == "internal" {
				t.Errorf("%s of %q: %v %s", verb, text, o.Fault, o.Out)
			}
		}
		if o := h.Run(t, Command(), verb, h.Dir+"/none"); o.Exit() != fault.ExitNotFound {
			t.Errorf("%s of no file: %v", verb, o.Fault)
		}
	}
}

// TestShowStrange: of a PSBT of others nothing is ours, its fields are counted, and nothing of it
// is signed.
func TestShowStrange(t *testing.T) {
	h := verbtest.Empty(t).WithWallet(t)
	v := published(t)
	file := h.File(t, "a.psbt", v.Finish[0].PSBT)
	o := h.Run(t, Command(), "show", file, "--json")
	if o.Fault != nil || o.Doc["net_sat"] != 0. || o.Doc["name_operation"] != false || o.Doc["proved"] != true {
		t.Errorf("%v %v", o.Fault, o.Doc)
	}
	for _, part := range append(o.Doc["inputs"].([]any), o.Doc["outputs"].([]any)...) {
		if part.(map[string]any)["ours"] != false {
			t.Errorf("ours: %v", part)
		}
	}
	text := h.Run(t, Command(), "show", file).Out
	if !strings.Contains(text, "(of somebody else; 2 of 2 keys sign, 2 have)") || !strings.Contains(text, "PAYS ") || !strings.Contains(text, "in all it changes your money by 0.00000000 BTC") {
		t.Error(text)
	}
	out := filepath.Join(h.Dir, "signed.psbt")
	if o := h.Run(t, Command(), "sign", file, "--out", out, "--yes"); o.Fault == nil {
		t.Errorf("it was signed: %s", o.Out)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a file was written")
	}
}

// TestCombine: copies of one transaction become one, as BIP 174 says; copies of two do not.
func TestCombine(t *testing.T) {
	h := verbtest.Empty(t).WithWallet(t)
	v := published(t)
	c := v.Combine[0]
	out := filepath.Join(h.Dir, "both.psbt")
	o := h.Run(t, Command(), "combine", h.File(t, "1", c.Parts[0]), h.File(t, "2", c.Parts[1]), "--out", out)
	if o.Fault != nil {
		t.Fatal(o.Fault)
	}
	got, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if want, err := base64.StdEncoding.DecodeString(c.Combined); err != nil || len(c.Combined) == 0 || string(got) != string(want) && strings.TrimSpace(string(got)) != c.Combined {
		t.Errorf("%v\n%x, want\n%x", err, got, want)
	}
	if o := h.Run(t, Command(), "combine", h.File(t, "1", c.Parts[0]), h.File(t, "3", v.Finish[0].PSBT)); o.Fault == nil || o.Out != "" {
		t.Errorf("of two transactions: %s", o.Out)
	}
}

// TestOutputLine: what each output is for, by its place in an operation and by whose it is. What is
// not ours is said loudly.
func TestOutputLine(t *testing.T) {
	sat := int64(5500)
	ours := psbtPartView{AmountSat: &sat, Address: "mOurs", Ours: true, Role: "owner", Path: "m/888'/0'/0'"}
	theirs := psbtPartView{AmountSat: &sat, Address: "mTheirs"}
	change := psbtPartView{AmountSat: &sat, Address: "mChange", Ours: true, Role: "change", Path: "m/49'/1'/0'/1/3"}
	far := psbtPartView{AmountSat: &sat, Address: "mFar", TooFar: true, Path: "m/49'/1'/0'/0/900", index: 900}
	farther := far
	farther.index = watched.MaxGap
	role := func(r txbuilder.Role) *txbuilder.Reading { return &txbuilder.Reading{Roles: []txbuilder.Role{r}} }
	for _, c := range []struct {
		reading *txbuilder.Reading
		part    psbtPartView
		want    string
	}{
		{role(txbuilder.RoleData), theirs, "carries the operation"},
		{role(txbuilder.RoleBurn), theirs, "PAYS the price of 0.00005500 BTC to mTheirs"},
		{role(txbuilder.RoleOwner), ours, "makes mOurs, your owner key m/888'/0'/0' the owner, with 0.00005500 BTC beside it"},
		{role(txbuilder.RoleOwner), theirs, "makes mTheirs, which is NOT YOURS, the owner, with 0.00005500 BTC beside it"},
		{role(txbuilder.RoleRevealer), theirs, "makes mTheirs the one who imports names and opens the namespace, with 0.00005500 BTC beside it"},
		{role(txbuilder.RoleZoneFile), theirs, "carries the zone-file hash in an address, with 0.00005500 BTC"},
		{role(txbuilder.RoleOwnerChange), ours, "gives back 0.00005500 BTC to the owner's mOurs, your owner key m/888'/0'/0'"},
		{role(txbuilder.RoleChange), change, "gives back 0.00005500 BTC to mChange, your change key m/49'/1'/0'/1/3"},
		{role(txbuilder.RoleChange), theirs, "gives 0.00005500 BTC as change to mTheirs, which is NOT YOURS"},
		{nil, change, "gives back 0.00005500 BTC to your m/49'/1'/0'/1/3"},
		{nil, ours, "pays 0.00005500 BTC to your own mOurs, owner key m/888'/0'/0'"},
		{nil, theirs, "PAYS 0.00005500 BTC to mTheirs"},
		{nil, psbtPartView{Address: "mTheirs"}, "PAYS an unknown amount to mTheirs"},
		{nil, psbtPartView{}, "carries data: a name operation, or something else that is not a payment"},
		{nil, psbtPartView{AmountSat: &sat, Address: "mMany", Ours: true}, "pays 0.00005500 BTC to your own mMany, script that several keys sign"},
		{nil, far, "PAYS 0.00005500 BTC to mFar, your key m/49'/1'/0'/0/900, which NO RESTORE LOOKS FOR: it counts as gone; only a longer search finds it there: blockstack wallet rescan --search 901"},
		{nil, farther, "PAYS 0.00005500 BTC to mFar, your key m/49'/1'/0'/0/900, which NO RESTORE LOOKS FOR: it counts as gone"},
	} {
		if got := outputLine(c.reading, 0, c.part); got != c.want {
			t.Errorf("%+v:\n%s, want\n%s", c.part, got, c.want)
		}
	}
	if got := outputLine(role(txbuilder.RoleBurn), 1, theirs); got != "PAYS 0.00005500 BTC to mTheirs" {
		t.Errorf("an output behind those of the operation: %s", got)
	}
}

// TestLines: what is not known or not proved is said, and how many keys of several have signed.
func TestLines(t *testing.T) {
	sat := int64(7)
	v := psbtView{NetSat: -7, Unknown: 2, Inputs: []psbtPartView{
		{AmountSat: &sat, Address: "mShared", Ours: true, Threshold: 2, Keys: 3, SignedBy: []string{"02"}}, {Address: "mTheirs"},
	}}
	want := []string{
		"spends 0.00000007 BTC at mShared (yours, script that several keys sign; 2 of 3 keys sign, 1 have)",
		"spends an unknown amount at mTheirs (of somebody else)",
		"it has 2 fields that this program does not know; they are kept as they are",
		"not proved: what is called yours was not derived from the seed; psbt sign does that, before it signs",
		"fee an unknown amount",
		"in all it changes your money by -0.00000007 BTC",
	}
	if got := strings.Join(psbtLines(v), "\n"); got != strings.Join(want, "\n") {
		t.Error(got)
	}
	v = psbtView{FeeSat: &sat, Proved: true}
	if got := strings.Join(psbtLines(v), "\n"); got != "fee 0.00000007 BTC\nin all it changes your money by 0.00000000 BTC" {
		t.Error(got)
	}
}
