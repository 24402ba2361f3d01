package labels

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// bip329Example is the test vector of BIP 329.
const bip329Example = `{ "type": "tx", "ref": "f91d0a8a78462bc59398f2c5d7a84fcff491c26ba54c4833478b202796c8aafd", "label": "Transaction", "origin": "wpkh([d34db33f/84'/0'/0'])" }
{ "type": "addr", "ref": "bc1q34aq5drpuwy3wgl9lhup9892qp6svr8ldzyy7c", "label": "Address" }
{ "type": "pubkey", "ref": "0283409659355b6d1cc3c32decd5d561abaac86c37a353b52895a5e6c196d6f448", "label": "Public Key" }
{ "type": "input", "ref": "f91d0a8a78462bc59398f2c5d7a84fcff491c26ba54c4833478b202796c8aafd:0", "label": "Input" }
{ "type": "output", "ref": "f91d0a8a78462bc59398f2c5d7a84fcff491c26ba54c4833478b202796c8aafd:1", "label": "Output" , "spendable" : false }
{ "type": "xpub", "ref": "xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8", "label": "Extended Public Key" }
{ "type": "tx", "ref": "f546156d9044844e02b181026a1a407abfca62e7ea1159f87bbeaa77b4286c74", "label": "Account #1 Transaction", "origin": "wpkh([d34db33f/84'/0'/1'])" }
`

// TestLabelsFile reads the example of BIP 329 and writes what it kept.
func TestLabelsFile(t *testing.T) {
	f, err := ReadFile([]byte(bip329Example))
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Labels) != 4 || f.LeftOut != 3 || len(f.Spendable) != 1 {
		t.Fatalf("read %d labels, left out %d, %d frozen", len(f.Labels), f.LeftOut, len(f.Spendable))
	}
	frozen := map[string]bool{strings.Repeat("0", 64) + ":7": true}
	for op, spendable := range f.Spendable {
		frozen[op.String()] = !spendable
	}
	out, err := WriteFile(f.Labels, frozen)
	if err != nil {
		t.Fatal(err)
	}
	again, err := ReadFile(out)
	if err != nil || !slices.Equal(again.Labels, f.Labels) || len(again.Spendable) != 2 {
		t.Errorf("written and read again: %+v, %v", again, err)
	}
	for _, bad := range []string{"x", `{"type":"tx","ref":"12"}`, `{"ref":"12"}`, `{"type":"output","ref":"f91d:0"}`, `{"type":"addr"}`, "[]"} {
		if _, err := ReadFile([]byte(bad)); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
}

// FuzzLabelsFile: what is read can be written and read again.
func FuzzLabelsFile(f *testing.F) {
	f.Add([]byte(bip329Example))
	f.Add([]byte(`{"type":"tx","ref":"` + strings.Repeat("ab", 32) + `","label":"\u2028\n"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		file, err := ReadFile(raw)
		if err != nil {
			return
		}
		out, err := WriteFile(file.Labels, nil)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ReadFile(out)
		if err != nil || !slices.EqualFunc(again.Labels, file.Labels, func(a, b Label) bool { return a == b }) {
			t.Fatalf("%q became %q (%v)", raw, bytes.TrimSpace(out), err)
		}
	})
}
