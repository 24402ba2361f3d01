package rules

import (
	"encoding/hex"
	"strconv"
	"testing"

	"blockstack/names"
	"blockstack/names/state"
	"blockstack/testdata"
)

func TestVectorsImportKeys(t *testing.T) {
	const file = "protocol/import_keychain.json"
	var v struct {
		Keychains []struct {
			Children map[string]string `json:"children"`
			Own      string            `json:"own_address"`
			PubKey   string            `json:"public_key"`
		} `json:"keychains"`
	}
	if err := testdata.Unmarshal(testdata.Vectors(t, file), &v); err != nil {
		t.Fatal(err)
	}
	p, cases := names.Mainnet(), 0
	for _, c := range v.Keychains {
		key, err := hex.DecodeString(c.PubKey)
		if err != nil {
			t.Fatal(err)
		}
		ring, err := makeRing("x", key, p.ImportKeys)
		if err != nil {
			t.Fatal(err)
		}
		c.Children[strconv.Itoa(p.ImportKeys)] = c.Own
		for text, want := range c.Children {
			i, err := strconv.Atoi(text)
			if err != nil {
				t.Fatal(err)
			}
			cases++
			if got := state.AddressOf(p, names.PubKeyHashScript(ring.Hashes[i])); got != want {
				t.Errorf("import key %d of %s: %s, want %s", i, c.PubKey, got, want)
			}
		}
	}
	testdata.Cases(t, file, cases)
}
