package profiles

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/verbtest"
	"blockstack/testdata"
)

// owner is that of identity 0 of the wallet of verbtest.
const owner = "n2hq5YuvxTvTuEqZugrmJ9KHpu7azLMizB"

// TestRefusedWords: what contradicts itself is refused before anything is read or asked.
func TestRefusedWords(t *testing.T) {
	for _, c := range []struct {
		command *cli.Command
		says    map[string]string
	}{
		{ProfileCommand(), map[string]string{
			"create --type Robot":           `--type is "Robot", not Person, Organization or CreativeWork`,
			"create Alice":                  `"Alice" is not FIELD=VALUE`,
			"create image.avatar=@face.png": "a picture file is published beside a profile",
			"sign":                          "missing FILE",
			"sign a.json --identity 10000":  `--identity is "10000", not a whole number from 0 to 9999`,
			"sign a.json --identity -1":     `--identity is "-1"`,
			"publish":                       "missing FILE",
			"publish a.json":                "say where to: --to PLACE or --hub URL",
			"publish a.json --to d --hub https://h.example":   "publish in one place at a time: --to or --hub",
			"publish a.json --to d --to-auth-file f":          "--to-auth-file is for a server",
			"publish a.json --public-url https://a.example/":  "are about publishing: say where to",
			"publish a.json --merge":                          "are about publishing: say where to",
			"publish a.json --history":                        "are about publishing: say where to",
			"publish a.json --as p.json":                      "are about publishing: say where to",
			"publish a.json --to d --public-url profile.json": `--public-url is "profile.json", not a URL`,
			"publish a.json --to d --merge --replace":         "either --merge or --replace",
			"publish a.json --to d --identity x":              "",
			"set a.json":                                      "missing FIELD=VALUE",
			"set a.json name=A --out b --to d":                "the result goes to one place: --out or --to",
			"unset a.json":                                    "missing FIELD",
			"edit":                                            "missing FILE|NAME",
			"diff a.json":                                     "missing NEW",
			"bundle alice.id":                                 "say where the bundle goes",
			"bundle alice.id -o b --height 0":                 `--height is "0", not a block height`,
			"bundle alice.id -o b --height x":                 `--height is "x"`,
			"bundle alice.id -o b --height 4294967296":        "not a block height",
			"verify a.json --address 1J --at yesterday":       `--at is "yesterday", not a time such as`,
			"verify a.json --address 1J --at 2026-01-31":      "not a time such as",
			"verify": "missing FILE|URL|NAME",
		}},
		{ProofCommand(), map[string]string{
			"add a.json myspace alice": `"myspace" is none of the services: `,
			"add a.json github":        "missing IDENTIFIER",
			"remove a.json":            "missing SERVICE",
			"list":                     "missing ",
			"verify":                   "missing ",
		}},
		{ZoneFileCommand(), map[string]string{
			"make alice.id":    "missing URL",
			"hash":             "missing FILE",
			"publish alice.id": "say where to: --to DIR",
			"check alice.id":   "missing FILE",
		}},
		{LookupCommand(), map[string]string{"": "missing ", "alice.id bob.id": "takes 1 argument, got 2"}},
	} {
		delete(c.says, "publish a.json --to d --identity x") // the flag's own type refuses it
		verbtest.Refused(t, c.command, c.says)
	}
}

// TestNobodyNamed: a profile is judged against somebody, and one only.
func TestNobodyNamed(t *testing.T) {
	for _, words := range []string{"verify a.json", "verify a.json --address 1J --key 02", "verify a.json --name alice.id --address 1J", "verify a.json --policy p --key 02", "verify a.json b.json"} {
		o := verbtest.Empty(t).Run(t, ProfileCommand(), strings.Fields(words)...)
		if o.Exit() != fault.ExitUsage || o.Out != "" {
			t.Errorf("%s: %v", words, o.Fault)
		}
	}
}

