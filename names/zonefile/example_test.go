package zonefile_test

import (
	"fmt"
	"strings"

	"blockstack/names"
	"blockstack/names/zonefile"
)

// A zone file that is made, and read again by whoever has its hash.
func Example() {
	name, err := names.Parse("alice.id")
	if err != nil {
		panic(err)
	}
	text, err := zonefile.Make(name, "https://alice.example/profile.json")
	if err != nil {
		panic(err)
	}
	fmt.Println(strings.TrimSpace(string(text)))
	z, err := zonefile.Parse(text)
	if err != nil {
		panic(err)
	}
	urls, err := z.ProfileURLs(name)
	fmt.Println(z.Hash() == names.HashZoneFile(text), urls, err)
	// Output:
	// $ORIGIN alice.id
	// $TTL 3600
	// _http._tcp	IN	URI	10	1	"https://alice.example/profile.json"
	// true [https://alice.example/profile.json] <nil>
}
