package identities

import (
	"strings"
	"testing"

	"blockstack/commands/fault"
	"blockstack/commands/verbtest"
	"blockstack/testdata"
)

// The first owner of the wallet of verbtest, and two keys of the generator of secp256k1, 2G and 3G.
const (
	owner0 = "n2hq5YuvxTvTuEqZugrmJ9KHpu7azLMizB"
	key2   = "02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5"
	key3   = "02f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9"
)

// TestRefusedWords: what is refused before a wallet is looked for.
func TestRefusedWords(t *testing.T) {
	verbtest.Refused(t, IdentityCommand(), map[string]string{
		"list all":                 "takes no arguments",
		"show x":                   `N is "x"`,
		"show 10000":               `N is "10000", not a whole number from 0 to 9999`,
		"show 1 2":                 "takes 1 argument, got 2",
		"create 3":                 "takes no arguments",
		"multisig":                 "missing M and KEY",
		"multisig 2":               "missing KEY",
		"multisig 0 " + key2:       `M is "0", not a whole number from 1 to 15`,
		"multisig 16 " + key2:      `M is "16"`,
		"multisig two " + key2:     `M is "two"`,
		"multisig 1 0 --label":     "--label needs a value",
		"multisig 1 0 --threshold": "unknown flag",
	})
	for _, words := range []string{"list", "show", "create", "multisig 1 0"} {
		o := verbtest.Recorded(t, testdata.Vectors(t, "chain/d01-lifecycle.json")).Run(t, IdentityCommand(), strings.Fields(words)...)
		if o.Exit() != fault.ExitNotFound || !strings.HasPrefix(o.Fault.Message, "no wallet at ") {
			t.Errorf("%s without a wallet: %v", words, o.Fault)
		}
	}
}

// TestMade: identities are numbered, shown with their path and key, and one that is not there yet
// is no error of the program.
func TestMade(t *testing.T) {
	h := verbtest.Recorded(t, testdata.Vectors(t, "chain/d01-lifecycle.json")).WithWallet(t)
	first := h.Run(t, IdentityCommand(), "show", "--json").Doc
	if first["identity"] != 0. || first["owner_address"] != owner0 || first["path"] != "m/888'/0'/0'" || len(first["public_key"].(string)) != 66 || len(first["names"].([]any)) != 0 {
		t.Errorf("%v", first)
	}
	if first["amount_sat"] != nil {
		t.Error("money is known that was never looked for")
	}
	if o := h.Run(t, IdentityCommand(), "show", "500"); o.Exit() != fault.ExitNotFound || o.Fault.Message != "there is no identity 500 yet" || len(o.Fault.Hints) != 1 {
		t.Errorf("%v", o.Fault)
	}
	made := h.Run(t, IdentityCommand(), "create", "--json").Doc
	if made["identity"] != 1. || made["path"] != "m/888'/0'/1'" || made["owner_address"] == owner0 {
		t.Errorf("%v", made)
	}
	list := h.Run(t, IdentityCommand(), "list")
	if list.Fault != nil || list.Out != "0\t"+owner0+"\t\n1\t"+made["owner_address"].(string)+"\t\n" {
		t.Errorf("%v %s", list.Fault, list.Out)
	}
}

// TestNamesUnknown: without an index the names are unknown, which is not none.
func TestNamesUnknown(t *testing.T) {
	h := verbtest.Empty(t).WithWallet(t)
	o := h.Run(t, IdentityCommand(), "list", "--json")
	list, _ := o.Doc["identities"].([]any)
	if o.Fault != nil || len(list) != 1 || list[0].(map[string]any)["names"] != nil || !strings.Contains(o.Said, "the names of your identities are unknown") {
		t.Errorf("%v %v %s", o.Fault, o.Doc, o.Said)
	}
	if o := h.Run(t, IdentityCommand(), "show"); !strings.Contains(o.Out, "names\tunknown\n") {
		t.Error(o.Out)
	}
}

// TestMultisig: the same keys in any order are the same owner; what is no key is refused by what it
// is.
func TestMultisig(t *testing.T) {
	h := verbtest.Empty(t).WithWallet(t)
	one := h.Run(t, IdentityCommand(), "multisig", "2", "0", key2, key3, "--label", "family", "--json")
	if one.Fault != nil || one.Doc["threshold"] != 2. || len(one.Doc["public_keys"].([]any)) != 3 || one.Doc["label"] != "family" || one.Doc["identities"].([]any)[0] != 0. ||
		!strings.HasPrefix(one.Doc["redeem_script"].(string), "52") || !strings.HasSuffix(one.Doc["redeem_script"].(string), "53ae") || !strings.HasPrefix(one.Doc["owner_script"].(string), "a914") {
		t.Fatalf("%v %v", one.Fault, one.Doc)
	}
	again := h.Run(t, IdentityCommand(), "multisig", "2", key3, "0", key2, "--json")
	if again.Doc["owner_address"] != one.Doc["owner_address"] || again.Doc["redeem_script"] != one.Doc["redeem_script"] {
		t.Errorf("another order is another owner: %v", again.Doc)
	}
	if o := h.Run(t, IdentityCommand(), "list"); !strings.Contains(o.Out, "2 of 3\t"+one.Doc["owner_address"].(string)+"\t") {
		t.Error(o.Out)
	}
	for keys, says := range map[string]string{
		"500":                     "there is no identity 500 yet",
		"99999":                   "neither the number of an identity nor a public key",
		key2[:64]:                 "32 bytes, a compressed key has 33",
		"05" + key2[2:]:           "neither the number",
		"nobody":                  "neither the number",
		key2 + " " + key2:         "each there once",
		key2 + " " + key3 + " -x": "unknown flag",
	} {
		o := h.Run(t, IdentityCommand(), append([]string{"multisig", "1"}, strings.Fields(keys)...)...)
		if o.Fault == nil || !strings.Contains(o.Fault.Message, says) || o.Out != "" {
			t.Errorf("%s: %v, want what says %q", keys, o.Fault, says)
		}
	}
	if o := h.Run(t, IdentityCommand(), "multisig", "3", "0", key2); o.Fault == nil || o.Out != "" {
		t.Errorf("three of two: %v", o.Fault)
	}
}