// TestCreateAndChange: fields are set, taken out and compared, in a file that is not signed.
func TestCreateAndChange(t *testing.T) {
	h := verbtest.Empty(t)
	file := filepath.Join(h.Dir, "alice.json")
	if o := h.Run(t, ProfileCommand(), "create", "name=Alice", "description=she is", "--out", file, "--json"); o.Fault != nil || o.Doc["file"] != file {
		t.Fatalf("%v %v", o.Fault, o.Doc)
	}
	if o := h.Run(t, ProfileCommand(), "create", "name=Eve", "--out", file); o.Fault == nil {
		t.Error("a file that is there was written over")
	}
	read := func() map[string]any {
		b, err := os.ReadFile(file)
		doc := map[string]any{}
		if err == nil {
			err = json.Unmarshal(b, &doc)
		}
		if err != nil {
			t.Fatal(err)
		}
		return doc
	}
	if p := read(); p["name"] != "Alice" || p["@type"] != "Person" || p["description"] != "she is" {
		t.Errorf("%v", p)
	}
	old := h.File(t, "old.json", string(mustRead(t, file)))
	if o := h.Run(t, ProfileCommand(), "set", file, "name=Alice B", "website=https://alice.example"); o.Fault != nil {
		t.Fatal(o.Fault)
	}
	if o := h.Run(t, ProfileCommand(), "unset", file, "description", "address"); o.Fault != nil || !strings.Contains(o.Said, "warning: there is no address") {
		t.Errorf("%v %s", o.Fault, o.Said)
	}
	if p := read(); p["name"] != "Alice B" || p["description"] != nil || p["website"] == nil {
		t.Errorf("%v", p)
	}
	o := h.Run(t, ProfileCommand(), "diff", old, file, "--json")
	var kinds []string
	for _, c := range o.Doc["changes"].([]any) {
		kinds = append(kinds, c.(map[string]any)["path"].(string))
	}
	if o.Fault != nil || len(kinds) != 3 {
		t.Errorf("%v %v", o.Fault, o.Doc)
	}
	if o := h.Run(t, ProfileCommand(), "diff", old, old); o.Fault != nil || o.Out != "" {
		t.Errorf("the same twice: %v %s", o.Fault, o.Out)
	}
	before := mustRead(t, file)
	for words, says := range map[string]string{"set FILE nickname": "is not FIELD=VALUE", "set FILE name=@" + h.Dir + "/none": "no such file", "set FILE =x": ""} {
		o := h.Run(t, ProfileCommand(), strings.Fields(strings.ReplaceAll(words, "FILE", file))...)
		if o.Fault == nil || !strings.Contains(o.Fault.Message, says) || string(mustRead(t, file)) != string(before) {
			t.Errorf("%s: %v", words, o.Fault)
		}
	}
}

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestSignAndVerify: what an identity signs speaks for its address and for nobody else's; a changed
// token speaks for nobody.
func TestSignAndVerify(t *testing.T) {
	h := verbtest.Empty(t).WithWallet(t)
	file, token := h.File(t, "alice.json", `{"@type":"Person","@context":"http://schema.org","name":"Alice"}`), filepath.Join(h.Dir, "profile.json")
	if o := h.Run(t, ProfileCommand(), "sign", file, "--out", token); o.Exit() != fault.ExitDeclined {
		t.Errorf("without a yes: %v", o.Fault)
	}
	if o := h.Run(t, ProfileCommand(), "sign", file, "--out", token, "--yes"); o.Fault != nil {
		t.Fatal(o.Fault)
	}
	if o := h.Run(t, ProfileCommand(), "verify", token, "--address", owner, "--json"); o.Fault != nil || o.Doc["valid"] != true {
		t.Errorf("%v %v", o.Fault, o.Doc)
	}
	if o := h.Run(t, ProfileCommand(), "verify", token, "--address", "mnEYdCtkMEQgv4D3kkXHHK3VkYkXRGFNQz", "--json"); o.Exit() != fault.ExitWrongSigner || o.Doc["valid"] != false {
		t.Errorf("%v %v", o.Fault, o.Doc)
	}
	if o := h.Run(t, ProfileCommand(), "verify", token, "--address", owner, "--at", "2001-01-01T00:00:00Z"); o.Exit() != fault.ExitNotValidNow {
		t.Errorf("before it was signed: %v", o.Fault)
	}
	text := string(mustRead(t, token))
	at := strings.LastIndex(text, ".") + 10
	swapped := map[byte]string{'A': "B"}[text[at]]
	if swapped == "" {
		swapped = "A"
	}
	bad := h.File(t, "bad.json", text[:at]+swapped+text[at+1:])
	if o := h.Run(t, ProfileCommand(), "verify", bad, "--address", owner); o.Exit() != fault.ExitBadSignature && o.Exit() != fault.ExitMalformed {
		t.Errorf("a changed signature: %v", o.Fault)
	}
	if o := h.Run(t, ProfileCommand(), "verify", file, "--address", owner); o.Exit() != fault.ExitMalformed {
		t.Errorf("not signed: %v", o.Fault)
	}
	if o := h.Run(t, ProfileCommand(), "publish", file, "--to", filepath.Join(h.Dir, "www")); o.Exit() != fault.ExitMalformed {
		t.Errorf("not signed: %v", o.Fault)
	}
	if _, err := os.Stat(filepath.Join(h.Dir, "www")); err == nil {
		t.Error("a folder was made for what is not published")
	}
}

