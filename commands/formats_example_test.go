package commands

import (
	"fmt"
	"os"

	"blockstack/commands/lists"
	"blockstack/commands/namespaces"
	"blockstack/commands/specfile"
	"blockstack/commands/wallets"
)

// The rules of a namespace, SPEC.toml: the file that the README launches.
func Example_namespaceSpec() {
	text, err := os.ReadFile("../docs/examples/id.toml")
	if err != nil {
		panic(err)
	}
	spec, err := specfile.Parse(text)
	if err != nil {
		panic(err)
	}
	fmt.Println(*spec)
	_, err = specfile.Parse(append(text, "colour = 1\n"...))
	fmt.Println(err != nil)
	// Output:
	// {id 1 52595 250 4 [6 5 4 3 2 1 0 0 0 0 0 0 0 0 0 0] 10 10}
	// true
}

// A list of names for name apply, as CSV and as JSON.
func Example_namesToApply() {
	for _, list := range []string{
		"name,owner,profile_url,renew_within\nalice.id,,https://alice.example/profile.json,60d\nbob.id,1,,\n",
		`{"schema": "blockstack/names/v1", "names": [{"name": "carol.id", "owner": "1JeTQ5cQjsD57YGcsVFhwT7iuQUXJR6BSk"}]}`,
		"name\nalice.id\nalice.id\n",
	} {
		wishes, bad := lists.ParseWishes([]byte(list))
		for _, w := range wishes {
			fmt.Printf("%s %q %q %d\n", w.Name, w.Owner, w.URL, w.Renew)
		}
		fmt.Println(bad)
	}
	// Output:
	// alice.id "" "https://alice.example/profile.json" 8640
	// bob.id "1" "" 0
	// []
	// carol.id "1JeTQ5cQjsD57YGcsVFhwT7iuQUXJR6BSk" "" 0
	// []
	// alice.id "" "" 0
	// alice.id "" "" 0
	// [line 3: alice.id stands in line 2 already]
}

// A list of names to import into a namespace.
func Example_namesToImport() {
	rows, err := namespaces.ParseImports([]byte("name,owner,profile_url\nalice.id,0,https://alice.example/p.json\n"), "id")
	fmt.Println(rows[0].Name, rows[0].Owner, rows[0].URL, err)
	_, err = namespaces.ParseImports([]byte("name,owner,profile_url\nalice.com,0,https://alice.example/p.json\n"), "id")
	fmt.Println(err)
	// Output:
	// alice.id 0 https://alice.example/p.json <nil>
	// line 2: alice.com is not in namespace id
}

// Labels, as BIP 329 has them.
func Example_labels() {
	f, err := wallets.ReadLabels([]byte(`{"type":"output","ref":"f91d0a8a78462bc59398f2c5d7a84fcff491c26ba54c4833478b202796c8aafd:1","label":"from the faucet","spendable":false}` + "\n"))
	if err != nil {
		panic(err)
	}
	for outpoint, spendable := range f.Spendable {
		fmt.Println(f.Labels[0].Type, f.Labels[0].Text, outpoint.Index, spendable)
	}
	// Output:
	// output from the faucet 1 false
}
