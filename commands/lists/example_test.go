package lists_test

import (
	"fmt"

	"blockstack/commands/lists"
)

// A list of names for name apply, as CSV and as JSON.
func ExampleParseWishes() {
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