// TestZoneFiles: what is made has the hash that is told, is good for its name and for no other, and
// is compared with the record.
func TestZoneFiles(t *testing.T) {
	h := verbtest.Recorded(t, testdata.Vectors(t, "chain/d01-lifecycle.json"))
	file := filepath.Join(h.Dir, "z.txt")
	made := h.Run(t, ZoneFileCommand(), "make", "b_2.test", "https://b.example/p.json", "http://c.example/p.json", "--out", file, "--json")
	hash, _ := made.Doc["zonefile_hash"].(string)
	if made.Fault != nil || len(hash) != 40 || made.Doc["zonefile"] != string(mustRead(t, file)) {
		t.Fatalf("%v %v", made.Fault, made.Doc)
	}
	if o := h.Run(t, ZoneFileCommand(), "hash", file); o.Out != hash+"\n" {
		t.Error(o.Out)
	}
	o := h.Run(t, ZoneFileCommand(), "check", "b_2.test", file, "--json")
	if o.Fault != nil || o.Doc["zonefile_hash"] != hash || len(o.Doc["profile_urls"].([]any)) != 2 || o.Doc["problems"] != 0. || o.Doc["data_keys"] != 0. ||
		!strings.Contains(o.Said, "http://c.example/p.json is read over plain http") {
		t.Errorf("%v %v %s", o.Fault, o.Doc, o.Said)
	}
	for words, says := range map[string]string{
		"check alice.id " + file:                                                  "alice.id",
		"check b_2.test " + file + " --published":                                 "which is not what the record of b_2.test asks for",
		"check b_2.test " + h.Dir + "/none":                                       "no such file",
		"check b_2.test " + h.File(t, "empty", ""):                                "",
		"check b_2.test " + h.File(t, "large", strings.Repeat("; much\n", 10000)): "larger than",
		"make b_2.test gopher://x":                                                "",
		"make b_2.test https://b.example/ --data-key 05ab":                        "",
		"publish new.test --to " + h.Dir:                                          "new.test is not registered",
		"publish bar-1.test --to " + h.Dir:                                        "bar-1.test has no zone file",
	} {
		if o := h.Run(t, ZoneFileCommand(), strings.Fields(words)...); o.Fault == nil || !strings.Contains(o.Fault.Message, says) || o.Out != "" {
			t.Errorf("%s: %v %s", words, o.Fault, o.Out)
		}
	}
	if o := h.Run(t, LookupCommand(), "new.test"); o.Exit() != fault.ExitNotFound {
		t.Errorf("a name that nobody has: %v", o.Fault)
	}
}
