package namespaces_test

import (
	"fmt"

	"blockstack/commands/namespaces"
)

// A list of names to import into a namespace.
func ExampleParseImports() {
	rows, err := namespaces.ParseImports([]byte("name,owner,profile_url\nalice.id,0,https://alice.example/p.json\n"), "id")
	fmt.Println(rows[0].Name, rows[0].Owner, rows[0].URL, err)
	_, err = namespaces.ParseImports([]byte("name,owner,profile_url\nalice.com,0,https://alice.example/p.json\n"), "id")
	fmt.Println(err)
	// Output:
	// alice.id 0 https://alice.example/p.json <nil>
	// line 2: alice.com is not in namespace id
}
