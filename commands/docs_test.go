package commands

import (
	"bytes"
	"math/big"
	"os"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/commands/specfile"
	"blockstack/names"
	"blockstack/txbuilder/payments/bills"
	"blockstack/wallet"
	"blockstack/wallet/labels"
)

// TestExamplesInFormats reads the complete examples of docs/formats.md with the parsers they
// document.
func TestExamplesInFormats(t *testing.T) {
	b, err := os.ReadFile("../docs/formats.md")
	if err != nil {
		t.Fatal(err)
	}
	spec, found := exampleIn(string(b), "toml", `schema = "`+specfile.Schema+`"`)
	if !found {
		t.Fatal("no example of SPEC.toml")
	}
	if op, err := specfile.Parse([]byte(spec)); err != nil || op.ID != "id" {
		t.Errorf("SPEC.toml: %v", err)
	}
	if file, err := os.ReadFile("../docs/examples/id.toml"); err != nil || string(file) != spec {
		t.Errorf("docs/examples/id.toml is not the example in docs/formats.md (%v)", err)
	}
	for language, contains := range map[string]string{"csv": "target,amount_btc,label", "json": bills.Schema} {
		text, found := exampleIn(string(b), language, contains)
		if list, err := bills.ParseList([]byte(text)); !found || err != nil || len(list) != 2 || list[1].Amount != 25_000 {
			t.Errorf("payments in %s: %+v, %v", language, list, err)
		}
	}
	label, found := exampleIn(string(b), "json", `"spendable":false`)
	if f, err := labels.ReadFile([]byte(label)); !found || err != nil || len(f.Labels) != 1 || len(f.Spendable) != 1 {
		t.Errorf("labels: %+v, %v", f, err)
	}
	descriptors, found := exampleIn(string(b), "", "# savings")
	if keys, _, err := wallet.ReadDescriptors(&chaincfg.MainNetParams, []byte(descriptors)); !found || err != nil || len(keys) != 2 {
		t.Errorf("descriptors: %+v, %v", keys, err)
	}
	registry, found := exampleIn(string(b), "json", `"schema": "`+names.RegistrySchema+`"`)
	if !found {
		t.Fatal("no example of a registry")
	}
	p, err := names.ReadRegistry(strings.NewReader(registry))
	if err != nil {
		t.Fatalf("registry: %v", err)
	}
	// It is what the sandbox writes, so that the text cannot fall behind the built-in rules.
	want := names.Sandbox("mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn", big.NewInt(640_000_000_000_000))
	if p.Fingerprint() != want.Fingerprint() {
		var got bytes.Buffer
		if err := names.WriteRegistry(&got, want); err != nil {
			t.Fatal(err)
		}
		t.Errorf("the example is not the sandbox's registry, which is\n%s", got.String())
	}
}

// exampleIn finds the fenced block of a document in a language that contains a text.
func exampleIn(doc, language, contains string) (string, bool) {
	for i, block := range strings.Split(doc, "```") {
		if kind, body, ok := strings.Cut(block, "\n"); ok && i%2 == 1 && kind == language && strings.Contains(body, contains) {
			return body, true
		}
	}
	return "", false
}
